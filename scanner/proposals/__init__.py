"""Proposes what to migrate, from one revision of a repository alone: candidates with figures, best first."""

from collections.abc import Callable

from scanner.engine.cache import Store
from scanner.git.repository import Repository
from scanner.proposals.coverage import is_covered
from scanner.proposals.detectors import detectors
from scanner.proposals.document import compose_plan, extend_plan, plan_head
from scanner.proposals.evaluation import (
    candidate,
    promising,
    scan,
    valid,
    with_source_lines,
    with_unique_ids,
    without_repeats,
    without_same_places,
)
from scanner.proposals.model import Candidate, EarlierUse, Place, Proposal
from scanner.proposals.ranking import ranked
from scanner.proposals.survey import read_layout, survey

__all__ = [
    "MOST",
    "Candidate",
    "EarlierUse",
    "Place",
    "Progress",
    "Proposal",
    "compose_plan",
    "extend_plan",
    "is_covered",
    "propose_plan",
]

MOST = 40
"""Maximum number of candidates in a proposal."""

Progress = Callable[[str, int, int], None]
"""Receives what is being done, how many files that has been done for, and how many there are, which is 0 if
it isn't done file by file.
"""


def _silent(_doing: str, _done: int, _total: int) -> None:
    """Report nothing."""


def propose_plan(
    repository: Repository,
    sha: str,
    *,
    store: Store | None = None,
    processes: int = 1,
    progress: Progress = _silent,
) -> Proposal:
    """Return the candidates of one revision.

    Every file is read once by the detectors, and once more by the engine under a plan that has the rules of
    all ideas. Raises `GitError` if the repository cannot be read.
    """
    layout = read_layout(repository, sha)
    head = plan_head(layout)
    every = list(detectors())
    found = survey(
        repository,
        sha,
        layout,
        [each.read for each in every],
        [marker for each in every for marker in each.markers],
        watch=lambda done, all_: progress("step 1 of 4, reading", done, all_),
    )
    progress("step 2 of 4, comparing names with those of earlier commits", 0, 0)
    thought = without_repeats(idea for each in every for idea in each.ideas(found))
    ideas = valid(with_unique_ids(promising(thought, found)), head)
    found.past.forget_contents()
    if not ideas:
        return Proposal(sha, tuple(head), ())
    scanned = scan(
        repository,
        sha,
        head,
        ideas,
        store=store,
        processes=processes,
        watch=lambda done, all_: progress("step 3 of 4, trying the rules", done, all_),
    )
    progress("step 4 of 4, ranking the candidates", 0, 0)
    distinct = without_same_places(ideas, scanned)
    candidates = [made for idea in distinct if (made := candidate(idea, scanned, found))]
    best = ranked(candidates, MOST)
    return Proposal(sha, tuple(head), tuple(with_source_lines(each, repository, sha) for each in best))
