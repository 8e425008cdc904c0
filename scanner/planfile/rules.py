"""Reads the rules in a plan file; the keys and roles of each kind come from its detector."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from scanner.model import RISKS, Risk
from scanner.plan import UNEXPLAINED_IGNORE, Replacement, RiskOverride, RuleSpec
from scanner.planfile.description import OVERRIDE, REPLACEMENT, RULE, option_key, split
from scanner.planfile.errors import nearest
from scanner.planfile.fields import MESSAGE, Entry, Fields
from scanner.rules import kinds
from scanner.rules.base import Rule, Shape


def format_kinds() -> tuple[str, ...]:
    """Return the kinds in the plan format, whether or not a catalogue has a detector for them."""
    return tuple(kind.kind for kind in kinds())


@dataclass(frozen=True, slots=True)
class Known:
    """The names in this plan to which other parts may refer."""

    categories: tuple[str, ...]
    rules: tuple[str, ...]
    roles: tuple[str, ...]
    suites: tuple[str, ...]

    def take_categories(self, entry: Entry) -> tuple[str, ...]:
        """Return a list of references to categories."""
        return entry.choices(self.categories, "category")

    def take_rules(self, entry: Entry) -> tuple[str, ...]:
        """Return a list of references to rules."""
        return entry.choices(self.rules, "rule")

    def take_roles(self, entry: Entry) -> tuple[str, ...]:
        """Return a list of roles that at least one rule in the plan reports."""
        return entry.choices(self.roles, "role")


def read_rules(
    entry: Entry, catalogue: Mapping[str, type[Rule]], issues: tuple[str, ...]
) -> tuple[RuleSpec, ...]:
    """Return all rules.

    `catalogue` maps each kind to its detector; `issues` contains the keys to which rules may refer.
    """
    seen: dict[str, int] = {}
    specs = []
    items = entry.items("a list of rules")
    if entry.tag == "seq" and not items:
        entry.refuse("is empty; a plan has at least one rule")
    for item in items:
        spec = _read_rule(item, catalogue, issues)
        if spec is None:
            continue
        if spec.id == UNEXPLAINED_IGNORE:
            item.refuse(
                f"the id `{UNEXPLAINED_IGNORE}` is reserved for suppression comments without a reason"
            )
        if spec.id in seen:
            item.refuse(f"duplicate id `{spec.id}` (first on line {seen[spec.id]})")
        seen.setdefault(spec.id, item.node.start_mark.line + 1)
        specs.append(spec)
    return tuple(specs)


def _read_rule(entry: Entry, catalogue: Mapping[str, type[Rule]], issues: tuple[str, ...]) -> RuleSpec | None:
    kind = _kind(entry, catalogue)
    if kind is None:
        return _without_kind(entry, catalogue)
    found = entry.fields(*split((*RULE.keys, *map(option_key, kind.options))))
    before = len(entry.problems)
    options = {
        option.name: _READINGS[option.shape](found[option.name])
        for option in kind.options
        if option.name in found
    }
    complete = all(option.name in found for option in kind.options if option.required)
    if complete and before == len(entry.problems) and (problem := kind.problem(options)):
        entry.refuse(problem)
    return RuleSpec(
        id=found.read("id", Entry.id, ""),
        kind=kind.kind,
        message=found.read("message", lambda e: e.bounded(MESSAGE), ""),
        risk=found.read("risk", lambda e: _risk(e, kind), None),
        paths=found.read("paths", Entry.path_globs, ()),
        options=options,
        replacement=found.read("replacement", _replacement, None),
        issues=found.read("issues", lambda e: e.choices(issues, "issue"), ()),
    )


def _without_kind(entry: Entry, catalogue: Mapping[str, type[Rule]]) -> RuleSpec | None:
    """Return a stand-in for a rule whose kind was refused, so that references to the rule are accepted."""
    found = entry.pairs()
    if "kind" not in found or found["kind"].node.value not in format_kinds():
        options = dict.fromkeys(option.name for kind in catalogue.values() for option in kind.options)
        required, optional = RULE.names()
        found = entry.fields(required, (*optional, *options))
    name = found.read("id", Entry.id, "")
    return RuleSpec(id=name, kind="", message="", risk=None, paths=(), options={}) if name else None


def _kind(entry: Entry, catalogue: Mapping[str, type[Rule]]) -> type[Rule] | None:
    found = (
        {}
        if entry.tag != "map"
        else {key.value: value for key, value in entry.node.value if hasattr(key, "value")}
    )
    if "kind" not in found:
        return None
    kind_entry = Entry(found["kind"], f"{entry.key}.kind", entry.file, entry.problems)
    word = kind_entry.text("a rule kind")
    if word and word not in catalogue:
        if word in format_kinds():
            kind_entry.refuse(
                f"the kind `{word}` has no detector yet; installed kinds: {', '.join(sorted(catalogue))}"
            )
        else:
            kind_entry.refuse(f"unknown kind `{word}`{nearest(word, (*catalogue, *format_kinds()))}")
    return catalogue.get(word)


_READINGS: dict[Shape, Callable[[Entry], Any]] = {
    "globs": Entry.name_globs,
    "symbols": Entry.dotted_names,
    "modules": lambda entry: {name: value.module() for name, value in entry.pairs().items()},
    "name": Entry.identifier,
    "text": Entry.text,
    "count": Entry.count,
    "flag": Entry.flag,
    "mapping": Entry.plain,
}


def _risk(entry: Entry, kind: type[Rule]) -> dict[str, Risk] | Risk | None:
    if entry.tag != "map":
        return cast("Risk", entry.choice(RISKS, "risk")) or None
    risks: dict[str, Risk] = {}
    for role, value in entry.pairs().items():
        if role not in kind.roles:
            value.refuse(f"unknown role `{role}` of the kind `{kind.kind}`{nearest(role, kind.roles)}")
        if risk := value.choice(RISKS, "risk"):
            risks[role] = cast("Risk", risk)
    return risks


def _replacement(entry: Entry) -> Replacement | None:
    found = entry.fields(*REPLACEMENT.names())
    arguments = found.read("arguments", Entry.pairs, Fields())
    return Replacement(
        symbol=found.read("symbol", Entry.dotted, ""),
        arguments={name: value.dotted() for name, value in arguments.items()},
    )


def read_overrides(entry: Entry, known: Known) -> tuple[RiskOverride, ...]:
    """Return the risk overrides, in order."""
    overrides = []
    for item in entry.items("a list of overrides"):
        found = item.fields(*OVERRIDE.names())
        risk = found.read("risk", lambda e: e.choice(RISKS, "risk"), "")
        overrides.append(
            RiskOverride(
                risk=cast("Risk", risk),
                paths=found.read("paths", Entry.path_globs, ()),
                roles=found.read("roles", known.take_roles, ()),
                rules=found.read("rules", known.take_rules, ()),
                categories=found.read("categories", known.take_categories, ()),
            )
        )
    return tuple(overrides)
