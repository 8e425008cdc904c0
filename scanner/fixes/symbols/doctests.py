"""Finds the examples in docstrings that use a module-level name."""

import re
from collections.abc import Iterator

from scanner.fixes.context import FixContext
from scanner.fixes.model import RefusedError
from scanner.fixes.text_edits import Edit
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath
from scanner.python.text import word_offsets

_EXAMPLE = re.compile(rb">>>[ \t]|^[ \t]*\.\.\.[ \t]")  # `>>>` is not part of any code


def examples_with(context: FixContext, name: str) -> Iterator[int]:
    """Yield the offsets at which an example in a string uses a name."""
    data = context.source.data
    if b">>>" not in data:
        return
    for at in word_offsets(data, name.encode()):
        if _EXAMPLE.search(data[context.line_start(at) : at]) and data[at - 1 : at] != b".":
            yield at


def example_line(context: FixContext, name: str) -> int:
    """Return the line of the first example that uses a name; 0 if there is none."""
    at = next(examples_with(context, name), None)
    return 0 if at is None else context.line(at)


def rename_in_examples(context: FixContext, old: str, new: str) -> tuple[Edit, ...]:
    """Return the edits that rename a name in examples. Raises RefusedError if an example binds it itself."""
    data = context.source.data
    edits = []
    for at in examples_with(context, old):
        before, after = (
            data[context.line_start(at) : at],
            data[at + len(old.encode()) : context.next_line(at)],
        )
        if re.search(rb"\b(?:import|def|class|for|as)\b", before) or re.match(rb"[ \t]*=(?!=)", after):
            raise RefusedError(f"the example on line {context.line(at)} binds {old}: change it by hand")
        edits.append(Edit(at, at + len(old.encode()), new.encode()))
    return tuple(edits)


def example_of(workspace: Workspace, symbol: str) -> tuple[RepoPath, int] | None:
    """Return the path and line of an example that names a symbol with its module; None if there is none."""
    module, _, last = symbol.rpartition(".")
    names = (re.escape(module.encode()), re.escape(last.encode()))
    pattern = re.compile(rb">>>[^\n]*\b%b\b[^\n]*\b%b\b" % names)
    for path in workspace.containing(last):
        content = workspace.content(path)
        found = pattern.search(content) if isinstance(content, bytes) else None
        if found is not None and isinstance(content, bytes):
            return path, content.count(b"\n", 0, found.start()) + 1
    return None
