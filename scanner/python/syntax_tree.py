"""The syntax tree of one file: words, the trails to them, texts and locations.

A rule searches for the bytes of a word and follows the tree upwards from there; nothing traverses the whole
tree.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from scanner.python import text as texts
from scanner.python.comments import blank_runs
from scanner.python.imports import module_name
from scanner.python.scopes import Trail, TrailNode, is_use

_LANGUAGE = Language(tree_sitter_python.language())
_SNIPPET = 200  # in characters; a generated line can be a megabyte long
_LINE = 2000  # maximum number of bytes read from a line for its snippet
_DEEPEST = 500  # maximum nesting of nodes; Python itself rejects far fewer nested brackets
_PATIENCE = 20  # the search for a word ends after this many occurrences that are nested too deeply
# Nodes that a line end may split, and brackets that prevent such a split.
_TORN = frozenset({"import_from_statement", "attribute", "dotted_name"})
_BRACKETS = frozenset(
    {
        *("argument_list", "parenthesized_expression", "tuple", "list", "set", "dictionary", "subscript"),
        *("generator_expression", "list_comprehension", "set_comprehension", "dictionary_comprehension"),
        *("parameters", "interpolation", "tuple_pattern", "list_pattern", "with_clause", "type_parameter"),
    }
)


@dataclass(frozen=True, slots=True)
class Location:
    """A range in one file; lines are 1-based, columns are in characters, and the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    snippet: str


