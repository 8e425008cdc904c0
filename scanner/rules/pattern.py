"""Finds code by example: an ast-grep pattern, or a complete ast-grep `rule:` object.

Use this kind where no other kind applies, such as for an unwanted call or an idiom that the team no longer
uses. A pattern is Python in which `$NAME` matches one piece of code and `$$$` any number of them. It is
matched against the structure of the code, so layout, comments and text inside strings do not affect it.
`f($A, $$$)` also matches `f(1)`.

Reported, with `pattern: "datetime.utcnow($$$)"`:

    now = datetime.utcnow()

Not reported:

    now = datetime.now(UTC)    # not datetime.utcnow()

A string may be one `string` (f-strings and bytes are strings, too), a `concatenated_string` of several parts
(`'a' 'b'`), or either in a `parenthesized_expression`. A rule about formatted text names all three, as the
proposed ones for `'…'.format(values)` and `'…' % values` do. These report f-strings, whose values can
be moved into them, but not bytes, for which there are no f-strings.

With `fix: "datetime.now(UTC)"` the match can also be fixed: `$NAME` and `$$$NAME` in the fix are replaced by
the code that they matched in the pattern.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ast_grep_py import SgNode, SgRoot
from tree_sitter import Node

from scanner.plan import Plan, RuleSpec
from scanner.python.scopes import Trail
from scanner.python.source import Source
from scanner.rules.base import Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.required_text import required_text, strongest

_METAVARIABLE = re.compile(r"\$+[A-Z_0-9]*")
_PLACEHOLDER = re.compile(r"\$(?:\$\$)?[A-Z_][A-Z_0-9]*")
REST = re.compile(r",\s*\$\$\$([A-Z_0-9]*)(?=\s*[)\]])")
_MAX_RESTS = 3  # maximum number of placeholders in one pattern that match without their comma
_LISTS = frozenset({"argument_list", "list", "parameters"})
_WORD = re.compile(r"[^\W\d]\w*")


class Pattern(Rule):
    """Code that matches a pattern."""

    kind = "pattern"
    roles = ("match",)
    options = (
        Option("pattern", "text", help="Python in which `$NAME` is one piece of code and `$$$` any number."),
        Option(
            "rule", "mapping", help="A complete ast-grep rule, instead of a pattern.", title="ast-grep rule"
        ),
        Option("fix", "text", help="What a patch writes instead; may use the names of the pattern."),
    )

    @classmethod
    def problem(cls, options: Mapping[str, Any]) -> str:
        """Return why ast-grep rejects the pattern or the rule, or an empty string if it accepts it."""
        if ("pattern" in options) == ("rule" in options):
            return "needs either `pattern` (an ast-grep pattern) or `rule` (a complete ast-grep rule)"
        if "rule" in options and not options["rule"]:
            return "has an empty `rule`; write an ast-grep rule, such as `{kind: call}`"
        try:
            SgRoot("pass", "python").root().find_all(search_config(options))
        except Exception as error:  # noqa: BLE001 - the library raises bare exceptions of several kinds
            return f"has a {_key_name(options)} that ast-grep rejects: {_innermost(str(error))}"
        if _parsed(options.get("pattern", "pass")).fault:
            return f"has a `pattern` that does not parse as Python: {options['pattern']!r}"
        return _fix_problem(options)

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._config = search_config(spec.options)
        self._words = tuple(word.encode() for word in _words(spec.options.get("rule", spec.options)))
        self._required = tuple(dict.fromkeys(required_text(self._config["rule"])))
        self.needles = tuple(sorted(self._words, key=len)[-1:]) or tuple(sorted(strongest(self._required)))
        pattern = spec.options.get("pattern", "")
        self._in_statement = bool(self._words) and "#" not in pattern and _is_expression(pattern)

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text contains every word of a match, POSSIBLE if the pattern has no words.

        A text that lacks anything else that a match needs is only NAMED, or NOTHING without words.
        """
        if not all(word in text for word in self._words):
            return Relevance.NOTHING
        is_complete = all(any(part in text for part in required) for required in self._required)
        if not self._words:
            return Relevance.POSSIBLE if is_complete else Relevance.NOTHING
        return Relevance.WANTED if is_complete else Relevance.NAMED

    def read(self, source: Source) -> RuleReport:
        """Return the matches in one file."""
        hits = []
        for start, end in self._search_ranges(source):
            text = source.parsed[start:end].decode()
            for match in SgRoot(text, "python").root().find_all(self._config):
                node = _node(source, start, text, match)
                hits.append(
                    Hit(source.location(node), "match", _symbol(source.text(node)), source.scope(node))
                )
        return RuleReport(tuple(hits))

    def _search_ranges(self, source: Source) -> list[tuple[int, int]]:
        """Return the byte ranges that may contain a match, kept short because ast-grep parses each again.

        An expression lies within one statement. In a text that does not parse, statements cannot be
        delimited.
        """
        if not self._in_statement or source.root.has_error:
            return [(0, len(source.data))]
        found: list[tuple[int, int]] = []
        word = min(self._words, key=source.data.count)
        at = source.data.find(word)
        while at >= 0:
            trail = source.descend(at)
            if _is_comment(trail, at):  # the statement that encloses a comment may be a whole long file
                at = source.data.find(word, at + len(word))
                continue
            start, end = _statement(trail)
            while found and start < found[-1][1]:  # an `elif` clause: take the whole `if`
                found.pop()
            found.append((start, end))
            at = source.data.find(word, max(end, at + len(word)))
        return found


