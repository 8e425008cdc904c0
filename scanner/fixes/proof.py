"""Checks that a rewritten file must pass before it is shown.

The file must compile. A scan of the whole revision must find nothing new and must no longer find what was to
be fixed. All text outside the edits must be unchanged. `rounds` also runs the fix again to prove that a
second run changes nothing.
"""

import warnings
from collections.abc import Sequence

from scanner.engine.matching import compare
from scanner.engine.revision_state import Changed
from scanner.fixes.identity.verdict import Snapshot
from scanner.fixes.text_edits import Edit, EncodingError, apply_edits, encode_like
from scanner.fixes.workspace import Workspace, difference
from scanner.model import Finding, RepoPath


class UnprovenError(Exception):
    """A result that failed a check; the message says which one.

    `waits` says that the check may pass once other files have been fixed.
    """

    def __init__(self, reason: str, *, waits: bool = False) -> None:
        super().__init__(reason)
        self.waits = waits


def require_compiled(path: RepoPath, content: bytes) -> None:
    """Raise UnprovenError if the running Python version would not compile a text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(content, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UnprovenError(f"does not compile (line {error.lineno}: {error.msg})") from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise UnprovenError(f"does not compile ({error or type(error).__name__})") from error


def encode_edits(raw: bytes, data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return the file's new bytes in its own encoding.

    Raises UnprovenError if bytes outside the edits would change.
    """
    new = apply_edits(data, edits)
    try:
        if encode_like(raw, data, data) != raw:
            raise UnprovenError("could not be written back byte for byte")
        return encode_like(raw, data, new)
    except EncodingError as error:
        raise UnprovenError(str(error)) from error


def prove(
    workspace: Workspace,
    path: RepoPath,
    content: bytes,
    aims: Sequence[Finding],
    *,
    edits: Sequence[Edit] = (),
    skip: Sequence[Edit] = (),
) -> tuple[Finding, ...]:
    """Put a new text into the workspace and return the findings that it fixes, in any file.

    `edits` lead from the old text to the new one; `skip` are those that change on purpose what the code does.
    Raises UnprovenError, and leaves the workspace unchanged, if the text does not compile, if a name in it or
    in another file would refer to something that the plan does not want, if it introduces a finding, or if
    none of the targeted findings is fixed.
    """
    require_compiled(path, content)
    was = path in workspace.changed
    before = workspace.content(path)
    if not isinstance(before, bytes):
        raise UnprovenError(before.reason)
    snapshot = Snapshot(workspace, path, content, edits, skip)
    changed = workspace.propose(path, content)
    try:
        if fault := snapshot.fault():
            raise UnprovenError(f"cannot be shown to be right: {fault.reason}", waits=fault.waits)
        return _require_improvement(changed, path, aims)
    except UnprovenError:
        workspace.withdraw(path, before, was_changed=was)
        raise


def _require_improvement(changed: Changed, path: RepoPath, aims: Sequence[Finding]) -> tuple[Finding, ...]:
    after = changed[path][1] if path in changed else None
    if after is not None and (after.unparsed or after.skipped or after.tainted):
        fault = after.unparsed or after.skipped
        raise UnprovenError(
            f"could not be analysed afterwards: {fault.reason if fault else 'it does not parse'}"
        )
    comparison = compare(difference(changed))
    brought = [*comparison.new, *(move.after for move in comparison.restored)]
    # An import that only this file needed is now unused: the same finding with another role.
    same = {_place(finding) for finding in comparison.fixed if finding.path != path}
    brought = [finding for finding in brought if _place(finding) not in same]
    if brought:
        first = brought[0]
        raise UnprovenError(
            f"would introduce a new finding: {first.path}:{first.line} {first.rule}/{first.role}"
        )
    left = {_place(finding) for finding in comparison.new if _place(finding) in same}
    fixed = tuple(finding for finding in comparison.fixed if _place(finding) not in left)
    # Of several equal findings in a file, the comparison cannot tell which one is gone.
    gone = {(f.path, f.rule, f.role, f.symbol) for f in fixed}
    aimed = {(f.path, f.rule, f.role, f.symbol) for f in aims}
    if aimed and not gone & aimed:
        raise UnprovenError("would fix none of the findings")
    return fixed


def _place(finding: Finding) -> tuple[str, str, str, int, int]:
    return finding.path, finding.rule, finding.symbol, finding.line, finding.column
