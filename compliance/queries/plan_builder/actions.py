"""The buttons of the plan builder: add, remove, move and rename parts of the document."""

from dataclasses import dataclass
from typing import Any

from compliance import scans
from compliance.queries.plan_builder.part import title_of
from compliance.queries.plan_builder.paths import Path, order_at, parse, section_at, written

_STARTS: dict[str, Any] = {
    "pattern": "TODO($$$)",
    "symbols": ["package.module.name"],
    "callables": [".name"],
    "argument": "argument",
    "max": 0,
    "min": 95,
    "suite": "",
    "name": "name",
    "role": "manager",
}


@dataclass(frozen=True, slots=True)
class Done:
    """The text after an action, the part to open, and a sentence that says what happened."""

    text: str
    part: str
    told: str


def act(text: str, action: str, part: str, extra: str = "") -> Done:
    """Return the document after a button was used.

    `action` is the button's name and the path that it concerns, such as `up:rules/3` or `move:rules/3:0`;
    `part` is the path of the open part, and `extra` the kind or the name of what is added. Raises `EditError`
    if this isn't possible.
    """
    verb, _, rest = action.partition(":")
    where, _, to = rest.partition(":")
    path = parse(where)
    if verb == "open":
        return Done(text, where, "")
    if verb == "add":
        return _add(text, path, extra)
    if verb == "remove":
        return _remove(text, path, part)
    if verb in {"up", "down", "move"}:
        return _move(text, path, verb, to, part)
    if verb == "rename":
        return _rename(text, path, extra.strip())
    return Done(text, part, "")


def _add(text: str, path: Path, extra: str) -> Done:
    document = scans.PlanDocument(text)
    values = document.plain(path)
    if path in {("categories",), ("suites",)}:
        return _add_named(text, path, extra.strip(), values)
    section = section_at((*path, 0))
    if section is None:
        raise scans.EditError(f"nothing can be added to {written(path)}")
    place = len(values) if isinstance(values, list) else 0
    value = _new(section, extra, document, path)
    if isinstance(values, list):
        text = scans.apply_edit(text, scans.PlanEdit("insert", path, value, place))
    else:
        above = document.plain(path[:-1])
        edit = scans.PlanEdit("set", path, [value], order=order_at(path[:-1], above))
        text = scans.apply_edit(text, edit)
    return Done(text, written((*path, place)), f"{title_of(section, value)} was added.")


def _add_named(text: str, path: Path, name: str, values: Any) -> Done:
    _check_name(name)
    known = values if isinstance(values, dict) else {}
    if name in known:
        raise scans.EditError(f"The name {name} is already used.")
    value: Any = ["**"] if path == ("categories",) else {"match": ["tests/**"]}
    if known:
        text = scans.apply_edit(text, scans.PlanEdit("set", (*path, name), value))
    else:
        order = [key.name for key in scans.plan_section().keys]
        text = scans.apply_edit(text, scans.PlanEdit("set", path, {name: value}, order=order))
    return Done(text, written((*path, name)), f"{name} was added.")


def _check_name(name: str) -> None:
    """Raise `EditError` unless a category or a suite may have this name."""
    if not name:
        raise scans.EditError("Enter a name first.")
    if not scans.is_id(name):
        raise scans.EditError(f"The name {name} must consist of letters, digits, `.`, `-` and `_`.")


def _rename(text: str, path: Path, name: str) -> Done:
    """Rename a category or a suite, and what refers to it by name."""
    _check_name(name)
    if len(path) != 2:
        raise scans.EditError(f"{written(path)} has no name that could be changed")
    old, document = str(path[1]), scans.PlanDocument(text)
    text = scans.apply_edit(text, scans.PlanEdit("rename", path, name))
    for place in references(document.plain(), path[0], old):
        text = scans.apply_edit(text, scans.PlanEdit("set", place, name))
    return Done(text, f"{path[0]}/{name}", f"{old} is now {name}.")


def references(tree: Any, kind: Any, name: str, path: Path = ()) -> list[Path]:
    """Return the paths of the values that refer to a category or a suite by its name."""
    keys = {"categories": {"categories", "compliance_counts"}, "suites": {"suite"}}[str(kind)]
    if isinstance(tree, dict):
        pairs = [(step, part) for step, part in tree.items() if path or step not in {"categories", "suites"}]
        return [found for step, part in pairs for found in references(part, kind, name, (*path, step))]
    if isinstance(tree, list):
        return [
            found for step, part in enumerate(tree) for found in references(part, kind, name, (*path, step))
        ]
    above = path[-2] if path and isinstance(path[-1], int) else path[-1] if path else ""
    return [path] if tree == name and above in keys else []


