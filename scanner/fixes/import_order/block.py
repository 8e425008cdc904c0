"""Import blocks in a text: where they are, and the edits that would sort one."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.text_edits import Edit, line_edits
from scanner.python.imports import IMPORTS
from scanner.python.source import Source

_IMPORTS = IMPORTS | {"future_import_statement"}
_BLOCKS = frozenset({"module", "block"})
_COMPOUND = _BLOCKS | {
    *("if_statement", "elif_clause", "else_clause", "for_statement", "while_statement", "try_statement"),
    *("except_clause", "except_group_clause", "finally_clause", "with_statement", "match_statement"),
    *("case_clause", "function_definition", "class_definition", "decorated_definition"),
}
# Blank lines, comments and the next line of code.
_FOLLOWING = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[^\n]*")


@dataclass(frozen=True, slots=True)
class UnsortedBlock:
    """An import block that is not sorted: its byte range, and the edits that sort it."""

    start: int
    end: int
    edits: tuple[Edit, ...]


# Returns the unsorted blocks of a text; None if the sorter cannot judge it.
Sorter = Callable[[bytes], Sequence[UnsortedBlock] | None]


def compare_blocks(before: str, after: str, path: str) -> list[UnsortedBlock]:
    """Return the blocks in which two texts differ; the second is the first with sorted blocks.

    Differences outside of import blocks are ignored.
    """
    edits = line_edits(before.encode(), after.encode())
    if not edits:
        return []
    found = []
    for block in blocks_in(Source(path, before.encode()).root):
        for start, end in _in_block(block):
            inside = tuple(edit for edit in edits if start <= edit.start and edit.end <= end)
            if inside:
                found.append(UnsortedBlock(start, end, inside))
    return found


def touch_imports(data: bytes, path: str, ranges: Sequence[tuple[int, int]]) -> bool:
    """Return whether one of some ranges touches imports, or the code that decides the lines around them."""
    if not ranges:
        return False
    for block in blocks_in(Source(path, data).root):
        for start, end in _in_block(block):
            following = _FOLLOWING.match(data, end)
            last = end if following is None else following.end()
            if any(low <= last and start <= high for low, high in ranges):
                return True
    return False


def blocks_in(root: Node) -> Iterator[Node]:
    """Yield every node that contains statements, beginning with the module."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in _BLOCKS:
            yield node
        waiting += [child for child in node.named_children if child.type in _COMPOUND]


def _in_block(block: Node) -> Iterator[tuple[int, int]]:
    """Yield the range of each group of imports in a block, with the comments and blank lines around it."""
    start = last = block.start_byte if block.type == "block" else 0
    is_open = False
    for statement in block.named_children:
        if statement.type == "comment":
            continue
        if statement.type in _IMPORTS:
            if not is_open:
                start, is_open = last, True
        elif is_open:
            yield start, statement.start_byte
            is_open = False
        last = statement.end_byte
    if is_open:
        # Comments after the last statement are outside of the block's node.
        yield start, max(block.end_byte, last + 1)
