"""The `history` command: prints one row per commit, oldest first, as soon as it is known.

Each commit is compared with its first parent.
"""

import sys
from argparse import Namespace
from collections import deque
from collections.abc import Iterable, Iterator

from scanner.commands import UsageError, warn, write
from scanner.commands.inputs import (
    find_plan,
    require_contents,
    require_files,
    skipped,
    text_format,
    unparsed,
    walking,
)
from scanner.commands.progress import Advance, bar
from scanner.engine.matching import compare
from scanner.engine.movement import count_movement
from scanner.engine.walker import Visit, Walker
from scanner.formats import Row, csv, json
from scanner.formats.text import identify
from scanner.git.repository import Repository, open_repository
from scanner.model import FileResult, Movement, RepoPath, Revision
from scanner.plan import Plan

# Most branches start at a commit that was visited recently.
_REMEMBERED = 1000


def run(options: Namespace) -> int:
    """Print the history in the chosen format."""
    with open_repository(options.repository) as repository:
        sha = repository.resolve(options.rev)
        plan = find_plan(repository, sha, options.plan, options.server)
        require_files(repository, plan, sha)
        first_parent = not options.all_commits
        total = repository.count(sha, since=options.since, first_parent=first_parent)
        if not total:
            raise UsageError(
                f"no commit of {options.rev} was made since {options.since:%Y-%m-%d}; give an earlier date"
            )
        _require_whole(repository, options, sha)
        line = repository.line(sha, since=options.since, first_parent=first_parent, oldest_first=True)
        formats = {"text": text_format().history, "json": json.history, "csv": csv.history}
        if options.format == "text":
            warn(identify(plan))  # the output has one line per commit
        # On a terminal, the rows themselves show the progress.
        with (
            walking(repository, plan) as walker,
            bar("commits", shown=not sys.stdout.isatty()) as advance,
        ):
            write(formats[options.format](_rows(plan, walker, line, total, advance)))
    return 0


def _require_whole(repository: Repository, options: Namespace, sha: str) -> None:
    """Raise UsageError if a shallow clone lacks the parent of a commit that is to be listed."""
    ends = repository.cut_off()
    line = repository.line(sha, since=options.since, first_parent=not options.all_commits) if ends else ()
    if cut := {revision.sha for revision in line if revision.sha in ends}:
        raise UsageError(
            f"{options.repository} is a shallow clone: its history ends at {min(cut)[:10]}; run "
            "`git fetch --unshallow` in it, or give a later date with --since"
        )


def _rows(
    plan: Plan, walker: Walker, line: Iterable[Revision], total: int, advance: Advance
) -> Iterator[Row]:
    faulty: dict[RepoPath, FileResult] = {}
    course = _Course(line)
    number = 0
    for visit in walker.walk(course):
        for path, (_, after) in visit.difference.changed.items():
            faulty.pop(path, None)
            if after and (after.unparsed or after.skipped):
                faulty[path] = after
        if course.passes():
            continue
        results = [faulty[path] for path in sorted(faulty)]
        require_contents(skipped(results))
        number += 1
        advance(number, total)
        yield Row(
            visit.revision,
            plan,
            visit.tally,
            _movement(visit, plan),
            unparsed(results),
            skipped(results),
        )


def _movement(visit: Visit, plan: Plan) -> Movement:
    """Return how the violations differ from the first parent's; without one, all are new."""
    if not visit.revision.parents:
        return Movement(new=visit.tally.violations)
    return count_movement(compare(visit.difference), plan.compliance_counts)


class _Course:
    """The order of the walk.

    Each commit comes directly after its first parent, which is visited again if necessary.
    """

    def __init__(self, line: Iterable[Revision]) -> None:
        self._line = line
        self._passes: deque[bool] = deque()

    def __iter__(self) -> Iterator[str | Revision]:
        recent: dict[str, Revision] = {}
        at = ""
        for revision in self._line:
            first = revision.parents[0] if revision.parents else at
            if first != at:
                self._passes.append(True)
                yield recent.get(first, first)
            self._passes.append(False)
            yield revision
            at = revision.sha
            recent[at] = revision
            if len(recent) > _REMEMBERED:
                del recent[next(iter(recent))]

    def passes(self) -> bool:
        """Return whether the next visit only prepares the one after it.

        Must be called exactly once per visit.
        """
        return self._passes.popleft()
