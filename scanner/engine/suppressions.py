"""Suppression comments: `# ssot: ignore[rule-id, …] until=2025-12-31 because <reason>`.

A comment after code suppresses findings in the statement on that line; a comment on its own line applies to
the next statement. In a compound statement, only the header is covered, including decorators. An incomplete
comment suppresses nothing and is itself a finding.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from tree_sitter import Node

from scanner.model import Suppression
from scanner.plan import UNEXPLAINED_IGNORE
from scanner.python.comments import MARK
from scanner.python.scopes import Trail
from scanner.python.source import Source
from scanner.rules.base import Hit

_START = re.compile(r"#[ \t]*ssot:[ \t]*ignore\b")
_COMMENT = re.compile(
    r"(?P<ids>\[[^\]]*\])?(?:\s+until=(?P<until>\S*))?(?:\s+because\b\s*(?P<reason>.*))?", re.DOTALL
)
_FORM = (
    "write `# ssot: ignore[rule-id] because <reason>`, with `until=YYYY-MM-DD` before `because` if it expires"
)


def read_suppressions(
    source: Source, rules: Collection[str]
) -> tuple[tuple[Suppression, ...], tuple[Hit, ...]]:
    """Return the suppressions in a file, and a hit for each comment that is not a valid suppression.

    `rules` are the ids of the plan's rules. A comment that is not followed by code suppresses nothing.
    """
    found: list[Suppression] = []
    unexplained: list[Hit] = []
    for comment in _comments(source):
        for text in _comment_bodies(source.text(comment)):
            parsed = _parse(text, rules)
            if isinstance(parsed, str):
                location, scope = source.location(comment), source.scope(comment)
                unexplained.append(Hit(location, UNEXPLAINED_IGNORE, "", scope, low=True, message=parsed))
            elif (lines := _lines(source, comment)) is not None:
                found.append(Suppression(lines[0], lines[1], *parsed))
    return tuple(found), tuple(unexplained)


def _comments(source: Source) -> Iterator[Node]:
    seen: set[int] = set()
    for match in re.finditer(MARK, source.data):
        leaf = source.descend(match.start())[-1].node
        if leaf.type == "comment" and leaf.id not in seen:
            seen.add(leaf.id)
            yield leaf


def _comment_bodies(comment: str) -> Iterator[str]:
    """Yield the text after each `ssot: ignore` in a comment."""
    starts = list(_START.finditer(comment))
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(comment)
        yield comment[start.end() : end].rstrip()


def _parse(text: str, rules: Collection[str]) -> tuple[tuple[str, ...], str, date | None] | str:
    """Return the rule ids, reason and last day of a suppression, or a description of its first error."""
    match = _COMMENT.fullmatch(text)
    if match is None:
        return f"This comment suppresses nothing because its syntax is invalid: {_FORM}"
    ids = tuple(name.strip() for name in (match["ids"] or "[]")[1:-1].split(",") if name.strip())
    if not ids:
        return f"This comment suppresses nothing because it names no rule: {_FORM}"
    if unknown := [name for name in ids if name not in rules]:
        unknown_ids = ", ".join(map(repr, unknown))
        return f"This comment suppresses nothing because the plan has no rule {unknown_ids}: {_FORM}"
    until = _day(match["until"]) if match["until"] is not None else None
    if until is None and match["until"] is not None:
        return f"This comment suppresses nothing because {match['until']!r} is not a date: {_FORM}"
    reason = (match["reason"] or "").strip()
    if not reason:
        return f"This comment suppresses nothing because it gives no reason: {_FORM}"
    return ids, reason, until


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _lines(source: Source, comment: Node) -> tuple[int, int] | None:
    """Return the first and last line (1-based) to which a comment applies, or None if no code follows it."""
    begin = source.data.rfind(b"\n", 0, comment.start_byte) + 1
    code = source.data[begin : comment.start_byte]
    row = source.row(comment)
    if not code.strip():
        found = _next_code(source, comment)
        if found is None:
            return None
        row, begin, code = found
    first = begin + len(code) - len(code.lstrip())
    last = begin + len(code.rstrip()) - 1
    stretches = [_stretch(source, source.descend(offset), row) for offset in (first, last)]
    return min(start for start, _ in stretches) + 1, max(end for _, end in stretches) + 1


def _next_code(source: Source, comment: Node) -> tuple[int, int, bytes] | None:
    """Return the row, offset and code of the next line that contains code, without its trailing comment."""
    begin, row = source.data.find(b"\n", comment.end_byte) + 1, source.row(comment) + 1
    while begin:
        end = source.data.find(b"\n", begin)
        line = source.data[begin : end if end >= 0 else len(source.data)]
        if line.strip() and not line.lstrip().startswith(b"#"):
            leaf = source.descend(begin + len(line.rstrip()) - 1)[-1].node
            cut = leaf.start_byte - begin if leaf.type == "comment" else len(line)
            return row, begin, line[:cut]
        begin, row = end + 1, row + 1
    return None


def _stretch(source: Source, trail: Trail, row: int) -> tuple[int, int]:
    """Return the first and last row of the statement that encloses a leaf.

    For a compound statement, these are the rows of its header.
    """
    statement: Node | None = None
    for above, step in pairwise(trail):
        clause = step.node.type.endswith("_clause") and above.node == statement
        if above.node.type in {"module", "block", "ERROR"} or clause:
            statement = step.node
    if statement is None or statement.type == "ERROR":
        return row, row
    first = source.row(statement)
    inner = statement.child_by_field_name("definition") or statement
    block = next((at for at, child in enumerate(inner.children) if child.type == "block"), None)
    colons = [source.last_row(child) for child in inner.children[:block] if child.type == ":"]
    if block is None:
        colons = []
    last = colons[-1] if colons else source.last_row(statement)
    return min(first, row), max(last, row)