class SyntaxTree:
    """One file's text and its tree, without name resolution; `Source` documents the public members."""

    def __init__(self, path: str, raw: bytes, roots: Sequence[str] = (".",)) -> None:
        self.path = path
        self.raw = raw
        self.module, self.package = module_name(path, roots)
        self.data, self._text_fault = texts.to_utf8(raw)
        self.tree = Parser(_LANGUAGE).parse(blank_runs(self.data))
        self.root = self.tree.root_node
        self._too_deep: tuple[int, str] | None = None
        self._text_words = texts.Words(self.data)
        self._words: dict[str, tuple[Trail, ...]] = {}
        self._leaves: dict[int, Trail] = {}

    @property
    def fault(self) -> tuple[int, str] | None:
        """Return the line (1-based) and reason of the first syntax error; None if the text parses.

        Python 2 statements that the grammar knows (`print x`, `exec x`, `except X, e`) do parse. Excessive
        nesting is only detected when a word inside it is looked up, so read this property after the rules
        have run.
        """
        if self._text_fault is None and self.root.has_error:
            return texts.first_error(self.root)
        return self._text_fault or self._too_deep or self._torn

    @cached_property
    def _torn(self) -> tuple[int, str] | None:
        """Return the first statement that a line end splits.

        The grammar accepts such statements, but Python does not.
        """
        for offset in texts.suspected_tears(self.data):
            trail = self.descend(offset)
            if (
                len(trail) > 1
                and trail[-2].node.type in _TORN
                and not any(s.node.type in _BRACKETS for s in trail)
            ):
                return trail[-1].node.start_point.row + 1, "a statement ends in the middle"
        return None

    def trail(self, node: Node) -> Trail:
        """Return the path from the root to `node`, including both."""
        return self._descend(node.start_byte, node)

    def ancestors(self, node: Node) -> Iterator[Node]:
        """Return the ancestors of `node`, innermost first; the root comes last."""
        return (step.node for step in reversed(self.trail(node)[:-1]))

    def enclosing(self, node: Node, *types: str) -> Node | None:
        """Return the innermost node of one of these types that encloses `node`."""
        return next((above for above in self.ancestors(node) if above.type in types), None)

    def trails(self, name: str) -> tuple[Trail, ...]:
        """Return the trails of all identifiers spelled `name`, in text order."""
        if name not in self._words:
            self._words[name] = tuple(self._identifiers(name, 0, len(self.data)))
        return self._words[name]

    def _identifiers(self, name: str, start: int, end: int) -> Iterator[Trail]:
        for trail in self._found(name, start, end):
            leaf = trail[-1].node
            if leaf.type == "identifier" and self.text(leaf) == name:
                yield trail

    def _found(self, name: str, start: int, end: int) -> Iterator[Trail]:
        deep = 0
        for offset in self.offsets(name, start, end):
            if offset not in self._leaves:
                self._leaves[offset] = self._descend(offset, None)
            trail = self._leaves[offset]
            deep += len(trail) == _DEEPEST
            if deep > _PATIENCE:
                return
            yield trail

    def trails_within(self, name: str, start: int, end: int) -> Iterator[Trail]:
        """Return the trails of identifiers spelled `name` that begin between two byte offsets."""
        if name not in self._words:
            return self._identifiers(name, start, end)
        trails = self._words[name]
        first = bisect_left(trails, start, key=_starts)
        return takewhile(lambda trail: _starts(trail) < end, islice(trails, first, None))

    def words(self, name: str) -> tuple[Node, ...]:
        """Return every identifier spelled `name`, including bindings, attributes and keywords."""
        return tuple(trail[-1].node for trail in self.trails(name))

    def uses(self, name: str) -> tuple[Node, ...]:
        """Return the identifiers that read the name `name`, excluding attributes, keywords and bindings."""
        return tuple(trail[-1].node for trail in self.trails(name) if is_use(trail))

    def strings(self, word: str) -> tuple[Node, ...]:
        """Return the string literals that contain `word`, as `concatenated_string` or `string` nodes."""
        found: dict[int, Node] = {}
        for trail in self._found(word, 0, len(self.data)):
            kinds = [step.node.type for step in trail]
            if kinds[-1] in {"string_content", "escape_sequence"} and "string" in kinds:
                at = len(kinds) - 1 - kinds[::-1].index("string")
                if kinds[at - 1] == "concatenated_string":
                    at -= 1
                found.setdefault(trail[at].node.id, trail[at].node)
        return tuple(found.values())

    def offsets(self, word: str, start: int = 0, end: int | None = None) -> Iterator[int]:
        """Return the byte offsets in `data` of `word` as a whole word, in code, strings and comments."""
        return self._text_words.offsets(word.encode(), start, len(self.data) if end is None else end)

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return self.data[node.start_byte : node.end_byte].decode()

    def location(self, node: Node, until: Node | None = None) -> Location:
        """Return the range of `node`, or the range from the start of `node` to the end of `until`."""
        last = until or node
        start, end = node.start_point, last.end_point
        snippet = self._snippet(node.start_byte - start.column)
        return Location(
            start.row + 1,
            self._column(node.start_byte, start.column),
            end.row + 1,
            self._column(last.end_byte, end.column),
            snippet,
        )

    def constant(self, node: Node) -> str | None:
        """Return the value of a string literal after concatenation; None for bytes and most f-strings."""
        return texts.constant(node, self.data)

    def descend(self, offset: int) -> Trail:
        """Return the path from the root to the leaf at a byte offset."""
        return self._descend(offset, None)

    def above(self, offset: int, levels: int = 1) -> Node:
        """Return the node that is `levels` above the leaf at a byte offset, but at most the root."""
        trail = self.descend(offset)
        return trail[max(len(trail) - 1 - levels, 0)].node

    def _descend(self, offset: int, goal: Node | None) -> Trail:
        steps = [TrailNode(self.root, None)]
        statement = bisect_left(self._ends, offset + 1)
        if goal == self.root or statement == len(self._ends):
            return steps
        node: Node | None = self._statements[statement]
        cursor = self._statements[statement].walk()
        while node is not None:
            steps.append(TrailNode(node, cursor.field_name))
            if node == goal or cursor.goto_first_child_for_byte(offset) is None:
                break
            if len(steps) == _DEEPEST:
                self._too_deep = self._too_deep or (node.start_point.row + 1, "nested too deeply to be read")
                break
            node = cursor.node
        return steps

    @cached_property
    def _statements(self) -> list[Node]:
        return self.root.children

    @cached_property
    def _ends(self) -> list[int]:
        return [statement.end_byte for statement in self._statements]

    @cached_property
    def _is_ascii(self) -> bool:
        return self.data.isascii()

    def _snippet(self, start: int) -> str:
        end = self.data.find(b"\n", start, start + _LINE)
        line = self.data[start : start + _LINE if end < 0 else end]
        return line.decode("utf-8", "ignore").strip()[:_SNIPPET]

    def _column(self, offset: int, column: int) -> int:
        return (column if self._is_ascii else len(self.data[offset - column : offset].decode())) + 1


def _starts(trail: Trail) -> int:
    return trail[-1].node.start_byte
