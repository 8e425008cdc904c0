"""The validated migration plan, which also assigns findings to categories, phases and issues."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any

from scanner.globs import path_matches
from scanner.model import Risk
from scanner.python.imports import module_name

DEFAULT_CATEGORY = "production"
UNEXPLAINED_IGNORE = "unexplained-ignore"  # rule and role for a suppression comment that suppresses nothing


@dataclass(frozen=True, slots=True)
class Replacement:
    """The replacement for a deprecated symbol; `arguments` maps parameter names to dotted types."""

    symbol: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule as written in the plan; `options` contains the validated keys that belong to its kind.

    `message` is empty if the plan has none. In that case, the finding's own message or the kind's summary is
    used.
    """

    id: str
    kind: str
    message: str
    risk: Mapping[str, Risk] | Risk | None
    paths: tuple[str, ...]
    options: Mapping[str, Any]
    replacement: Replacement | None = None
    issues: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Return whether the rule applies to this path (which must be in the plan's scope as well)."""
        return not self.paths or path_matches(self.paths, path)

    def risk_in(self, role: str, *, low: bool) -> Risk:
        """Return the rule's own risk: low for a tombstone, else the risk from the plan, else medium."""
        if low:
            return "low"
        if isinstance(self.risk, str):
            return self.risk
        return self.risk.get(role, "medium") if self.risk else "medium"


@dataclass(frozen=True, slots=True)
class RiskOverride:
    """A risk for findings that match all of its selectors.

    The first matching override applies; one without selectors matches every finding.
    """

    risk: Risk
    paths: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def matches(self, rule: str, role: str, path: str, category: str) -> bool:
        """Return whether this override applies to such a finding."""
        return (
            (not self.rules or rule in self.rules)
            and (not self.roles or role in self.roles)
            and (not self.categories or category in self.categories)
            and (not self.paths or path_matches(self.paths, path))
        )


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition for closing a phase: `kind` is violations, compliance, tests, measurement or approval."""

    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """One phase of an issue; its id is unique in the plan, and empty selectors match all findings."""

    id: str
    title: str
    categories: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    start: date | None = None
    due: date | None = None
    criteria: tuple[Criterion, ...] = ()

    def matches(self, rule: str, role: str, path: str, category: str, risk: Risk) -> bool:
        """Return whether the phase includes such a finding of its issue, unless an earlier phase does."""
        return (
            (not self.categories or category in self.categories)
            and (not self.rules or rule in self.rules)
            and (not self.roles or role in self.roles)
            and (not self.risks or risk in self.risks)
            and (not self.paths or path_matches(self.paths, path))
        )


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One commit in a fixed order; it is done when a name is defined, or when files are clean."""

    title: str
    risk: str = ""
    defines: str = ""
    clean: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueSpec:
    """One linked issue: the findings that it includes, and its phases and steps."""

    key: str
    title: str
    url: str = ""
    priority: str = ""
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    phases: tuple[PhaseSpec, ...] = ()
    steps: tuple[StepSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanScope:
    """The paths in scope, and the source roots where dotted names start."""

    include: tuple[str, ...] = ("**/*.py",)
    exclude: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = (".",)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A complete plan. `digest` is the SHA-256 of its content, regardless of the file's layout.

    Plans are compared by identity, which makes them cheap dictionary keys; compare digests to compare
    contents.
    """

    name: str
    digest: str
    target_percent: float
    scope: ScanScope
    categories: Mapping[str, tuple[str, ...]]
    compliance_counts: tuple[str, ...]
    rules: tuple[RuleSpec, ...]
    risk_overrides: tuple[RiskOverride, ...]
    issues: tuple[IssueSpec, ...]
    suites: Mapping[str, tuple[str, ...]]

    @property
    def reading_digest(self) -> str:
        """Return the SHA-256 of everything that affects how files are read: the rules and the source roots.

        Categories, risks, issues, phases and dates are applied to reports afterwards, so if only those
        change, a whole history is re-evaluated without reading any file.
        """
        return _reading_digest(self)

    def in_scope(self, path: str) -> bool:
        """Return whether the path is in scope."""
        return _category(self, path) is not None

    def category_of(self, path: str) -> str:
        """Return the first category that matches the path, or production. The path may be out of scope."""
        return _category(self, path) or _first_category(self, path)

    def module_name(self, path: str) -> str:
        """Return the dotted module name of a path, relative to its longest source root, else to the root.

        `__init__.py` gives the name of its package; directly in a source root, the name is empty.
        """
        return module_name(path, self.scope.source_roots)[0]

    def risk_of(self, rule: str, role: str, path: str, category: str, *, low: bool = False) -> Risk:
        """Return the risk of a finding of the rule with this id; `low` is true for a tombstone."""
        for override in self.risk_overrides:
            if override.matches(rule, role, path, category):
                return override.risk
        spec = next((spec for spec in self.rules if spec.id == rule), None)
        return spec.risk_in(role, low=low) if spec else "low"

    def issues_and_phases(
        self, rule: str, role: str, path: str, category: str, risk: Risk
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the keys of a finding's issues, each mapped to the id of the first matching phase."""
        issues: list[str] = []
        phases: list[str] = []
        for issue in self.issues:
            if not self._issue_includes(issue, rule, path):
                continue
            issues.append(issue.key)
            first = (phase.id for phase in issue.phases if phase.matches(rule, role, path, category, risk))
            phases.extend(islice(first, 1))
        return tuple(issues), tuple(phases)

    def _issue_includes(self, issue: IssueSpec, rule: str, path: str) -> bool:
        """Return whether an issue includes a rule: it lists the rule, it lists none, or the rule names it."""
        named = not issue.rules or rule in issue.rules
        if not named and not any(spec.id == rule and issue.key in spec.issues for spec in self.rules):
            return False
        return not issue.paths or path_matches(issue.paths, path)


@lru_cache(maxsize=64)
def _reading_digest(plan: Plan) -> str:
    rules = [asdict(replace(rule, risk=None, issues=())) for rule in plan.rules]
    content = json.dumps([plan.scope.source_roots, rules], sort_keys=True, default=str)
    return sha256(content.encode()).hexdigest()


@lru_cache(maxsize=1 << 16)
def _category(plan: Plan, path: str) -> str | None:
    """Return the category of a path in scope.

    The result is cached, because the same paths recur throughout a history.
    """
    if not path_matches(plan.scope.include, path) or path_matches(plan.scope.exclude, path):
        return None
    return _first_category(plan, path)


def _first_category(plan: Plan, path: str) -> str:
    for name, globs in plan.categories.items():
        if path_matches(globs, path):
            return name
    return DEFAULT_CATEGORY
