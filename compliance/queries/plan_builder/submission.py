"""Reads a submitted form: which fields were edited, and which edits of the document that means."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Protocol

from compliance import scans
from compliance.queries.plan_builder.part import LINES, PAIRS, roles_at
from compliance.queries.plan_builder.paths import Path, keys_at, order_at, parse, section_at, written

MOST_FIELDS = 2_000
"""Number of fields of one form that are read; a part of a plan has far fewer."""


class Values(Protocol):
    """The submitted values."""

    def __contains__(self, name: object) -> bool:
        """Return whether there is a value with this name."""
        ...

    def __getitem__(self, name: str) -> str:
        """Return the last value with this name."""
        ...

    def getlist(self, name: str) -> list[str]:
        """Return all values with this name."""
        ...


def submitted(text: str, values: Values) -> str:
    """Return a plan's text with the edits of a submitted form: of the fields whose values differ from those
    that the form showed, which it has as `was`.

    Raises `EditError` if an edit isn't possible, and PlanError if the text isn't YAML.
    """
    for name, old in _shown(_get(values, "was")).items():
        new = _entered(values, name, old)
        if new != old:
            text = _edited(text, name, new, values)
    return text


def _shown(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict) or len(found) > MOST_FIELDS:
        return {}
    return {name: value for name, value in found.items() if isinstance(value, (str, list))}


def _get(values: Values, name: str) -> str:
    return values[name] if name in values else ""  # noqa: SIM401  (a QueryDict's `get` returns a list's last item or None)


def _entered(values: Values, name: str, old: Any) -> Any:
    if isinstance(old, list):
        return _chosen(old, values.getlist(f"f/{name}"))
    # A field that wasn't submitted wasn't edited.
    new = values[f"f/{name}"].replace("\r\n", "\n") if f"f/{name}" in values else old
    return old if new == _line_ends(old) else new


def _line_ends(text: str) -> str:
    """Return a text with the line ends that an input of several lines has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _chosen(old: list[Any], chosen: list[str]) -> list[Any]:
    """Return a list after some of its words were chosen; those that it had stay in their order.

    Checkboxes show a word once, even if the list has it several times, and no empty one.
    """
    if set(chosen) == {str(word) for word in old if word}:
        return old
    kept = [word for word in old if str(word) in chosen]
    return [*kept, *(word for word in chosen if word not in map(str, old))]


def _edited(text: str, name: str, new: Any, values: Values) -> str:
    path, document = parse(name), scans.PlanDocument(text)
    above, last = path[:-1], path[-1]
    if above and above[-1] == "risk":
        return _with_risk(text, document, above, values)
    if above == ("categories",):
        return scans.apply_edit(text, scans.PlanEdit("set", path, _lines(new)))
    content = document.plain(above) if not _is_empty(document, above) else {}
    key = next((key for key in keys_at(above, content) if key.name == last), None)
    if key is None:
        raise scans.EditError(f"{name} is not a key of a plan; nothing was changed")
    if key.shape == "risk":
        return _with_risk(text, document, path, values)
    value = convert(key.shape, new)
    if value in ("", [], {}, None) and (not key.required or _is_nested(path)):
        return _without(text, document, path)
    text = _with_parents(text, document, path, value)
    return _of_kind(text, above, str(new)) if last == "kind" else text


def _is_nested(path: Path) -> bool:
    return len(path) > 1 and path[-2] == "replacement"


def convert(shape: str, entered: Any) -> Any:
    """Return the value of a plan that was entered. What isn't valid stays text, which the reader refuses."""
    if isinstance(entered, list):
        return bool(entered) or "" if shape == "flag" else entered
    if shape in {"text", "mapping"}:
        return scans.read_fragment(entered) if shape == "mapping" and entered.strip() else entered
    if shape in LINES | PAIRS:
        return _lines(entered) if shape in LINES else dict(_pairs(entered))
    if shape == "date":
        return _date(entered.strip())
    return _number(entered.strip()) if shape in {"number", "count"} else entered.strip()


def _number(text: str) -> float | str:
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,9}\.[0-9]{1,9}", text) else text


def _date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in _lines(text):
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()


def _with_risk(text: str, document: scans.PlanDocument, path: Path, values: Values) -> str:
    """Return the text with one risk of a rule, or with one per role if any role has one."""
    roles = roles_at(document.plain(path[:-1]))
    entered = {role: _get(values, f"f/{written(path)}/{role}") for role in roles}
    by_role = {role: risk for role, risk in entered.items() if risk}
    value = by_role or _get(values, f"f/{written(path)}")
    if not value:
        return _without(text, document, path)
    return _with_parents(text, document, path, value)


def _without(text: str, document: scans.PlanDocument, path: Path) -> str:
    if document.find(path) is None:
        return text
    above = document.plain(path[:-1])
    if _is_nested(path) and (path[-1] == "symbol" or len(above) == 1):
        path = path[:-1]
    return scans.apply_edit(text, scans.PlanEdit("remove", path))


def _is_empty(document: scans.PlanDocument, path: Path) -> bool:
    """Return whether a document has nothing at a path, or a key without a value."""
    node = document.find(path)
    return node is None or node.tag == "tag:yaml.org,2002:null"


def _with_parents(text: str, document: scans.PlanDocument, path: Path, value: Any) -> str:
    while len(path) > 1 and _is_empty(document, path[:-1]):
        path, value = path[:-1], {str(path[-1]): value}
    above = document.plain(path[:-1])
    order = order_at(path[:-1], above) if isinstance(above, dict) else []
    return scans.apply_edit(text, scans.PlanEdit("set", path, value, order=order))


def _of_kind(text: str, path: Path, kind: str) -> str:
    """Return the text in which the mapping at a path has no keys that only other kinds have."""
    section, document = section_at(path), scans.PlanDocument(text)
    if section is None or kind not in section.variants:
        return text
    known = {key.name for key in section.of_kind(kind)}
    others = {key.name for keys in section.variants.values() for key in keys}
    content: Mapping[str, Any] = document.plain(path)
    roles = next((found.roles for found in scans.kinds() if found.kind == kind), ())
    risk = content.get("risk")
    stale = ["risk"] if isinstance(risk, dict) and not set(risk) <= set(roles) else []
    for name in [*(name for name in content if name in others - known), *stale]:
        text = scans.apply_edit(text, scans.PlanEdit("remove", (*path, name)))
    return text
