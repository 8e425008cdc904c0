"""The `fix` command: prints fixes as a patch or as a series for `git am`, or writes them to the work tree.

Exits with 0 even if some findings could not be fixed.
"""

import os
import stat
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from scanner.commands import UsageError, warn
from scanner.commands.inputs import PROCESSES, find_plan, require_files
from scanner.commands.progress import bar
from scanner.engine.cache import ReportStore
from scanner.fixes.model import Rewrite, Selection
from scanner.fixes.requests import Series, rewrite_revision
from scanner.formats import printable
from scanner.git.command import GitError
from scanner.git.command import run as run_git
from scanner.git.repository import Repository, open_repository
from scanner.globs import glob_problem
from scanner.model import encode_path
from scanner.plan import Plan
from scanner.wording import counted

_NOBODY = ("SSOT scanner", "ssot-scanner@localhost")


def run(options: Namespace) -> int:
    """Print the fixes, and report on standard error which findings were not fixed and why."""
    with open_repository(options.repository) as repository:
        sha = repository.resolve(options.rev)
        plan = find_plan(repository, sha, options.plan, options.server)
        require_files(repository, plan, sha)
        selection = _selection(plan, options)
        top = _work_tree(options, repository, sha) if options.write else None
        store = ReportStore()
        try:
            with bar("files") as advance:
                found = rewrite_revision(
                    repository,
                    sha,
                    plan,
                    store,
                    selection=selection,
                    in_order=options.series,
                    processes=PROCESSES,
                    watch=advance,
                )
        finally:
            store.close()
    if top is not None:
        _write(top, found.files)
    else:
        sys.stdout.buffer.write(found.mailbox(_author(options.repository)) if options.series else found.patch)
        sys.stdout.buffer.flush()
    _report(found)
    return 0


def _selection(plan: Plan, options: Namespace) -> Selection:
    """Return the selection that the arguments describe.

    Raises UsageError for a name that the plan does not define.
    """
    known = {
        "rule": [rule.id for rule in plan.rules],
        "phase": [phase.id for issue in plan.issues for phase in issue.phases],
        "issue": [issue.key for issue in plan.issues],
    }
    for what, names in known.items():
        for wanted in getattr(options, what):
            if wanted not in names:
                offer = ", ".join(names) or "none"
                raise UsageError(f"the plan has no {what} {wanted!r}; it has {offer}")
    for glob in options.path:
        if problem := glob_problem(glob):
            raise UsageError(f"--path {glob!r} {problem}")
    return Selection(tuple(options.rule), tuple(options.phase), tuple(options.issue), tuple(options.path))


def _work_tree(options: Namespace, repository: Repository, sha: str) -> Path:
    """Return the root of the work tree.

    Raises UsageError if there is none or if another revision is checked out.
    """
    try:
        top = run_git(["rev-parse", "--show-toplevel"], working_dir=options.repository, own_config=True)
    except GitError as error:
        raise UsageError(f"{options.repository} has no work tree, which --write needs") from error
    if repository.resolve("HEAD") != sha:
        raise UsageError(f"--write needs the checked-out revision, but {options.rev} is a different one")
    return Path(os.fsdecode(top.rstrip(b"\n")))


def _write(top: Path, rewrites: Sequence[Rewrite]) -> None:
    """Write all files or none; each file must be unchanged since the revision."""
    root = os.fsencode(top.resolve())
    targets = [(Path(os.fsdecode(root + b"/" + encode_path(r.path))), r) for r in rewrites]
    for target, rewrite in targets:
        if not target.is_file() or target.resolve() != target:  # a symbolic link may lead outside
            raise UsageError(
                f"{printable(rewrite.path)}: is not a file in the work tree; nothing was written"
            )
        if target.read_bytes() != rewrite.before:
            raise UsageError(
                f"{printable(rewrite.path)}: differs from the revision; commit or stash your change, "
                "then run this again. Nothing was written"
            )
    for target, rewrite in targets:
        _replace(target, rewrite.after)


def _replace(target: Path, content: bytes) -> None:
    """Replace a file's content atomically, keeping its mode."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".fix-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(stat.S_IMODE(target.stat().st_mode))
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _author(folder: str) -> tuple[str, str]:
    """Return the commit author: the current user, as configured in git."""
    try:
        identity = run_git(["var", "GIT_AUTHOR_IDENT"], working_dir=folder, own_config=True)
    except GitError:
        return _NOBODY
    name, _, rest = identity.decode("utf-8", "replace").partition(" <")
    address = rest.partition(">")[0]
    return (name, address) if name and address else _NOBODY


def _report(found: Series) -> None:
    for guide in found.guides:
        warn(printable(f"{guide.path}:{guide.line}: {guide.rule}/{guide.role}: {guide.title}"))
        for number, step in enumerate(guide.steps, start=1):
            warn(printable(f"    {number}. {step}"))
    for refusal in found.refused:
        warn(printable(f"{refusal.path}:{refusal.line}: {refusal.rule}/{refusal.role}: {refusal.reason}"))
    files = found.files
    fixed = {(f.path, f.fingerprint) for rewrite in files for f in rewrite.fixed}
    warn(
        f"{counted(len(fixed), 'finding')} fixed in {counted(len(files), 'file')}, "
        f"{len(found.refused)} left alone, {counted(len(found.guides), 'guide')}"
    )
