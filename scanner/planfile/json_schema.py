"""Publishes the plan format as a JSON Schema, so that editors complete keys and values and mark mistakes.

The reader is stricter: a schema can't express that a reference has a target, that ids are unique, or that a
glob is valid.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from scanner.model import RISKS
from scanner.planfile.description import FORMAT_VERSION, Key, Section, plan_section
from scanner.planfile.fields import ID_PATTERN
from scanner.rules import kinds
from scanner.rules.base import Rule

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The newest draft that all common editors of YAML support."""


def _named(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": {"pattern": f"^{ID_PATTERN}$"}, "additionalProperties": value}


_TEXT = {"type": "string", "pattern": r"\S"}
_WORD = r"[^\s.\d][^\s.]*"
_DOTTED = {"type": "string", "pattern": rf"^{_WORD}(\.{_WORD})+$"}
_GLOB = {"type": "string", "pattern": "^[^/]"}
_PLAIN: dict[str, dict[str, Any]] = {
    "version": {"const": FORMAT_VERSION},
    "text": _TEXT,
    "line": _TEXT,
    "id": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
    "name": {"type": "string", "pattern": f"^{_WORD}$"},
    "dotted": _DOTTED,
    "url": {"type": "string", "pattern": "^https?://"},
    "count": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    "flag": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "path-globs": {"type": "array", "items": _GLOB},
    "folders": {"type": "array", "items": _TEXT},
    "globs": {"type": "array", "items": {"type": "string", "pattern": r"^\S+$"}},
    "symbols": {"type": "array", "items": _DOTTED},
    "modules": {
        "type": "object",
        "additionalProperties": {"type": "string", "pattern": rf"^{_WORD}(\.{_WORD})*$"},
    },
    "types": {"type": "object", "additionalProperties": _DOTTED},
    "mapping": {},
}
_PLAIN["named-globs"] = _named(_PLAIN["path-globs"])


def json_schema() -> dict[str, Any]:
    """Return the schema. The keyword `x-refers` names the part of the plan whose names are valid values."""
    detectors = list(kinds())
    schema = _section(plan_section(), {kind.kind: kind for kind in detectors})
    return {"$schema": DRAFT, "title": "Migration plan", **schema}


def _section(section: Section, detectors: dict[str, type[Rule]]) -> dict[str, Any]:
    if section.variants:
        return _variants(section, detectors)
    required, _ = section.names()
    schema = {
        "type": "object",
        "required": list(required),
        "properties": {key.name: _key(key, detectors) for key in section.keys},
        "additionalProperties": False,
    }
    return schema | ({"anyOf": [{"required": [name]} for name in section.one_of]} if section.one_of else {})


def _variants(section: Section, detectors: dict[str, type[Rule]]) -> dict[str, Any]:
    """Return the schema of a mapping whose keys depend on its key `kind`."""
    known = list(section.variants)
    kind = {"enum": known, **_description(next(key for key in section.keys if key.name == "kind"))}
    if summaries := [detectors[name].summary() for name in known if name in detectors]:
        kind["enumDescriptions"] = summaries
    return {
        "type": "object",
        "required": list(section.names()[0]),
        "properties": {"kind": kind},
        "allOf": [
            {
                "if": {"required": ["kind"], "properties": {"kind": {"const": name}}},
                "then": _variant(section, name, detectors),
            }
            for name in known
        ],
    }


def _variant(section: Section, kind: str, detectors: dict[str, type[Rule]]) -> dict[str, Any]:
    roles = detectors[kind].roles if kind in detectors else ()
    keys = section.of_kind(kind)
    convert = partial(_key, detectors=detectors, roles=roles)
    schema = {
        "required": [key.name for key in keys if key.required],
        "properties": {key.name: convert(key) for key in keys if key.name != "kind"} | {"kind": True},
        "additionalProperties": False,
    }
    limits = [key.name for key in keys if key.name in {"min", "max"}]
    return schema | ({"anyOf": [{"required": [name]} for name in limits]} if len(limits) > 1 else {})


def _key(key: Key, detectors: dict[str, type[Rule]], roles: Iterable[str] = ()) -> dict[str, Any]:
    return {**_value(key, detectors, tuple(roles)), **_description(key)}


def _value(key: Key, detectors: dict[str, type[Rule]], roles: tuple[str, ...]) -> dict[str, Any]:
    if key.of:
        return _container(key, _section(key.of, detectors))
    match key.shape:
        case "number":
            highest = {} if key.high is None else {"maximum": key.high}
            return {"type": "number", "minimum": key.low} | highest
        case "choice":
            return _word(key)
        case "choices":
            counted = {"minItems": 1} if key.name == "compliance_counts" else {}
            return {"type": "array", "items": _word(key)} | counted
        case "risk":
            risk = {"enum": list(RISKS)}
            by_role = {"type": "object", "propertyNames": {"enum": list(roles)}, "additionalProperties": risk}
            return {"anyOf": [risk, by_role]}
    return _PLAIN[key.shape] | ({"maxLength": key.limit} if key.limit else {})


def _container(key: Key, part: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a part that consists of sections."""
    if key.shape == "list":
        return {"type": "array", "items": part} | ({"minItems": 1} if key.required else {})
    return _named(part) if key.shape == "named" else part


def _word(key: Key) -> dict[str, Any]:
    if key.refers:
        return {"type": "string", "x-refers": key.refers}
    return {"enum": list(key.choices)}


def _description(key: Key) -> dict[str, str]:
    words = " ".join(filter(None, (key.help, f"Default: {key.default}." if key.default else "")))
    return {"title": key.title} | ({"description": words} if words else {})
