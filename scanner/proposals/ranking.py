"""Orders candidates by what a migration is worth: how far it spreads, and what there is to go to."""

import math
from collections.abc import Iterable, Mapping

from scanner.proposals.model import Candidate, Evidence
from scanner.proposals.survey import PRODUCTION

_IN_OTHERS = 0.25
"""What a file outside the counted categories counts: tests often test the old name itself."""

_BY_EVIDENCE: Mapping[Evidence, float] = {
    Evidence.FINISHED: 0.0,
    Evidence.SHARED_STATE: -2.0,
    Evidence.DUPLICATE: -2.0,
    Evidence.STYLE: -3.0,
    Evidence.OLD_PYTHON: 0.5,
    Evidence.REMOVED_FROM_PYTHON: 1.0,
    Evidence.MOVED: 1.5,
    Evidence.DEPRECATED: 2.0,
    Evidence.SHARED_BY_USERS: 5.0,
}

_BY_REPLACEMENT = {"repository": 2.0, "elsewhere": 1.0, "": -1.0}
"""What it counts where the replacement is: one in the repository shows that somebody wants the migration."""

_ONLY_TESTS = -1.5
"""What it counts that a migration concerns tests only."""

_UNDER_WAY = 2.0
"""What it counts that several files are left to migrate."""

_LEFT = 3
"""Number of files that are several."""

_MOST_FOR_STYLE = 5.0
"""What any spread counts for a matter of style, which is never urgent."""

MOST_FINISHED = 10
"""Maximum number of finished migrations in a proposal that has many others."""

_FULL = 20
"""Number of candidates up to which more finished migrations are added."""


def score(candidate: Candidate) -> float:
    """Return the value by which candidates are ordered.

    The spread counts by its logarithm: what remains of it, or what it was in the past, whichever is more.
    """
    evidence = Evidence[candidate.evidence.upper()]
    others = candidate.files - candidate.counted_files
    spread = math.log2(1 + candidate.spread + _IN_OTHERS * others)
    if evidence == Evidence.STYLE:
        spread = min(spread, _MOST_FOR_STYLE)
    left = _UNDER_WAY if candidate.counted_files >= _LEFT else 0.0
    tests = 0.0 if PRODUCTION in candidate.counted else _ONLY_TESTS
    return spread + left + tests + _BY_EVIDENCE[evidence] + _BY_REPLACEMENT[candidate.replaced_in]


def ranked(candidates: Iterable[Candidate], most: int) -> list[Candidate]:
    """Return at most that many candidates by their standing, best first, with a limited number of finished
    migrations.
    """
    ordered = sorted(candidates, key=lambda each: (each.standing, -score(each), each.title))
    active = [each for each in ordered if not each.is_finished]
    finished = [each for each in ordered if each.is_finished][: max(MOST_FINISHED, _FULL - len(active))]
    chosen = {each.key for each in (*active[: most - len(finished)], *finished)}
    return [each for each in ordered if each.key in chosen]
