"""The migration plan: the file's values, validated; which category, phase and issue takes a finding."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scanner.values import Risk


@dataclass(frozen=True, slots=True)
class Replacement:
    """What takes the place of a deprecated symbol; `arguments` maps parameter name to dotted type."""

    symbol: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule as the plan states it; `options` has the keys that belong to its kind, validated."""

    id: str
    kind: str
    message: str
    risk: Mapping[str, Risk] | Risk | None
    paths: tuple[str, ...]
    options: Mapping[str, Any]
    replacement: Replacement | None = None
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskOverride:
    """The first override whose selectors all take a finding gives its risk; an empty selector takes all."""

    risk: Risk
    paths: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition that closes a phase: `kind` is violations, compliance, tests, measurement or approval."""

    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """One phase of an issue; an empty selector takes all of the issue's findings."""

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


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. `digest` is the SHA-256 of its content, whatever the layout of the file."""

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
