"""Reads a plan file and reports every error at once, with file, line, key and the closest match."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256

from scanner.plan import DEFAULT_CATEGORY, UNEXPLAINED_IGNORE, Plan, ScanScope
from scanner.planfile.description import FORMAT_VERSION, SCOPE, SUITE, plan_section
from scanner.planfile.errors import PlanError, Problem
from scanner.planfile.fields import NAME, Entry
from scanner.planfile.issues import issue_keys, read_issues
from scanner.planfile.rules import Known, read_overrides, read_rules
from scanner.planfile.yaml_nodes import compose
from scanner.rules import kinds
from scanner.rules.base import Rule

__all__ = ["DEFAULT_PATH", "PlanError", "Problem", "read_plan"]

DEFAULT_PATH = "ssot-plan.yaml"


def read_plan(text: bytes | str, name: str, catalogue: Mapping[str, type[Rule]] | None = None) -> Plan:
    """Parse the text of a plan file; messages refer to the file as `name`.

    `catalogue` maps rule kinds to detectors; by default, it contains all installed ones. Raises PlanError,
    whose `problems` lists every error. By default, the target is 100, the scope is every Python file, and all
    files are production.
    """
    problems: list[Problem] = []
    root = Entry(compose(text, name), "", name, problems)
    plan = _read(root, catalogue if catalogue is not None else {kind.kind: kind for kind in kinds()})
    if problems:
        raise PlanError(problems)
    return replace(plan, digest=_digest(plan))


def _read(root: Entry, catalogue: Mapping[str, type[Rule]]) -> Plan:
    found = root.fields(*plan_section().names())
    if "version" in found and found["version"].count() != FORMAT_VERSION:
        found["version"].refuse(f"this program reads version {FORMAT_VERSION}")
    issues = found.read("issues", issue_keys, ())
    rules = found.read("rules", lambda e: read_rules(e, catalogue, issues), ())
    none: dict[str, tuple[str, ...]] = {}
    categories = found.read("categories", _categories, none)
    suites = found.read("suites", _suites, none)
    known = Known(
        categories=tuple(dict.fromkeys((*categories, DEFAULT_CATEGORY))),
        rules=(*(rule.id for rule in rules), UNEXPLAINED_IGNORE),
        roles=(*(role for kind in catalogue.values() for role in kind.roles), UNEXPLAINED_IGNORE),
        suites=tuple(suites),
    )
    return Plan(
        name=found.read("name", lambda e: e.bounded(NAME), ""),
        digest="",
        target_percent=found.read("target_percent", lambda e: e.number(0, 100), 100.0),
        scope=found.read("scope", _scope, ScanScope()),
        categories=categories,
        compliance_counts=found.read("compliance_counts", lambda e: _counted(e, known), (DEFAULT_CATEGORY,)),
        rules=rules,
        risk_overrides=found.read("risk_overrides", lambda e: read_overrides(e, known), ()),
        issues=found.read("issues", lambda e: read_issues(e, known), ()),
        suites=suites,
    )


def _scope(entry: Entry) -> ScanScope:
    found = entry.fields(*SCOPE.names())
    default = ScanScope()
    return ScanScope(
        include=found.read("include", Entry.path_globs, default.include),
        exclude=found.read("exclude", Entry.path_globs, default.exclude),
        source_roots=found.read("source_roots", Entry.folders, default.source_roots),
    )


def _categories(entry: Entry) -> dict[str, tuple[str, ...]]:
    return {name: value.path_globs() for name, value in entry.named("category").items()}


def _suites(entry: Entry) -> dict[str, tuple[str, ...]]:
    return {
        name: value.fields(*SUITE.names()).read("match", Entry.path_globs, ())
        for name, value in entry.named("suite").items()
    }


def _counted(entry: Entry, known: Known) -> tuple[str, ...]:
    counted = known.take_categories(entry)
    if entry.tag == "seq" and not entry.items():
        entry.refuse("is empty; list the categories that count towards the percentage")
    return counted


def _digest(plan: Plan) -> str:
    """Return the SHA-256 of the content.

    Order is included where it matters (categories, phases), layout never is.
    """
    content = asdict(plan) | {"categories": list(plan.categories.items())}
    return sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
