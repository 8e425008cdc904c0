"""Orders candidates: what the code itself says comes first, and what is used most in production."""

import math
from collections.abc import Iterable

from scanner.proposals.model import Candidate, Evidence

_IN_TESTS = 0.25
"""What a place in a test counts, compared with one in production: tests often test the old name itself."""

_MOST_FOR_STYLE = 5.0
"""What any number of places counts for a matter of style, which is never urgent."""


def score(candidate: Candidate) -> float:
    """Return the value by which candidates are ordered."""
    places = candidate.production_places + _IN_TESTS * (candidate.places - candidate.production_places)
    evidence = Evidence[candidate.evidence.upper()]
    return evidence + min(math.log2(1 + places), _MOST_FOR_STYLE if evidence == Evidence.STYLE else math.inf)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates, best first."""
    return sorted(candidates, key=lambda each: (-score(each), each.title))
