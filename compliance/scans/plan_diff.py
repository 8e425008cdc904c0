"""Describes the differences between two plans in sentences: rules, target, phases and the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from scanner import Plan

_SILENT = {"id", "key", "phases", "steps"}


def changes(old: Plan, new: Plan) -> list[str]:
    """Return one sentence per change, in the order of the plan file, or none if the contents are
    identical.
    """
    return list(_changes(old, new))


def _changes(old: Plan, new: Plan) -> Iterator[str]:
    if old.name != new.name:
        yield f"Name: “{old.name}” → “{new.name}”"
    if old.target_percent != new.target_percent:
        yield f"Target: {old.target_percent:g}% → {new.target_percent:g}%"
    for name in ("include", "exclude", "source_roots"):
        yield from _list(f"scope, {name}", getattr(old.scope, name), getattr(new.scope, name))
    yield from _named("category", old.categories, new.categories)
    if list(old.categories) != list(new.categories) and set(old.categories) == set(new.categories):
        yield "categories in another order, which matters because a file belongs to the first that matches"
    yield from _list("counted categories", old.compliance_counts, new.compliance_counts)
    yield from _parts("rule", _by(old.rules, "id"), _by(new.rules, "id"))
    if old.risk_overrides != new.risk_overrides:
        yield f"Risk overrides: {len(old.risk_overrides)} → {len(new.risk_overrides)}"
    issues = _by(old.issues, "key"), _by(new.issues, "key")
    yield from _parts("issue", *issues)
    yield from _phases(old, new)
    for key in issues[0].keys() & issues[1].keys():
        if issues[0][key].steps != issues[1][key].steps:
            yield f"steps of issue {key} changed"
    yield from _named("suite", old.suites, new.suites)


def _by(parts: Iterable[Any], name: str) -> dict[str, Any]:
    return {getattr(part, name): part for part in parts}


def _phases(old: Plan, new: Plan) -> Iterator[str]:
    sides = [
        {
            phase.id: (issue.key, place, phase)
            for issue in plan.issues
            for place, phase in enumerate(issue.phases)
        }
        for plan in (old, new)
    ]
    yield from _parts("phase", *({key: phase for key, (_, _, phase) in side.items()} for side in sides))
    for key in sides[0].keys() & sides[1].keys():
        before, after = sides[0][key], sides[1][key]
        if before[0] != after[0]:
            yield f"phase {key} moved from issue {before[0]} to {after[0]}"
    for issue in {issue.key for issue in old.issues} & {issue.key for issue in new.issues}:
        orders = [
            [key for key, (of, _, _) in side.items() if of == issue and key in sides[0] and key in sides[1]]
            for side in sides
        ]
        if orders[0] != orders[1] and set(orders[0]) == set(orders[1]):
            yield (
                f"phases of issue {issue} in another order, which matters because a violation belongs to "
                "the first that matches"
            )


def _parts(noun: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts that were added, removed or changed, with abbreviated values of the changed fields."""
    for key, part in new.items():
        if key not in old:
            yield f"{noun} {key} added{f' ({part.kind})' if hasattr(part, 'kind') else ''}"
        elif told := list(_fields(old[key], part)):
            yield f"{noun} {key} changed: {'; '.join(told)}"
    for key in old:
        if key not in new:
            yield f"{noun} {key} removed"


def _fields(old: Any, new: Any) -> Iterator[str]:
    for name in (field.name for field in fields(old) if field.name not in _SILENT):
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
            yield f"{name} ({', '.join(map(str, keys))})" if name != "options" else ", ".join(map(str, keys))
        elif isinstance(before, tuple) or isinstance(after, tuple):
            yield from _list(name, before or (), after or ()) or (name,)
        elif _short(before) and _short(after):
            yield f"{name}: {_word(before)} → {_word(after)}"
        else:
            yield name


def _list(name: str, old: Sequence[Any], new: Sequence[Any]) -> list[str]:
    if old == new:
        return []
    more, less = [x for x in new if x not in old], [x for x in old if x not in new]
    if not all(_short(x) for x in (*more, *less)):
        return [f"{name} changed"]
    words = [f"+ {x}" for x in more] + [f"− {x}" for x in less]  # noqa: RUF001  (a minus)
    return [f"{name}: {', '.join(words) if words else 'another order'}"]


def _named(noun: str, old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for key, globs in new.items():
        if key not in old:
            yield f"{noun} {key} added: {', '.join(globs)}"
        else:
            yield from _list(f"{noun} {key}", old[key], globs)
    yield from (f"{noun} {key} removed" for key in old if key not in new)


def _short(value: Any) -> bool:
    return value is None or (not hasattr(value, "__dataclass_fields__") and len(str(value)) <= 60)


def _word(value: Any) -> str:
    return "none" if value is None or value == "" else str(value)
