"""The entities and agents of the fictional platform, with the names that its templates use."""

from functools import cache
from typing import Any

from compliance.management.demo.templates import source

Names = dict[str, Any]
"""The names that are available to a template."""

_SAMPLES = {
    "str": '"{name}-1"',
    "int": "12",
    "float": "2.5",
    "bool": "False",
    "date": "date(2025, 9, 1)",
    "datetime": "datetime(2025, 9, 1, 8, 30, tzinfo=UTC)",
}


@cache
def agents() -> tuple[Names, ...]:
    """Return every agent, from `sources/agents.txt`."""
    return tuple(
        _named(name, f"{name}_agents", about) | {"tools": tools.split()}
        for name, tools, about in _rows("agents")
    )


@cache
def entities() -> tuple[Names, ...]:
    """Return every entity, from `sources/entities.txt`. Each is read by one of the agents."""
    return tuple(
        _entity(*row) | {"reader": agents()[number % len(agents())]}
        for number, row in enumerate(_rows("entities"))
    )


def _rows(name: str) -> list[list[str]]:
    lines = source(name).splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if not line.startswith("#")]


def _named(name: str, plural: str, about: str) -> Names:
    words = name.replace("_", " ")
    return {
        "name": name,
        "plural": plural,
        "camel": words.title().replace(" ", ""),
        "words": words,
        "a_words": ("an " if words[0] in "aeio" else "a ") + words,
        "plural_words": plural.replace("_", " "),
        "about": about,
    }


def _entity(domain: str, name: str, plural: str, columns: str, about: str) -> Names:
    names = _named(name, plural, about)
    fields = [_field(name, *column.split(":")) for column in columns.split()]
    values = ", ".join(f"{field['name']}={field['sample']}" for field in fields)
    return names | {
        "domain": domain,
        "fields": fields,
        "owner": next((f for f in fields if f["name"] in {"owner_id", "user_id", "author_id"}), None),
        "text": next(f for f in fields if f["kind"] == "str"),
        "flag": next((f for f in fields if f["kind"] == "bool"), None),
        "number": next((f for f in fields if f["is_number"]), None),
        "sample": f'{names["camel"]}(id="{name}-1", {values})',
    }


def _field(entity: str, name: str, kind: str) -> Names:
    return {
        "name": name,
        "kind": kind,
        "words": name.replace("_", " "),
        "is_number": kind in {"int", "float"},
        "is_moment": kind in {"date", "datetime"},
        "sample": _SAMPLES[kind].format(name=entity),
    }
