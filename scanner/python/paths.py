"""Finds the path from the root of a syntax tree to the leaf at a byte offset."""

from bisect import bisect_left
from functools import cached_property

from tree_sitter import Node, TreeCursor

from scanner.python.scopes import Trail, TrailNode

DEEPEST = 500  # maximum nesting of nodes; Python itself rejects far fewer nested brackets


class Paths:
    """The paths to the leaves of one tree, each of which is found once.

    Most words are looked up in text order and several times, so a path starts with the steps that it shares
    with the one that was found before it.
    """

    def __init__(self, root: Node) -> None:
        self._root = TrailNode(root, None)
        self._found: dict[int, Trail] = {}
        self._cut_off: set[int] = set()
        self._last: tuple[int, list[TrailNode], TreeCursor] | None = None

    def to(self, offset: int) -> Trail:
        """Return the path to the leaf at an offset: at each step, the first child that ends after it."""
        found = self._found.get(offset)
        if found is None:
            found = self._found[offset] = self._find(offset)
        return found

    def is_cut_off(self, offset: int) -> bool:
        """Return whether the path to a leaf ends early because it has more than `DEEPEST` nodes."""
        return offset in self._cut_off

    def _find(self, offset: int) -> Trail:
        steps, cursor = self._shared(offset)
        if cursor is None:
            statement = bisect_left(self._ends, offset + 1)
            if statement == len(self._ends):
                return steps
            cursor = self._statements[statement].walk()
            steps.append(TrailNode(self._statements[statement], None))
        make, down = tuple.__new__, cursor.goto_first_child_for_byte  # this loop takes a tenth of a scan
        for _ in range(DEEPEST - len(steps)):
            if down(offset) is None:
                break
            steps.append(make(TrailNode, (cursor.node, cursor.field_name)))
        else:
            if down(offset) is not None:
                self._cut_off.add(offset)
                cursor.goto_parent()
        self._last = offset, steps, cursor
        return steps

    def _shared(self, offset: int) -> tuple[list[TrailNode], TreeCursor | None]:
        """Return the first steps of the last path that also lead to this offset, and a cursor at the end."""
        if self._last is None:
            return [self._root], None
        before, steps, cursor = self._last
        for depth in range(len(steps), 1, -1):
            node = steps[depth - 1].node
            if node.end_byte > offset if offset >= before else node.start_byte <= offset:
                return steps[:depth], cursor
            cursor.goto_parent()
        self._last = None
        return [self._root], None

    @cached_property
    def _statements(self) -> list[Node]:
        return self._root.node.children

    @cached_property
    def _ends(self) -> list[int]:
        return [statement.end_byte for statement in self._statements]
