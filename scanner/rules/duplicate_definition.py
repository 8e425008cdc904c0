"""Finds classes and functions with a listed name that more than one module defines.

If a name is defined twice, a fix may reach only one of the definitions. The definition in the canonical
module (from the plan's `canonical-import` rules, otherwise the first by path) is accepted; every other one is
reported.

Reported, with `names: [Context]` if `pkg/context.py` also defines it:

    class Context: ...                        # definition, in pkg/legacy.py

Not reported: a second definition in the same module (`if`, `try`), methods and nested functions, assignments
(`Context = Other`), imports, `@overload`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from scanner.plan import Plan, RuleSpec
from scanner.python.source import Location, Source
from scanner.python.text import word_offsets
from scanner.rules.base import FactIndex, Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.symbols.definitions import is_overload
from scanner.rules.text_patterns import is_literal, literal_part, words_in

_BLANK = b" \t\\\r\n"
# Two expressions that begin with a literal are seven times as fast as one that begins with an alternation.
_DEFINED = tuple(
    re.compile(rb"%b(?<=\b%b)[ \t\\\r\n]+([A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff]*)" % (word, word))
    for word in (b"def", b"class")
)
_FARTHEST = 200  # maximum number of bytes between the keyword and the name


class DuplicateDefinition(Rule):
    """A listed name is defined in several modules."""

    kind = "duplicate-definition"
    roles = ("definition",)
    options = (
        Option("names", "globs", required=True, help="Names of classes and functions; `*` matches anything."),
    )

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._globs: tuple[str, ...] = spec.options["names"]
        self._canonical_modules = _canonical_modules(plan)
        self.needles = tuple(literal_part(glob) for glob in self._globs)

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text defines a listed name, NAMED if it only contains one."""
        if not self.holds_needle(text):
            return Relevance.NOTHING
        return Relevance.WANTED if self._defined(text) else Relevance.NAMED

    def read(self, source: Source) -> RuleReport:
        """Return the first definition of each listed name; a module that has two defines the name once."""
        found = {name: next(_definitions(source, name), None) for name in self._defined(source.data)}
        locations = {name: asdict(location) for name, location in found.items() if location is not None}
        return RuleReport(facts=dict.fromkeys(locations, source.module), pending=locations or None)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:
        for name, location in (report.pending or {}).items():
            definers = index.facts(name)
            spared = next(
                (p for p, module in definers if module == self._canonical_modules.get(name)), definers[0][0]
            )
            if path == spared:
                continue
            message = "" if self.spec.message else f"{name} is also defined in {spared}"
            symbol = f"{report.facts[name]}.{name}".lstrip(".")
            yield Hit(Location(**location), "definition", symbol, "", message=message)

    def _defined(self, text: bytes) -> list[str]:
        if all(map(is_literal, self._globs)):
            return [name for name in self._globs if _is_defined(text, name.encode())]
        words = (word for defined in _DEFINED for word in defined.findall(text))
        return words_in(b"\n".join(words), self._globs)


def _is_defined(text: bytes, name: bytes) -> bool:
    """Return whether a name follows `def` or `class`, skipping nearly all of the text."""
    return any(
        text[max(0, at - _FARTHEST) : at].rstrip(_BLANK).endswith((b"def", b"class"))
        for at in word_offsets(text, name)
    )


def _canonical_modules(plan: Plan) -> dict[str, str]:
    """Return the canonical module of each name, from the plan's `canonical-import` rules."""
    rules: Iterator[Mapping[str, Any]] = (r.options for r in plan.rules if r.kind == "canonical-import")
    return {name: canonical for options in rules for name, canonical in options["names"].items()}


def _definitions(source: Source, name: str) -> Iterator[Location]:
    for bound in source.bindings_in(name, source.root):
        at_top = bound.kind in {"def", "class"} and source.is_module_level(bound.node)
        if at_top and not is_overload(source, bound):
            yield source.location(bound.statement, until=bound.node)
