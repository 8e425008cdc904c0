"""The migration plan: the file's values, validated; which category, phase and issue takes a finding."""

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
UNEXPLAINED_IGNORE = "unexplained-ignore"  # rule and role of a suppression comment that suppresses nothing


@dataclass(frozen=True, slots=True)
class Replacement:
    """What takes the place of a deprecated symbol; `arguments` maps parameter name to dotted type."""

    symbol: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule as the plan states it; `options` has the keys that belong to its kind, validated.

    `message` is empty where the plan has none: then the hit's own speaks, else the summary of the kind.
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
        """Whether the rule looks at this path (which the plan's scope must take as well)."""
        return not self.paths or path_matches(self.paths, path)

    def risk_in(self, role: str, *, low: bool) -> Risk:
        """The rule's own risk: a tombstone's, else the map's, else the single one, else medium."""
        if low:
            return "low"
        if isinstance(self.risk, str):
            return self.risk
        return self.risk.get(role, "medium") if self.risk else "medium"


@dataclass(frozen=True, slots=True)
class RiskOverride:
    """The first override whose selectors all take a finding gives its risk; an empty selector takes all."""

    risk: Risk
    paths: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def takes(self, rule: str, role: str, path: str, category: str) -> bool:
        """Whether this override gives the risk of such a finding."""
        return (
            (not self.rules or rule in self.rules)
            and (not self.roles or role in self.roles)
            and (not self.categories or category in self.categories)
            and (not self.paths or path_matches(self.paths, path))
        )


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition that closes a phase: `kind` is violations, compliance, tests, measurement or approval."""

    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """One phase of an issue, its id unique in the plan; an empty selector takes all of its findings."""

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

    def takes(self, rule: str, role: str, path: str, category: str, risk: Risk) -> bool:
        """Whether the phase takes such a finding of its issue (an earlier phase may have it already)."""
        return (
            (not self.categories or category in self.categories)
            and (not self.rules or rule in self.rules)
            and (not self.roles or role in self.roles)
            and (not self.risks or risk in self.risks)
            and (not self.paths or path_matches(self.paths, path))
        )


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One commit of a fixed order: done when a name is defined, or when files are clean."""

    title: str
    risk: str = ""
    defines: str = ""
    clean: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueSpec:
    """One linked issue: which findings it takes, and its phases and steps."""

    key: str
    title: str
    url: str = ""
    priority: str = ""
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    phases: tuple[PhaseSpec, ...] = ()
    steps: tuple[StepSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which paths the plan looks at, and where dotted names start."""

    include: tuple[str, ...] = ("**/*.py",)
    exclude: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = (".",)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A whole plan. `digest` is the SHA-256 of its content, whatever the layout of the file.

    Plans are compared by identity, which makes them cheap keys; compare digests to compare contents.
    """

    name: str
    digest: str
    target_percent: float
    scope: Scope
    categories: Mapping[str, tuple[str, ...]]
    compliance_counts: tuple[str, ...]
    rules: tuple[RuleSpec, ...]
    risk_overrides: tuple[RiskOverride, ...]
    issues: tuple[IssueSpec, ...]
    suites: Mapping[str, tuple[str, ...]]

    @property
    def reading_digest(self) -> str:
        """SHA-256 of what decides how a file is read: the rules and where dotted names start.

        Categories, risks, issues, phases and dates only decide what is made of it, so a plan that changes
        those alone judges a whole history again without reading a file.
        """
        return _reading_digest(self)

    def in_scope(self, path: str) -> bool:
        """Whether the plan looks at this path."""
        return _category(self, path) is not None

    def category_of(self, path: str) -> str:
        """The first category that takes the path, else production; scope or not."""
        return _category(self, path) or _first_category(self, path)

    def module_name(self, path: str) -> str:
        """The dotted module name of a path, from the longest source root that holds it, else from the root.

        `__init__.py` is its package; that of a source root itself has the empty name.
        """
        return module_name(path, self.scope.source_roots)[0]

    def risk_of(self, rule: str, role: str, path: str, category: str, *, low: bool = False) -> Risk:
        """The risk of a finding of the rule with this id; `low` says that it is a tombstone."""
        for override in self.risk_overrides:
            if override.takes(rule, role, path, category):
                return override.risk
        spec = next((spec for spec in self.rules if spec.id == rule), None)
        return spec.risk_in(role, low=low) if spec else "low"

    def takers(
        self, rule: str, role: str, path: str, category: str, risk: Risk
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The keys of the issues that take a finding, and the ids of the first phase of each that does."""
        issues: list[str] = []
        phases: list[str] = []
        for issue in self.issues:
            if not self._issue_takes(issue, rule, path):
                continue
            issues.append(issue.key)
            first = (phase.id for phase in issue.phases if phase.takes(rule, role, path, category, risk))
            phases.extend(islice(first, 1))
        return tuple(issues), tuple(phases)

    def _issue_takes(self, issue: IssueSpec, rule: str, path: str) -> bool:
        """An issue takes the rules that it lists (all, if it lists none) and those that name the issue."""
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
    """The category of a path in scope, remembered: a history asks for the same paths at every commit."""
    if not path_matches(plan.scope.include, path) or path_matches(plan.scope.exclude, path):
        return None
    return _first_category(plan, path)


def _first_category(plan: Plan, path: str) -> str:
    for name, globs in plan.categories.items():
        if path_matches(globs, path):
            return name
    return DEFAULT_CATEGORY
