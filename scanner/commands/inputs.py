"""Loads the input of a command: the repository, the plan, and one scanned revision."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path

from scanner.commands import UsageError, warn
from scanner.commands.progress import watching
from scanner.engine.cache import ReportStore
from scanner.engine.walker import Walker
from scanner.engine.worker import reader_count
from scanner.formats import Scan, printable
from scanner.formats.text import Text
from scanner.git.batch import FILTERED, Missing
from scanner.git.repository import Repository
from scanner.model import Fault, FileResult, RepoPath, decode_path
from scanner.plan import Plan
from scanner.planfile import DEFAULT_PATH, read_plan
from scanner.wording import counted

_NAMED = 5
PROCESSES = reader_count()


def find_plan(repository: Repository, sha: str, file: str | None, server: str | None = None) -> Plan:
    """Return the plan from the given file or server, or the one that the revision itself contains.

    Raises UsageError if there is none, PlanError if it has errors.
    """
    if file and server:
        raise UsageError("give either --plan or --server")
    if server:
        # Most commands read a local plan, and importing an HTTP client takes a fifteenth of their start.
        plan: Plan = import_module("scanner.commands.server_plan").fetch_plan(server)
        return plan
    if file:
        return read_plan(read_file(file), file)
    content = repository.content(sha, RepoPath(DEFAULT_PATH))
    if isinstance(content, Missing):
        raise UsageError(
            f"no plan: {DEFAULT_PATH} {content.reason} ({sha[:10]}); give a plan with --plan FILE, "
            "or start one with `python -m scanner plan init`"
        )
    return read_plan(content, f"{sha[:10]}:{DEFAULT_PATH}")


def read_file(file: str) -> bytes:
    """Return the bytes of a plan file on this machine."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read: {error.strerror}; pass the path of a plan with --plan"
        ) from error


@contextmanager
def walking(repository: Repository, plan: Plan, as_of: date | None = None) -> Iterator[Walker]:
    """Yield a walker for a `with` block; dated suppressions are judged as of the day `as_of`.

    Reports are stored in the user's cache folder, so that an interrupted walk resumes where it stopped.
    """
    store = ReportStore()
    walker = Walker(repository, plan, store, processes=PROCESSES, as_of=as_of)
    try:
        yield walker
    finally:
        walker.close()
        store.close()


def scan_revision(repository: Repository, plan: Plan, sha: str, as_of: date | None = None) -> Scan:
    """Scan one revision. Raises UsageError if the plan includes none of its files."""
    require_files(repository, plan, sha)
    with walking(repository, plan, as_of) as walker, watching("files", lambda: walker.progress):
        (visit,) = walker.walk([sha])
    results = [visit.files.notable[path] for path in sorted(visit.files.notable)]
    require_contents(skipped(results))
    return Scan(
        visit.revision,
        plan,
        visit.tally,
        tuple(finding for result in results for finding in result.findings),
        unparsed(results),
        skipped(results),
    )


def unparsed(results: Iterable[FileResult]) -> tuple[Fault, ...]:
    """Return the files that do not parse, in the given order."""
    return tuple(result.unparsed for result in results if result.unparsed)


def skipped(results: Iterable[FileResult]) -> tuple[Fault, ...]:
    """Return the files that were not read, in the given order."""
    return tuple(result.skipped for result in results if result.skipped)


def require_contents(faults: Iterable[Fault]) -> None:
    """Raise UsageError if a partial clone lacks contents that count, because figures would look too good."""
    lost = [fault for fault in faults if FILTERED in fault.reason]
    if lost:
        raise UsageError(f"{counted(len(lost), 'file')} in scope {lost[0].reason}")


def require_files(repository: Repository, plan: Plan, sha: str) -> None:
    """Raise UsageError if the plan includes no file, and warn about paths that are left out."""
    files = repository.files(sha)
    if left_out := repository.left_out(sha):
        named = ", ".join(printable(decode_path(path)) for path in left_out[:_NAMED])
        rest = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        warn(f"left out at {sha[:10]}, because no checkout can have such paths: {named}{rest}")
    if not any(plan.in_scope(decode_path(path)) for path, _ in files):
        raise UsageError(
            f"the plan {plan.name!r} includes none of the {len(files)} files at {sha[:10]}: "
            f"scope.include is {list(plan.scope.include)}, scope.exclude is {list(plan.scope.exclude)}"
        )


def text_format() -> Text:
    """Return the text format, in colours on a terminal unless they are disabled."""
    return Text(colours=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
