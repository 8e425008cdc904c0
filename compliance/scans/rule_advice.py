"""What a plan says about each of its rules, for pages that show violations."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from compliance.models import PlanVersion
from scanner import PlanError, read_plan


class RuleAdvice(NamedTuple):
    """The message of a rule and the symbol to use instead; both are empty if the plan has none."""

    message: str
    replacement: str
    arguments: Mapping[str, str]

    @property
    def instead(self) -> str:
        """Return a sentence about the replacement, or an empty string."""
        if not self.replacement:
            return ""
        given = ", ".join(f"{name}: {kind}" for name, kind in self.arguments.items())
        return f"Use {self.replacement}{f', passing {given}' if given else ''}."


def rule_advice(version: PlanVersion | None) -> Mapping[str, RuleAdvice]:
    """Return the advice of each rule of a plan by the rule's id; none if this release can't read the plan."""
    return _read(version.pk, version.text) if version else {}


@lru_cache(maxsize=64)  # a version's text never changes
def _read(_version: int, text: str) -> Mapping[str, RuleAdvice]:
    try:
        plan = read_plan(text, "the plan")
    except PlanError:
        return {}
    found = {}
    for rule in plan.rules:
        instead = rule.replacement
        symbol, arguments = (instead.symbol, instead.arguments) if instead else ("", {})
        found[rule.id] = RuleAdvice(rule.message, symbol, arguments)
    return found
