"""The `check` command: reports the findings that a change introduces.

Exits with 0 if there are none, 1 if there are some, and 2 if that cannot be determined. Findings that the
change suppresses are listed but do not fail the check. A finding whose suppression comment was removed counts
again and fails it.
"""

from argparse import Namespace
from collections.abc import Sequence
from itertools import chain

from scanner.commands import UsageError, write
from scanner.commands.inputs import find_plan, require_contents, require_files, skipped, text_format, walking
from scanner.commands.progress import watching
from scanner.engine.several_bases import compare_with_all, doubts_with_all
from scanner.engine.walker import Visit
from scanner.formats import Check, code_quality, json, sarif
from scanner.git.repository import Repository, open_repository
from scanner.model import FileResult


def run(options: Namespace) -> int:
    """Print the new findings in the chosen format."""
    with open_repository(options.repository) as repository:
        head = repository.resolve(options.head)
        target = repository.resolve(options.base)
        bases, reason = _bases(repository, options, target, head)
        plan = find_plan(repository, head, options.plan, options.server)
        require_files(repository, plan, head)
        with walking(repository, plan, options.as_of) as walker, watching("files", lambda: walker.progress):
            compared = (*bases, target) if len(bases) > 1 else bases
            visits = list(walker.walk(chain.from_iterable((one, head) for one in compared)))
        heads = visits[1 : 2 * len(bases) : 2]
        require_contents(skipped(_results(heads)))
    differences = [visit.difference for visit in heads]
    comparison, expired = compare_with_all(differences, visits[-1].difference)
    doubts = doubts_with_all(differences)
    report = Check(
        visits[0].revision,
        heads[0].revision,
        reason,
        plan,
        comparison,
        doubts,
        tuple(move.after for move in expired),
        bases[1:],
    )
    formats = {
        "text": text_format().check,
        "json": json.check,
        "sarif": sarif.check,
        "code-quality": code_quality.check,
    }
    write(formats[options.format](report))
    if report.brought:
        return 1
    return 2 if doubts else 0


def _bases(repository: Repository, options: Namespace, target: str, head: str) -> tuple[tuple[str, ...], str]:
    """Return the commits to compare with, and an explanation of the choice."""
    bases = repository.merge_bases(target, head)
    if not bases:
        raise UsageError(
            f"{options.base} and {options.head} have no common ancestor here, so new "
            "findings cannot be determined; in a shallow clone, run `git fetch --unshallow`"
        )
    if bases[0] == target:
        return bases, f"{options.base}, an ancestor of {options.head}"
    if bases[0] == head:
        return bases, f"{options.head} itself, which {options.base} already contains"
    if len(bases) > 1:
        others = ", ".join(base[:10] for base in bases[1:])
        return bases, (
            f"one of {len(bases)} merge bases of {options.head} and {options.base}, which have merged each "
            f"other (also {others}); only what none of them has is new"
        )
    parted = f"the merge base of {options.head} and {options.base}"
    return bases, f"{parted}; later commits of {options.base} are not part of this change"


def _results(heads: Sequence[Visit]) -> list[FileResult]:
    """Return the head's results for notable files, and the bases' results for changed files."""
    changed = chain.from_iterable(visit.difference.changed.values() for visit in heads)
    return [*heads[-1].files.notable.values(), *(before for before, _ in changed if before)]
