"""`history`: one row a commit of the first-parent line, oldest first, each as soon as it is known."""

import sys
from argparse import Namespace
from collections.abc import Iterator

from scanner.commands import UsageError, write
from scanner.commands.progress import Advance, bar
from scanner.commands.request import (
    find_plan,
    require_contents,
    require_files,
    skipped,
    text_format,
    unparsed,
    walking,
)
from scanner.formats import Row, csv, json
from scanner.identity import compare
from scanner.plan import Plan
from scanner.repository import open_repository
from scanner.scan import Walker
from scanner.values import FileResult, Path, Revision


def run(options: Namespace) -> int:
    """Print the history in the format asked for."""
    with open_repository(options.repository) as repository:
        sha = repository.resolve(options.rev)
        plan = find_plan(repository, sha, options.plan)
        require_files(repository, plan, sha)
        line = list(repository.line(sha, since=options.since))[::-1]
        if not line:
            raise UsageError(
                f"no commit of {options.rev} is as young as {options.since:%Y-%m-%d}; name an earlier day"
            )
        if cut := repository.cut_off().intersection(revision.sha for revision in line):
            raise UsageError(
                f"{options.repository} is a shallow clone: its history ends at {min(cut)[:10]}; run "
                "`git fetch --unshallow` in it, or name a later day with --since"
            )
        formats = {"text": text_format().history, "json": json.history, "csv": csv.history}
        # On a terminal the rows themselves show how far it is.
        with (
            walking(repository, plan) as walker,
            bar("commits", shown=not sys.stdout.isatty()) as advance,
        ):
            write(formats[options.format](_rows(plan, walker, line, advance)))
    return 0


def _rows(plan: Plan, walker: Walker, line: list[Revision], advance: Advance) -> Iterator[Row]:
    """The rows; the commit before the first is visited too, so that the first says what it changed itself."""
    faulty: dict[Path, FileResult] = {}
    earlier = line[0].parents[:1]
    for number, visit in enumerate(walker.walk([*earlier, *line]), start=1 - len(earlier)):
        for path, (_, after) in visit.difference.changed.items():
            faulty.pop(path, None)
            if after and (after.unparsed or after.skipped):
                faulty[path] = after
        if number == 0:
            continue
        comparison = compare(visit.difference)
        results = [faulty[path] for path in sorted(faulty)]
        require_contents(skipped(results))
        row = Row(
            visit.revision,
            plan,
            visit.tally,
            len(comparison.new),
            len(comparison.fixed),
            unparsed(results),
            skipped(results),
        )
        advance(number, len(line))
        yield row
