"""Computes the totals of one revision by adding and removing one file at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from scanner.model import RISKS, FileResult, Slice, Tally
from scanner.plan import DEFAULT_CATEGORY, UNEXPLAINED_IGNORE, Plan

_Key = tuple[str, str]
_TOTALS = ("unclean", "violating", "violations", "old", "new", "suppressed", "unparsed", "skipped")


class RunningTally:
    """Counts over the files in one revision, as docs/formats.md defines them."""

    def __init__(self, plan: Plan) -> None:
        self._counted = frozenset(plan.compliance_counts)
        self._readable: Counter[str] = Counter()
        self._totals: Counter[str] = Counter()
        self._violations: Counter[_Key] = Counter()
        self._files: Counter[_Key] = Counter()
        self._keys = _keys(plan)

    def saved(self) -> list[Any]:
        """Return all counts as a JSON value."""
        slices = [
            [[*key, count] for key, count in counts.items() if count]
            for counts in (self._violations, self._files)
        ]
        return [dict(self._readable), dict(self._totals), *slices]

    def load(self, value: Sequence[Any]) -> None:
        """Set the counts to what `saved` returned."""
        readable, totals, violations, files = value
        self._readable, self._totals = Counter(readable), Counter(totals)
        self._violations = Counter({(dimension, key): count for dimension, key, count in violations})
        self._files = Counter({(dimension, key): count for dimension, key, count in files})

    def count_plain(self, category: str, sign: int) -> None:
        """Add (`sign` 1) or remove (`sign` -1) a readable file that has nothing to report."""
        self._readable[category] += sign

    def count(self, result: FileResult, sign: int) -> None:
        """Add (`sign` 1) or remove (`sign` -1) one file."""
        counted = result.category in self._counted
        if result.skipped is None:
            self._readable[result.category] += sign
        if counted:
            self._count_totals(result, sign)
        slices: Counter[_Key] = Counter()
        for finding in result.violations:
            slices["category", finding.category] += 1
            slices.update(("issue", issue) for issue in finding.issues)
            slices.update(("phase", phase) for phase in finding.phases)
            if counted:
                slices["rule", finding.rule] += 1
                slices["risk", finding.risk] += 1
        for key, number in slices.items():
            self._violations[key] += sign * number
            self._files[key] += sign

    def _count_totals(self, result: FileResult, sign: int) -> None:
        violations = len(result.violations)
        self._totals["unclean"] += sign * (result.skipped is None and not result.clean)
        self._totals["violating"] += sign * bool(violations)
        self._totals["violations"] += sign * violations
        self._totals["old"] += sign * result.old_sites
        self._totals["new"] += sign * result.new_sites
        self._totals["suppressed"] += sign * (len(result.findings) - violations)
        self._totals["unparsed"] += sign * (result.unparsed is not None)
        self._totals["skipped"] += sign * (result.skipped is not None)

    def tally(self) -> Tally:
        """Return the current totals."""
        files = sum(self._readable[category] for category in self._counted)
        unclean, violating, violations, old, new, suppressed, unparsed, skipped = (
            self._totals[name] for name in _TOTALS
        )
        return Tally(
            files=files,
            clean=files - unclean,
            violations=violations,
            files_with_violations=violating,
            old_sites=old,
            new_sites=new,
            suppressed=suppressed,
            unparsed=unparsed,
            skipped=skipped,
            by=MappingProxyType({dimension: self._slices(dimension) for dimension in self._keys}),
            category_files=MappingProxyType(
                {category: self._readable[category] for category in self._keys["category"]}
            ),
        )

    def _slices(self, dimension: str) -> Mapping[str, Slice]:
        found = {key: self._violations[dimension, key] for key in self._keys[dimension]}
        return MappingProxyType(
            {key: Slice(number, self._files[dimension, key]) for key, number in found.items()}
        )


def _keys(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return every key that the plan defines, in plan order, so that zero counts are shown too."""
    return {
        "rule": (*(rule.id for rule in plan.rules), UNEXPLAINED_IGNORE),
        "risk": RISKS,
        "category": tuple(dict.fromkeys((*plan.categories, DEFAULT_CATEGORY))),
        "phase": tuple(dict.fromkeys(phase.id for issue in plan.issues for phase in issue.phases)),
        "issue": tuple(dict.fromkeys(issue.key for issue in plan.issues)),
    }
