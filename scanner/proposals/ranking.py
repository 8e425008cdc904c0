"""Orders candidates: what the code itself says comes first, and what is used most in production."""

import math
from collections.abc import Iterable

from scanner.proposals.model import Candidate, Evidence

_IN_TESTS = 0.25
"""What a place in a test counts, compared with one in production: tests often test the old name itself."""


def score(candidate: Candidate) -> float:
    """Return the value by which candidates are ordered."""
    places = candidate.production_places + _IN_TESTS * (candidate.places - candidate.production_places)
    return Evidence[candidate.evidence.upper()] + math.log2(1 + places)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates, best first."""
    return sorted(candidates, key=lambda each: (-score(each), each.title))
