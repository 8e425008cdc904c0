"""Orders candidates: what the code itself says comes first, and what is used most in production."""

import math
from collections.abc import Iterable

from scanner.proposals.model import Candidate, Evidence

_IN_TESTS = 0.25
"""What a place in a test counts, compared with one in production: tests often test the old name itself."""

_MOST_FOR_STYLE = 5.0
"""What any number of places counts for a matter of style, which is never urgent."""


_UNDER_WAY = 1.0
"""What it counts that fewer files use the old names than in the past: somebody is at work."""

MOST_FINISHED = 10
"""Maximum number of finished migrations in a proposal that has many others."""

_FULL = 20
"""Number of candidates up to which more finished migrations are added."""


def score(candidate: Candidate) -> float:
    """Return the value by which candidates are ordered; finished ones by what they were."""
    if candidate.earlier is not None and candidate.is_finished:
        return math.log2(1 + candidate.earlier.files)
    places = candidate.production_places + _IN_TESTS * (candidate.places - candidate.production_places)
    evidence = Evidence[candidate.evidence.upper()]
    moving = _UNDER_WAY if candidate.earlier is not None else 0.0
    return (
        evidence
        + moving
        + min(math.log2(1 + places), _MOST_FOR_STYLE if evidence == Evidence.STYLE else math.inf)
    )


def ranked(candidates: Iterable[Candidate], most: int) -> list[Candidate]:
    """Return at most that many candidates, best first, and finished migrations after all others."""
    ordered = sorted(candidates, key=lambda each: (-score(each), each.title))
    active = [each for each in ordered if not each.is_finished]
    finished = [each for each in ordered if each.is_finished][: max(MOST_FINISHED, _FULL - len(active))]
    return [*active[: most - len(finished)], *finished]
