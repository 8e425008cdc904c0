"""Decides whether a plan already has what a candidate proposes."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from scanner.plan import RuleSpec
from scanner.proposals.model import Candidate


def is_covered(candidate: Candidate, rules: Iterable[RuleSpec]) -> bool:
    """Return whether the rules of a plan look for everything that a candidate's rules look for."""
    known = {target for rule in rules for target in _targets(rule.kind, rule.options)}
    return all(target in known for entry in candidate.rules for target in _targets(entry["kind"], entry))


def _targets(kind: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a rule looks for; for other kinds, it is the kind alone."""
    if kind == "deprecated-symbol":
        return [(kind, name) for name in options["symbols"]]
    if kind in {"canonical-import", "duplicate-definition"}:
        return [(kind, name) for name in options["names"]]
    if kind == "pattern":
        sought = options.get("pattern") or _plain(options.get("rule"))
        return [(kind, json.dumps(sought, sort_keys=True))]
    return [(kind, str(sorted(options.get("names", ("*",)))))]


def _plain(value: Any) -> Any:
    """Return a part of an ast-grep rule in the types of JSON; a plan that was read has others."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
