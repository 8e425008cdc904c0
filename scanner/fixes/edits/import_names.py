"""Edits the names in a `from` import, text to text; each name keeps the comments that belong to it."""

import io
import re
import tokenize
from dataclasses import dataclass, field

from scanner.fixes.cst.import_clauses import Alias
from scanner.fixes.model import RefusedError

# Comments for tools, which apply to every name in a statement: a name that leaves takes a copy along.
_PRAGMA = re.compile(
    r"#\s*(noqa\b|type:\s*ignore|pylint:|pragma:|pyright:|mypy:|isort:\s*skip\b|ruff:|nosec\b)", re.IGNORECASE
)
_PLACEMENT = re.compile(
    r"#\s*(noqa\b.*\bE402|isort:\s*skip\b|pylint:.*\bwrong-import-(?:position|order))", re.IGNORECASE
)
_SPACE = frozenset({tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT})

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one name: those on their own lines above it, and the one behind it."""

    above: tuple[str, ...] = ()
    behind: str = ""

    def __bool__(self) -> bool:
        return bool(self.above or self.behind)


@dataclass(slots=True)
class _Name:
    """One name in a statement: `start` and `end` include an alias, `until` also the comma.

    Comments belong to the name if no other name shares its lines (`is_sole`). It is alone if it does not
    share them with brackets either.
    """

    start: int
    end: int
    until: int
    above: list[_Span] = field(default_factory=list)
    behind: _Span | None = None
    is_sole: bool = False
    is_alone: bool = False


def placement_pragma(comment: str) -> str:
    """Return a comment if it accepts the place of an import, so that one beside it needs a copy; else ''."""
    return comment if _PLACEMENT.match(comment) else ""


class ImportNames:
    """The names in a `from` import, with their positions in its text; `indent` is the space before it."""

    def __init__(self, text: str, indent: str = "", newline: str = "\n") -> None:
        self.text = text
        self._indent = indent
        self._newline = newline
        self._rows = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self._opening = self._closing = -1
        self._module: _Span = (0, 0)
        self._names: list[_Name] = []
        self._read()

    def comments(self, at: int, outside: str = "") -> Comments:
        """Return the comments that a name takes along if it moves to another statement.

        `outside` is the comment behind the statement.
        """
        name = self._names[at]
        behind = self.text[slice(*name.behind)] if name.behind else ""
        if name.is_sole and (name.above or behind):
            return Comments(tuple(self.text[start:end] for start, end in name.above), behind)
        if len(self._names) == 1 and self._opening < 0:
            return Comments(behind=outside)
        heading = self.text[self._opening + 1 : self._next_line(self._opening)].strip()
        shared = (behind, heading if self._opening >= 0 else "", outside)
        return Comments(behind=next((comment for comment in shared if _PRAGMA.match(comment)), ""))

    def drop(self, at: int) -> str:
        """Return the statement without one name and its comments; empty if no name remains."""
        if len(self._names) == 1:
            return ""
        name = self._names[at]
        if not name.is_alone:
            return self._drop_from_line(at, name)
        first = name.above[0][0] if name.above else name.start
        last = name.behind[1] if name.behind else name.until
        return self._replaced(self._line_start(first), self._next_line(last))

    def _drop_from_line(self, at: int, name: _Name) -> str:
        """Return the statement without a name that shares a line with another name or with brackets."""
        before = self._names[at - 1] if at else None
        after = self._names[at + 1] if at + 1 < len(self._names) else None
        if after is not None and self._row(after.start) == self._row(name.until):
            return self._replaced(name.start, after.start)
        if before is not None and self._row(before.until) == self._row(name.start):
            keeps_comma = after is not None or name.until > name.end
            return self._replaced(before.until if keeps_comma else before.end, name.until)
        if after is not None:
            last = name.behind[1] if name.behind else name.until
            return self._replaced(name.start, last if after.above else after.start)
        if before is None or before.behind or name.above:
            return self._replaced(name.above[0][0] if name.above else name.start, name.until)
        return self._replaced(before.until if name.until > name.end else before.end, name.until)

    def rename(self, at: int, new: str) -> str:
        """Return the statement with another name; in the form `x as x`, both change.

        An alias that is equal to the new name goes.
        """
        name = self._names[at]
        old = self.text[name.start : name.end]
        first, local = old.split()[0], old.split()[-1]
        text = re.sub(r"\A\w+", new, old)
        if first == local != old:
            text = re.sub(r"\w+\Z", new, text)
        elif local == new:
            text = new
        return self._replaced(name.start, name.end, text)

    def import_from(self, module: str) -> str:
        """Return the statement with another module."""
        rest = self.text[self._module[1] :]
        return f"from {module}{'' if rest[:1].isspace() or rest[:1] == chr(92) else ' '}{rest}"

    def add(self, alias: Alias, comments: Comments) -> str:
        """Return the statement with one more name behind the others."""
        name = f"{alias.name} as {alias.local}" if alias.local else alias.name
        last = self._names[-1]
        if self._opening < 0:
            return self._add_in_brackets(name, comments) if comments else f"{self.text}, {name}"
        begins_line = self._begins_line(last)
        closes = self._row(self._closing) == self._row(last.until)
        if not comments and not begins_line and (closes or not last.behind):
            return self._replaced(last.end, last.end, f", {name}")
        margin = self._margin()
        comma = "," if last.until > last.end or comments.behind or not closes else ""
        lines = [*comments.above, f"{name}{comma}" + (f"  {comments.behind}" if comments.behind else "")]
        added = "".join(f"{self._newline}{margin}{line}" for line in lines)
        if closes:
            ending = self._newline + self._indent if comments.behind else ""
            return self._replaced(last.end, self._closing, f",{added}{ending}")
        at = last.behind[1] if last.behind else last.until
        return self._replaced(last.end, at, f",{self.text[last.until : at]}{added}")

    def _add_in_brackets(self, name: str, comments: Comments) -> str:
        """Return a statement that had no brackets with one name per line, so that comments fit in."""
        head = re.sub(r"\s*\\\r?\n\s*", " ", self.text[: self._names[0].start]).rstrip()
        lines = [f"{self.text[each.start : each.end]}," for each in self._names]
        lines += [*comments.above, f"{name}," + (f"  {comments.behind}" if comments.behind else "")]
        margin = self._margin()
        return self._newline.join([f"{head} (", *(margin + line for line in lines), f"{self._indent})"])

    def _margin(self) -> str:
        """Return the white space before each name that begins a line."""
        for name in self._names:
            if self._begins_line(name):
                return self.text[self._line_start(name.start) : name.start]
        return f"{self._indent}    "

    def _begins_line(self, name: _Name) -> bool:
        return self._row(name.start) > 0 and not self.text[self._line_start(name.start) : name.start].strip()

    def _row(self, offset: int) -> int:
        return next(row for row in range(len(self._rows) - 1, -1, -1) if self._rows[row] <= offset)

    def _line_start(self, offset: int) -> int:
        return self._rows[self._row(offset)]

    def _next_line(self, offset: int) -> int:
        row = self._row(max(offset, 0)) + 1
        return self._rows[row] if row < len(self._rows) else len(self.text)

    def _replaced(self, start: int, end: int, text: str = "") -> str:
        return self.text[:start] + text + self.text[end:]

    def _read(self) -> None:
        """Find the names, their commas and their comments. Raises RefusedError for other statements."""
        try:
            every = list(tokenize.generate_tokens(io.StringIO(self.text, newline="").readline))
        except (tokenize.TokenError, SyntaxError) as error:
            raise RefusedError("the import has an unsupported form") from error
        tokens = [token for token in every if token.type not in _SPACE]
        words = [token.string for token in tokens]
        if words[:1] != ["from"] or "import" not in words:
            raise RefusedError("the import has an unsupported form")
        at = words.index("import")
        self._module = (self._span(tokens[1])[0], self._span(tokens[at - 1])[1])
        pending: list[_Span] = []
        is_open = False
        for token in tokens[at + 1 :]:
            start, end = self._span(token)
            if token.string == "*":
                raise RefusedError("a star import has no name to replace")
            if token.string in "()":
                self._opening, self._closing = (start, -1) if token.string == "(" else (self._opening, start)
            elif token.string == ",":
                self._names[-1].until, is_open = end, False
            elif token.type == tokenize.COMMENT:
                self._read_comment(start, end, pending)
            elif is_open:
                self._names[-1].end = self._names[-1].until = end
            else:
                if pending and self._has_gap(pending[-1][1], start):
                    pending = []
                self._names.append(_Name(start, end, end, pending))
                pending, is_open = [], True
        self._find_lone_names()

    def _span(self, token: tokenize.TokenInfo) -> _Span:
        start, end = (self._rows[row - 1] + column for row, column in (token.start, token.end))
        return start, end

    def _read_comment(self, start: int, end: int, pending: list[_Span]) -> None:
        """Give a comment to the name before it on its line, or collect it for the name below it."""
        if self.text[self._line_start(start) : start].strip():
            if self._names and self._names[-1].behind is None:
                self._names[-1].behind = (start, end)
            return
        # A blank line separates a comment that belongs to a group of names.
        if pending and self._has_gap(pending[-1][1], start):
            pending.clear()
        pending.append((start, end))

    def _has_gap(self, start: int, end: int) -> bool:
        return self._row(end) - self._row(start) > 1

    def _find_lone_names(self) -> None:
        rows = [(self._row(name.start), self._row(max(name.start, name.until - 1))) for name in self._names]
        closing = self._row(self._closing) if self._closing >= 0 else -1
        for at, name in enumerate(self._names):
            first, last = rows[at]
            shares = (at > 0 and rows[at - 1][1] == first) or (at + 1 < len(rows) and rows[at + 1][0] == last)
            name.is_sole = not shares and self._opening >= 0
            name.is_alone = name.is_sole and self._begins_line(name) and closing != last
