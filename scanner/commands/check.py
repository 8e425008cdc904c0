"""The `check` command: reports the findings that a change introduces.

Exits with 0 if there are none, 1 if there are some, and 2 if that cannot be determined. Findings that the
change suppresses are listed but do not fail the check. A finding whose suppression comment was removed counts
again and fails it.
"""

from argparse import Namespace

from scanner.commands import UsageError, write
from scanner.commands.inputs import find_plan, require_contents, require_files, skipped, text_format, walking
from scanner.commands.progress import watching
from scanner.engine.matching import compare, doubts_of, ran_out
from scanner.engine.walker import Visit
from scanner.formats import Check, json, sarif
from scanner.git.repository import Repository, open_repository
from scanner.model import FileResult


def run(options: Namespace) -> int:
    """Print the new findings in the chosen format."""
    with open_repository(options.repository) as repository:
        head = repository.resolve(options.head)
        base, reason = _base(repository, options, head)
        plan = find_plan(repository, head, options.plan, options.server)
        require_files(repository, plan, head)
        with walking(repository, plan, options.as_of) as walker, watching("files", lambda: walker.progress):
            before, after = walker.walk([base, head])
        require_contents(skipped(_results(after)))
    comparison = compare(after.difference)
    doubts = doubts_of(after.difference)
    expired = tuple(move.after for move in ran_out(after.difference, comparison))
    report = Check(before.revision, after.revision, reason, plan, comparison, doubts, expired)
    formats = {"text": text_format().check, "json": json.check, "sarif": sarif.check}
    write(formats[options.format](report))
    if report.brought:
        return 1
    return 2 if doubts else 0


def _base(repository: Repository, options: Namespace, head: str) -> tuple[str, str]:
    """Return the commit to compare with, and an explanation of the choice."""
    target = repository.resolve(options.base)
    base = repository.merge_base(target, head)
    if base is None:
        raise UsageError(
            f"{options.base} and {options.head} have no common ancestor here, so new "
            "findings cannot be determined; in a shallow clone, run `git fetch --unshallow`"
        )
    if base == target:
        return base, f"{options.base}, an ancestor of {options.head}"
    if base == head:
        return base, f"{options.head} itself, which {options.base} already contains"
    parted = f"the merge base of {options.head} and {options.base}"
    return base, f"{parted}; later commits of {options.base} are not part of this change"


def _results(visit: Visit) -> list[FileResult]:
    """Return the head's results for notable files, and the base's results for changed files."""
    older = (before for before, _ in visit.difference.changed.values() if before)
    return [*visit.files.notable.values(), *older]