def _new(section: scans.PlanSection, kind: str, document: scans.PlanDocument, path: Path) -> dict[str, Any]:
    """Return a new mapping with its required keys, with names that aren't used yet."""
    kind = kind if kind in section.variants else next(iter(section.variants), "")
    value: dict[str, Any] = {}
    for key in section.of_kind(kind):
        if not key.required and not (kind == "pattern" and key.name == "pattern"):
            continue
        value[key.name] = _STARTS.get(key.name, "New")
    if "kind" in value:
        value["kind"] = kind
    if section.title == "Rule":
        value["id"] = _unused(kind, {str(rule.get("id")) for rule in document.plain(("rules",)) or ()})
        if kind in {"canonical-import", "duplicate-definition"}:
            value["names"] = {"Name": "package.module"} if kind == "canonical-import" else ["Name"]
    if section.title == "Phase":
        issues = document.plain(("issues",)) or ()
        used = {str(phase.get("id")) for issue in issues for phase in issue.get("phases") or ()}
        value["id"] = _unused("phase", used)
    if section.title == "Issue":
        value["key"] = _unused("NEW", {str(issue.get("key")) for issue in document.plain(path) or ()})
    if section.title == "Risk override":
        value["risk"] = "high"
    if section.title == "Step":
        value["clean"] = ["**"]
    if value.get("suite") == "":
        value["suite"] = next(iter(document.plain(("suites",)) or {"suite": None}))
    return value


def _unused(word: str, used: set[str]) -> str:
    names = (word, *(f"{word}-{number}" for number in range(2, len(used) + 3)))
    return next(name for name in names if name not in used)


def _remove(text: str, path: Path, part: str) -> Done:
    document = scans.PlanDocument(text)
    title, above = _title(document, path), document.plain(path[:-1])
    is_last = isinstance(above, (list, dict)) and len(above) == 1 and path[0] != "rules"
    text = scans.apply_edit(text, scans.PlanEdit("remove", path[:-1] if is_last else path))
    gone = written(path)
    still = "" if part == gone or part.startswith(f"{gone}/") or _is_sibling(path, parse(part)) else part
    if len(path) > 3 and not still:
        still = written(path[:-2])
    return Done(text, still, f"{title} was removed.")


def _move(text: str, path: Path, verb: str, to: str, part: str) -> Done:
    document = scans.PlanDocument(text)
    above = document.plain(path[:-1])
    names = list(above) if isinstance(above, dict) else list(range(len(above or ())))
    if path[-1] not in names:
        raise scans.EditError(f"{written(path)} doesn't exist any more; nothing was changed")
    place = names.index(path[-1])
    wanted = (
        int(to) if verb == "move" and to.isdigit() and len(to) < 7 else place + (1 if verb == "down" else -1)
    )
    wanted = max(0, min(len(names) - 1, wanted))
    title = _title(document, path)
    if wanted != place:
        text = scans.apply_edit(text, scans.PlanEdit("move", path, index=wanted))
    opened = _after_move(parse(part), path, place, wanted) if isinstance(above, list) else parse(part)
    return Done(text, written(opened), f"{title} is now number {wanted + 1} of {len(names)}.")


def _after_move(part: Path, moved: Path, place: int, wanted: int) -> Path:
    """Return the path of the open part after an item of a list that contains it was moved."""
    depth = len(moved) - 1
    if not _is_below(part, moved[:-1]):
        return part
    order = list(range(max(place, wanted, int(part[depth])) + 1))
    order.insert(wanted, order.pop(place))
    return (*part[:depth], order.index(int(part[depth])), *part[depth + 1 :])


def _is_below(part: Path, path: Path) -> bool:
    return len(part) > len(path) and part[: len(path)] == path and isinstance(part[len(path)], int)


def _is_sibling(path: Path, part: Path) -> bool:
    """Return whether the index of a part changes if the item at a path of a list is removed."""
    place = path[-1]
    if not isinstance(place, int) or not _is_below(part, path[:-1]):
        return False
    return int(part[len(path) - 1]) >= place


def _title(document: scans.PlanDocument, path: Path) -> str:
    section, content = section_at(path), document.plain(path)
    if section is not None and isinstance(content, dict) and isinstance(path[-1], int):
        return title_of(section, content)
    return str(path[-1])
