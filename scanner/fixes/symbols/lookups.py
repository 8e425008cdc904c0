"""Finds what looks a definition up by its name, which no import shows: entry points and strings."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.model import RefusedError
from scanner.fixes.workspace import Workspace

_ENTRY_POINT_FILES = frozenset({"pyproject.toml", "setup.cfg"})
_OWN_NAMES = re.compile(r"\b(globals|vars|locals)\(\)|sys\.modules\[__name__\]|import_module\(__name__\)")


def require_no_lookup(context: FixContext, symbol: str) -> None:
    """Raise RefusedError if an entry point or a string needs a definition under its name."""
    if line := own_lookup(context, symbol.rpartition(".")[2]):
        raise RefusedError(f"line {line} looks {symbol.rpartition('.')[2]} up by its name")
    if place := next(_entry_points(context.workspace, symbol), ""):
        raise RefusedError(f"{place} names it as an entry point: change that first")
    if place := next(_member_texts(context.workspace, symbol), ""):
        raise RefusedError(f"{place} names a member of it in a string: change that first")


def own_lookup(context: FixContext, name: str) -> int:
    """Return the line on which a file looks up a name of its own module by a string; 0 if none does."""
    source = context.source
    for node in source.strings(name):
        if source.constant(node) == name and _is_lookup(context, node):
            return int(node.start_point.row) + 1
    return 0


def _is_lookup(context: FixContext, node: Node) -> bool:
    """Return whether a string is a key of the module's names, as in `globals()["f"]`."""
    around = next(context.source.ancestors(node), None)
    if around is None:
        return False
    if around.type == "argument_list":
        around = next(context.source.ancestors(around), around)
    elif around.type != "subscript":
        return False
    before = context.source.data[around.start_byte : node.start_byte].decode("utf-8", "replace")
    return _OWN_NAMES.search(before) is not None


def _entry_points(workspace: Workspace, symbol: str) -> Iterator[str]:
    """Yield the places that name a symbol or a member of it as an entry point, `module:name`."""
    module, _, last = symbol.rpartition(".")
    pattern = re.compile(rf"(?<![\w.]){re.escape(module)}\s*:\s*{re.escape(last)}(?!\w)")
    yield from _places(pattern, workspace.configuration(_ENTRY_POINT_FILES))
    yield from _places(pattern, _texts(workspace, last))


def _member_texts(workspace: Workspace, symbol: str) -> Iterator[str]:
    """Yield the places where a string is the dotted name of a symbol's member, as `patch` takes it."""
    pattern = re.compile(rf"(['\"])(?:\w+\.)*{re.escape(symbol)}(?:\.\w+)+\1")
    yield from _places(pattern, _texts(workspace, symbol.rpartition(".")[2]))


def _texts(workspace: Workspace, word: str) -> Iterator[tuple[str, str]]:
    for path in workspace.containing(word):
        content = workspace.content(path)
        if isinstance(content, bytes):
            yield path, content.decode("utf-8", "replace")


def _places(pattern: re.Pattern[str], texts: Iterator[tuple[str, str]]) -> Iterator[str]:
    for path, text in texts:
        for match in pattern.finditer(text):
            yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
