"""Removes statements from a block, including their lines if nothing else is on them."""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.text_edits import Edit

BLOCKS = frozenset({"block", "module"})


def statement_of(context: FixContext, node: Node) -> Node:
    """Return the statement that contains a node, or the node itself if it is a statement."""
    below = node
    for above in context.source.ancestors(node):
        if above.type in BLOCKS:
            return below
        below = above
    return below


def block_of(context: FixContext, statement: Node) -> Node:
    """Return the block that contains a statement; at the top level, this is the module."""
    return next(
        (above for above in context.source.ancestors(statement) if above.type in BLOCKS), context.source.root
    )


def statements_in(block: Node) -> list[Node]:
    """Return the statements in a block, excluding comments."""
    return [child for child in block.named_children if child.type != "comment"]


def remove_statements(context: FixContext, removed: Sequence[Node]) -> tuple[Edit, ...]:
    """Return the edits that remove statements; a block left empty gets `pass`."""
    blocks: dict[int, tuple[Node, list[Node]]] = {}
    for statement in removed:
        block = block_of(context, statement)
        blocks.setdefault(block.id, (block, []))[1].append(statement)
    edits = [edit for block, inside in blocks.values() for edit in _from_block(context, block, inside)]
    return _without_tail(context, edits)


def _without_tail(context: FixContext, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the same edits, extended over blank lines that would be left at the end of the file."""
    data = context.source.data
    ordered = sorted(edits)
    if not ordered or ordered[-1].end < len(data) or ordered[-1].text:
        return tuple(ordered)
    start = ordered.pop().start
    while start > 0:
        if ordered and ordered[-1].end == start and not ordered[-1].text:
            start = ordered.pop().start
            continue
        line = data.rfind(b"\n", 0, start - 1) + 1
        if data[line:start].strip() or any(edit.end > line for edit in ordered):
            break
        start = line
    return (*ordered, Edit(start, len(data), b""))


def _from_block(context: FixContext, block: Node, removed: Sequence[Node]) -> Iterator[Edit]:
    ids = {statement.id for statement in removed}
    every = statements_in(block)
    left = [statement for statement in every if statement.id not in ids]
    rest = sorted(removed, key=lambda statement: statement.start_byte)
    if not left and block.type != "module":
        first, *rest = rest
        yield Edit(first.start_byte, first.end_byte, b"pass")
    for statement in rest:
        yield _one(context, statement, every)


def _one(context: FixContext, statement: Node, every: Sequence[Node]) -> Edit:
    """Return the edit that removes a statement: whole lines, or the part between semicolons."""
    start, end = statement.start_byte, statement.end_byte
    data = context.source.data
    at = next(i for i, other in enumerate(every) if other.id == statement.id)
    after = every[at + 1] if at + 1 < len(every) else None
    before = every[at - 1] if at else None
    if after is not None and after.start_point.row == statement.end_point.row:
        return Edit(start, after.start_byte, b"")
    if data[context.line_start(start) : start].strip():
        if before is not None and before.end_point.row == statement.start_point.row:
            return Edit(before.end_byte, end, b"")
        return Edit(start, end, b"pass")
    first, last = context.line_start(start), context.next_line(max(start, end - 1))
    above = data[context.line_start(first - 1) : first].strip() if first else b""
    if not above or (before is None and above.endswith(b":")):  # a blank line or the head of the block
        first, last = _with_blank_lines(data, first, last)
    return Edit(first, last, b"")


def _with_blank_lines(data: bytes, first: int, last: int) -> tuple[int, int]:
    """Return a range extended by the blank lines that follow it."""
    while last < len(data):
        end = data.find(b"\n", last)
        end = len(data) if end < 0 else end + 1
        if data[last:end].strip():
            return first, last
        last = end
    return first, last
