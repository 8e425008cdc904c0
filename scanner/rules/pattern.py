"""Finds code by example: an ast-grep pattern, or a whole ast-grep `rule:` object.

For what no other kind knows: a call that is no longer wanted, an idiom that the team gave up. A pattern is
Python in which `$NAME` stands for one piece of code and `$$$` for any number of them; it is compared with
the code's structure, so layout, comments and strings neither help nor hinder.

Hit, with `pattern: "datetime.utcnow($$$)"`:

    now = datetime.utcnow()

Silent:

    now = datetime.now(UTC)    # not datetime.utcnow()

With `fix: "datetime.now(UTC)"` the match can be put right as well: `$NAME` and `$$$NAME` in it stand for what
the pattern took under these names.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ast_grep_py import SgNode, SgRoot
from tree_sitter import Node

from scanner.plan import Plan, RuleSpec
from scanner.rules import Evidence, Hit, Option, Rule
from scanner.syntax import Source

_METAVARIABLE = re.compile(r"\$+[A-Z_0-9]*")
_HOLE = re.compile(r"\$(?:\$\$)?[A-Z_][A-Z_0-9]*")
_WORD = re.compile(r"[^\W\d]\w*")


class Pattern(Rule):
    """A place that matches a pattern."""

    kind = "pattern"
    roles = ("match",)
    options = (Option("pattern", "text"), Option("rule", "mapping"), Option("fix", "text"))

    @classmethod
    def problem(cls, options: Mapping[str, Any]) -> str:
        """Why ast-grep would not take the pattern or the rule; empty if it does."""
        if ("pattern" in options) == ("rule" in options):
            return "needs either `pattern` or `rule`, an ast-grep pattern or a whole ast-grep rule"
        if "rule" in options and not options["rule"]:
            return "has an empty `rule`; write an ast-grep rule, such as `{kind: call}`"
        try:
            SgRoot("pass", "python").root().find_all(_config(options))
        except Exception as error:  # noqa: BLE001 - the library raises bare exceptions of several kinds
            return f"has a {_which(options)} that ast-grep does not take: {_innermost(str(error))}"
        pattern = options.get("pattern", "pass").replace("$", "µ")  # ast-grep's own stand-in for Python
        if Source("pattern.py", pattern.encode()).fault:
            return f"has a `pattern` that does not parse as Python: {options['pattern']!r}"
        return _loose_fix(options)

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._config = _config(spec.options)
        self._words = tuple(word.encode() for word in _words(self._config["rule"]))
        self.needles = tuple(sorted(self._words, key=len)[-1:])

    def wants(self, text: bytes) -> bool:
        """Whether every word that a match must hold stands in the text."""
        return all(word in text for word in self._words)

    def names(self, text: bytes) -> bool:
        return bool(self._words) and self.wants(text)

    def read(self, source: Source) -> Evidence:
        """The matches of one file, each where it begins."""
        text = source.data.decode()
        root = SgRoot(text, "python").root()
        hits = []
        for match in root.find_all(self._config):
            node = _node(source, text, match)
            symbol = source.text(node).partition("(")[0].partition("\n")[0][:200]
            hits.append(Hit(source.place(node), "match", symbol, source.scope(node)))
        return Evidence(tuple(hits))


def _loose_fix(options: Mapping[str, Any]) -> str:
    """What is wrong with `fix`: it stands for nothing that the pattern takes, or asks for more than that."""
    taken = set(_HOLE.findall(str(options.get("pattern") or options.get("rule"))))
    for hole in _HOLE.findall(options.get("fix", "")):
        if hole not in taken:
            return f"has a `fix` with {hole}, which the pattern does not take"
    return ""


def _config(options: Mapping[str, Any]) -> Any:
    if "pattern" in options:
        return {"rule": {"pattern": options["pattern"]}}
    return {"rule": dict(options["rule"])}


def _which(options: Mapping[str, Any]) -> str:
    return "`pattern`" if "pattern" in options else "`rule`"


def _innermost(error: str) -> str:
    """The last cause of a chain of causes, without its number and what the library traced."""
    lines = [line.strip() for line in error.partition("Stack backtrace")[0].splitlines() if line.strip()]
    return re.sub(r"^\d+: ", "", lines[-1]) if lines else "no reason is given"


def _words(rule: Any) -> Iterator[str]:
    """Words that stand in every text with a match: those of the patterns that all must hold."""
    if not isinstance(rule, Mapping):
        return
    if isinstance(rule.get("pattern"), str):
        yield from _WORD.findall(_METAVARIABLE.sub(" ", rule["pattern"]))
    for key in ("inside", "has", "precedes", "follows"):
        yield from _words(rule.get(key))
    parts = rule.get("all")
    for part in parts if isinstance(parts, list | tuple) else ():
        yield from _words(part)


def _node(source: Source, text: str, match: SgNode) -> Node:
    """The tree's node of a match; ast-grep counts in characters, the tree in bytes."""
    span = match.range()
    ascii_only = len(text) == len(source.data)
    start = span.start.index if ascii_only else len(text[: span.start.index].encode())
    end = span.end.index if ascii_only else start + len(match.text().encode())
    found = source.root.descendant_for_byte_range(start, end)
    return source.root if found is None else found
