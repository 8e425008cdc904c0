"""The syntax tree of one file: words, the trails to them, texts and locations.

A rule searches for the bytes of a word and follows the tree upwards from there; nothing traverses the whole
tree.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import chain, islice, takewhile
from typing import Any

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Point

from scanner.python import text as texts
from scanner.python.comments import blank_runs
from scanner.python.grammar_text import mend_misread
from scanner.python.identifiers import normalize, normalize_words, spellings
from scanner.python.imports import module_name
from scanner.python.misplaced import misplaced_statement
from scanner.python.paths import DEEPEST, Paths
from scanner.python.scopes import Trail, is_use

_LANGUAGE = Language(tree_sitter_python.language())
_SNIPPET = 200  # in characters; a generated line can be a megabyte long
_LINE = 2000  # maximum number of bytes read from a line for its snippet
_PATIENCE = 20  # the search for a word ends after this many occurrences that are nested too deeply

_MOST_ERRORS = 500  # a text with more is hardly Python, and would take long to mend
_OUTERMOST = frozenset({"module", "ERROR"})


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

    def __init__(
        self, path: str, raw: bytes, roots: Sequence[str] = (".",), *, is_fragment: bool = False
    ) -> None:
        self.path = path
        self.raw = raw
        self.module, self.package = module_name(path, roots)
        self.data, self._text_fault = texts.to_utf8(raw)
        self._parser = Parser(_LANGUAGE)
        self._too_deep: tuple[int, str] | None = None
        self._lines: Any = None  # line numbers, if the parser was given fewer line ends
        text = blank_runs(self.data)
        self._parse(text)
        errors = self._find_errors() if self.root.has_error or not is_fragment else []
        self._syntax_error = errors[0] if errors else None
        self._mend(text, len(errors))
        if not is_fragment:
            self._syntax_error = self._syntax_error or misplaced_statement(self.data, self.descend)
        self._text_words = texts.Words(self.data)
        self._words: dict[str, tuple[Trail, ...]] = {}

    @property
    def fault(self) -> tuple[int, str] | None:
        """Return the line (1-based) and reason of the first syntax error; None if the text parses.

        A text that Python 3.14 refuses has a fault, even if the grammar knows its syntax (`print x`).
        Excessive nesting is only detected when a word inside it is looked up, so read this property after
        the rules have run.
        """
        return self._text_fault or self._syntax_error or self._too_deep

    def _find_errors(self) -> list[tuple[int, str]]:
        try:
            return texts.syntax_errors(self.data)
        except texts.TooComplexError:
            return [texts.first_error(self.root)] if self.root.has_error else []

    def _mend(self, text: bytes, errors: int) -> None:
        """Parse the text again without what the grammar misreads, or what Python refuses."""
        if errors > _MOST_ERRORS:
            return
        mended = mend_misread(text, self.descend)
        if mended is not text:
            self._parse(mended)
        if not errors and not self.root.has_error:
            return
        before = mended
        if errors:
            refused = import_module("scanner.python.broken_text")
            mended = refused.mend_refused(before, lambda t: self._parser.parse(t).root_node, texts.error_line)
        else:
            unknown = import_module("scanner.python.unknown_syntax")
            mended = unknown.mend_unknown(before)
            self._lines = unknown.Lines(self.data) if mended.count(b"\n") < text.count(b"\n") else None
        if mended != before:
            self._parse(mended)
            again = mend_misread(mended, self.descend)
            if again is not mended:
                self._parse(again)

    def _parse(self, text: bytes) -> None:
        self.parsed = text
        self.tree = self._parser.parse(text)
        self.root = self.tree.root_node
        self._paths = Paths(self.root)

    def row(self, node: Node) -> int:
        """Return the row (0-based) in which a node begins."""
        return self._point(node.start_byte, node.start_point)[0]

    def last_row(self, node: Node) -> int:
        """Return the row (0-based) in which a node ends."""
        return self._point(node.end_byte, node.end_point)[0]

    def is_displaced(self, node: Node) -> bool:
        """Return whether a statement is indented, but its block was lost to a syntax error before it.

        The tree then shows it at module level, although it may belong to a function or a class.
        """
        if self._syntax_error is None:
            return False
        trail = self.trail(node)
        if any(step.node.type == "block" for step in trail):
            return False
        above = next((at for at in range(len(trail) - 1, 0, -1) if trail[at - 1].node.type in _OUTERMOST), 0)
        start = trail[above].node.start_byte
        line = self.data[self.data.rfind(b"\n", 0, start) + 1 : start]
        return bool(line) and line.isspace()

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
            if trail[-1].node.type == "identifier" and self.text(trail[-1].node) == name:
                yield trail

    def _found(self, name: str, start: int, end: int) -> Iterator[Trail]:
        deep = 0
        found: Iterable[int] = self.offsets(name, start, end)
        if name in self._spellings:
            others = (texts.word_offsets(self.data, word, start, end) for word in self._spellings[name])
            found = sorted(chain(found, *others))
        for offset in found:
            trail = self._descend(offset, None)
            if trail[-1].node.start_byte > offset:  # in a statement that the parser did not see
                continue
            deep += len(trail) == DEEPEST
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
        """Return the text of a node; an identifier is normalised, as in Python."""
        text = self.data[node.start_byte : node.end_byte].decode()
        return text if self._is_ascii or node.type != "identifier" else normalize(text)

    def location(self, node: Node, until: Node | None = None) -> Location:
        """Return the range of `node`, or the range from the start of `node` to the end of `until`."""
        last = until or node
        start, end = (
            self._point(node.start_byte, node.start_point),
            self._point(last.end_byte, last.end_point),
        )
        snippet = self._snippet(node.start_byte - start[1])
        return Location(
            start[0] + 1,
            self._column(node.start_byte, start[1]),
            end[0] + 1,
            self._column(last.end_byte, end[1]),
            snippet,
        )

    def _point(self, offset: int, point: Point) -> tuple[int, int]:
        """Return the row and column of an offset, whatever line ends the parser was given."""
        return point if self._lines is None else tuple(self._lines.point(offset))

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
        """Return the path to the leaf at an offset, or to the goal if that is on it."""
        whole = self._paths.to(offset)
        if goal is not None:
            for depth, step in enumerate(whole, 1):
                if step.node == goal:
                    return whole[:depth]
        if self._paths.is_cut_off(offset):
            self._too_deep = self._too_deep or (
                whole[-1].node.start_point.row + 1,
                "nested too deeply to be read",
            )
        return whole

    @property
    def normal_data(self) -> bytes:
        """Return the text with identifiers in normal form; its offsets are not those of the tree."""
        return normalize_words(self.data, lambda _: True) if self._spellings else self.data

    @cached_property
    def _spellings(self) -> dict[str, tuple[bytes, ...]]:
        return {} if self._is_ascii else spellings(self.data)

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