def _symbol(text: str) -> str:
    """Return the beginning of a match, up to its arguments; without parentheses around the first part."""
    inner = text.lstrip("( \t\n")
    start = inner.partition("(")[0].partition("\n")[0]
    return (start if inner == text else start.replace(")", ""))[:200]


def _fix_problem(options: Mapping[str, Any]) -> str:
    """Return what is wrong with `fix` (a placeholder that the pattern lacks), or an empty string."""
    placeholders = set(_PLACEHOLDER.findall(str(options.get("pattern") or options.get("rule"))))
    for placeholder in _PLACEHOLDER.findall(options.get("fix", "")):
        if placeholder not in placeholders:
            return f"has a `fix` with {placeholder}, which the pattern does not contain"
    return ""


def search_config(options: Mapping[str, Any]) -> Any:
    """Return the ast-grep configuration for the `pattern` or the `rule` in a rule's options."""
    if "pattern" not in options:
        return {"rule": dict(options["rule"])}
    patterns = [{"pattern": pattern} for pattern in _alternatives(options["pattern"])]
    return {"rule": {"any": patterns} if len(patterns) > 1 else patterns[0]}


def _alternatives(pattern: str) -> list[str]:
    """Return a pattern, also without each `, $$$`, because ast-grep requires the comma in the code."""
    rests = [match.span() for match in REST.finditer(pattern) if is_in_list(pattern, match.end())]
    found = [pattern]
    for start, end in reversed(rests[-_MAX_RESTS:]):
        found += [text[:start] + text[end:] for text in found]
    return found


def is_in_list(pattern: str, end: int) -> bool:
    """Return whether the placeholder ending at that index is an argument, a parameter or a list item."""
    trail = Source("pattern.py", pattern.replace("$", "_").encode()).descend(len(pattern[:end].encode()) - 1)
    return len(trail) > 1 and trail[-2].node.type in _LISTS


def _key_name(options: Mapping[str, Any]) -> str:
    return "`pattern`" if "pattern" in options else "`rule`"


def _innermost(error: str) -> str:
    """Return the innermost cause of a library error, without its number and backtrace."""
    lines = [line.strip() for line in error.partition("Stack backtrace")[0].splitlines() if line.strip()]
    return re.sub(r"^\d+: ", "", lines[-1]) if lines else "the library gives no reason"


def _words(rule: Any) -> Iterator[str]:
    """Yield words that occur in every text with a match: those in the patterns that must all match."""
    if not isinstance(rule, Mapping):
        return
    if isinstance(rule.get("pattern"), str):
        yield from _WORD.findall(_METAVARIABLE.sub(" ", rule["pattern"]))
    for key in ("inside", "has", "precedes", "follows"):
        yield from _words(rule.get(key))
    parts = rule.get("all")
    for part in parts if isinstance(parts, list | tuple) else ():
        yield from _words(part)


def _parsed(pattern: str) -> Source:
    """Parse a pattern as Python, with a letter in place of the `$` in its placeholders, as ast-grep does."""
    return Source("pattern.py", pattern.replace("$", "µ").encode())


def _is_expression(pattern: str) -> bool:
    """Return whether a pattern is an expression or assignment, so that matches lie within one statement."""
    root = _parsed(pattern).root
    kinds = [child.type for child in root.named_children]
    return kinds == ["expression_statement"] and not root.has_error


def _is_comment(trail: Trail, offset: int) -> bool:
    """Return whether an offset is inside a comment, including comments that are hidden from the parser."""
    leaf = trail[-1].node
    return leaf.type == "comment" or len(trail) == 1 or leaf.start_byte > offset


def _statement(trail: Trail) -> tuple[int, int]:
    """Return the byte range of the innermost statement that encloses the end of a trail."""
    for above, step in zip(reversed(trail[:-1]), reversed(trail), strict=False):
        if above.node.type in {"block", "module"} and step.node.type != "case_clause":
            return step.node.start_byte, step.node.end_byte
    return trail[0].node.start_byte, trail[0].node.end_byte


def _node(source: Source, offset: int, text: str, match: SgNode) -> Node:
    """Return the syntax node of a match; ast-grep counts characters, while the tree counts bytes."""
    span = match.range()
    start = offset + len(text[: span.start.index].encode())
    end = start + len(match.text().encode())
    found = source.root.descendant_for_byte_range(start, end)
    return source.root if found is None else found
