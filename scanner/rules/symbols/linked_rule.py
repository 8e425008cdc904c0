"""What the rules have in common that follow listed names from module to module."""

from collections.abc import Mapping, Sequence

from scanner.rules.base import FactIndex, Rule, RuleReport
from scanner.rules.symbols.module_links import ALIASES, Links
from scanner.rules.symbols.symbol_list import Listed


class LinkedRule(Rule):
    """A rule that finds a listed name wherever modules hand it on, under any name."""

    listed: Listed

    def aliases(self, report: RuleReport) -> Mapping[str, Sequence[str]]:
        found: Mapping[str, Sequence[str]] = report.facts.get(ALIASES, {})
        return found

    def is_listed(self, name: str, index: FactIndex) -> bool:
        return bool(Links(self.listed, index).trace(name))
