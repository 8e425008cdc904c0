"""What the rules have in common that follow listed names from module to module."""

from collections.abc import Mapping, Sequence

from scanner.python.exports import exports_end
from scanner.rules.base import FactIndex, Rule, RuleReport
from scanner.rules.symbols.module_links import ALIASES, STAR, Links
from scanner.rules.symbols.symbol_list import Listed


class LinkedRule(Rule):
    """A rule that finds a listed name wherever modules hand it on, under any name."""

    listed: Listed

    def extent(self, text: bytes) -> int:
        """Return the end of the last star import, which is all that matters in a text without the names."""
        is_named = any(needle in text for needle in self.needles if needle != STAR)
        return len(text) if is_named else exports_end(text)

    def aliases(self, report: RuleReport) -> Mapping[str, Sequence[str]]:
        found: Mapping[str, Sequence[str]] = report.facts.get(ALIASES, {})
        return found

    def is_listed(self, name: str, index: FactIndex) -> bool:
        return bool(Links(self.listed, index).trace(name))
