"""The form of one part of a plan: its fields with their values, and the lists below it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from compliance import scans
from compliance.queries.plan_builder.paths import Path, keys_at, of_problem, order_at, section_at, written

LINES = {"path-globs", "folders", "globs", "symbols"}
"""The shapes of lists of texts, which a form shows one a line."""

PAIRS = {"modules", "types"}
"""The shapes of mappings of names to texts, which a form shows as `name: value`, one a line."""

BELOW = {"list", "named", "named-globs"}
_WIDGETS = {
    **dict.fromkeys(LINES | PAIRS | {"mapping"}, "lines"),
    "choice": "select",
    "choices": "checkboxes",
    "flag": "checkbox",
    "risk": "risk",
    "date": "date",
    "number": "number",
    "count": "number",
}


_ONE_LINE = {"text", "date", "number"}


def _is_day(value: str) -> bool:
    """Return whether an input of a date can hold this value."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_FIRST = "A file belongs to the first category that matches it: one glob a line."


def field_id(name: str) -> str:
    """Return the id of the input of a field."""
    return "field-" + name.replace("/", "-")


@dataclass
class Field:
    """A field: `name` is its path, and `value` what it shows, a list if several can be chosen."""

    name: str
    label: str
    widget: str
    value: Any
    help: str = ""
    default: str = ""
    is_required: bool = False
    limit: int = 0
    choices: list[tuple[str, str]] = field(default_factory=list)
    by_role: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the id of the input."""
        return field_id(self.name)

    @property
    def shown_as(self) -> str:
        """Return the widget that can hold the value: a browser takes line breaks out of an input of one line,
        and empties an input of a date that holds anything else. What it submits must be the value if nobody
        has edited it.
        """
        if self.widget in _ONE_LINE and re.search(r"[\r\n]", str(self.value)):
            return "paragraph"
        return "text" if self.widget == "date" and self.value and not _is_day(self.value) else self.widget

    @property
    def has_roles(self) -> bool:
        """Return whether any role has a risk of its own."""
        return any(risk for _, risk in self.by_role)

    @property
    def rows(self) -> int:
        """Return the height of an input of several lines."""
        return min(12, max(2, str(self.value).count("\n") + 1))


@dataclass
class Item:
    """An entry of a list below a part, with its fields if they are shown there."""

    path: str
    title: str
    fields: list[Field]


@dataclass
class Sublist:
    """A list below a part, whose items can be added, moved and removed. `kinds` are the kinds to add."""

    path: str
    title: str
    noun: str
    help: str
    items: list[Item]
    kinds: list[tuple[str, str]]


@dataclass
class Part:
    """The part that is being edited."""

    path: str
    title: str
    fields: list[Field]
    lists: list[Sublist]

    @property
    def shown(self) -> str:
        """Return the values that the form shows, as JSON; what differs in a submission was edited."""
        fields = [
            *self.fields,
            *(found for part in self.lists for item in part.items for found in item.fields),
        ]
        values = {found.name: found.value for found in fields}
        roles = {f"{found.name}/{role}": risk for found in fields for role, risk in found.by_role}
        return json.dumps(values | roles)


class Names:
    """The names in a plan to which other parts may refer."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        def each(key: str, name: str) -> list[str]:
            items = content.get(key)
            found = (
                [item.get(name) for item in items if isinstance(item, dict)]
                if isinstance(items, list)
                else []
            )
            return [word for word in found if isinstance(word, str)]

        def named(key: str) -> list[str]:
            return list(content[key]) if isinstance(content.get(key), dict) else []

        kinds = {kind.kind: kind.roles for kind in scans.kinds()}
        used = [kinds.get(kind, ()) for kind in each("rules", "kind")]
        self.known = {
            "rules": each("rules", "id"),
            "issues": each("issues", "key"),
            "categories": list(dict.fromkeys([*named("categories"), "production"])),
            "suites": named("suites"),
            "roles": list(dict.fromkeys(role for roles in used for role in roles)),
        }


def part_of(
    document: scans.PlanDocument, path: Path, problems: Iterable[tuple[str, str]] = ()
) -> Part | None:
    """Return the form of the mapping at a path, or None if there is none that a form can show.

    `problems` are keys and messages of the plan's problems.
    """
    content = document.plain(path)
    section = section_at(path)
    told = [(of_problem(key), words) for key, words in problems]
    if len(path) == 2 and path[0] == "categories" and content is not None:
        globs = Field(written(path), "Files", "lines", show("path-globs", content), help=_FIRST)
        globs.problems = [words for place, words in told if place.startswith(globs.name)]
        return Part(written(path), f"Category {path[1]}", [globs], [])
    if section is None or not isinstance(content, dict):
        return None
    names = Names(document.plain())
    found = list(_fields(document, path, names))
    lists = [
        _sublist(document, path, key, names) for key in keys_at(path, content) if key.shape in BELOW and path
    ]
    for shown in [*found, *(one for part in lists for item in part.items for one in item.fields)]:
        shown.problems = [
            words for place, words in told if place == shown.name or place.startswith(f"{shown.name}/")
        ]
    return Part(written(path), title_of(section, content), found, lists)


def title_of(section: scans.PlanSection, content: Mapping[str, Any]) -> str:
    """Return the title of a part: what it is, and its name."""
    name = content.get("id") or content.get("key") or ("" if "kind" in content else content.get("title", ""))
    return "Plan" if section.title == "Plan" else f"{section.title} {name or content.get('kind', '')}".strip()


def _fields(document: scans.PlanDocument, path: Path, names: Names) -> Iterator[Field]:
    content = document.plain(path)
    content = content if isinstance(content, dict) else {}
    order = order_at(path, content)
    for key in sorted(keys_at(path, content), key=lambda key: order.index(key.name)):
        here = (*path, key.name)
        if key.shape == "section":
            for inner in key.of.keys if key.of else ():
                shown = _field(document, (*here, inner.name), inner, names)
                shown.label = f"{key.title}: {shown.label}" if key.name == "replacement" else shown.label
                shown.is_required = False
                yield shown
        elif key.shape not in BELOW and key.shape != "version":
            yield _field(document, here, key, names)


def _field(document: scans.PlanDocument, path: Path, key: scans.PlanKey, names: Names) -> Field:
    value = document.plain(path)
    made = Field(
        written(path),
        key.title,
        _WIDGETS.get(key.shape, "text"),
        show(key.shape, value, document.source(path)),
        help=key.help,
        default=key.default,
        is_required=key.required,
        limit=key.limit,
    )
    words = names.known.get(key.refers, list(key.choices))
    if key.name == "kind" and path[0] == "rules":
        made.choices = [(kind.kind, f"{kind.kind}: {kind.summary()}") for kind in scans.kinds()]
    elif key.name == "kind":
        made.widget = "fixed"
    elif key.shape == "risk":
        rule = document.plain(path[:-1])
        risks = value if isinstance(value, dict) else {}
        made.choices = [(risk, risk) for risk in scans.RISKS]
        made.by_role = [(role, str(risks.get(role, ""))) for role in roles_at(rule)]
    else:
        made.choices = [(word, word) for word in words]
    _add_unknown(made)
    return made


def _add_unknown(made: Field) -> None:
    """Add the values that are no valid choice to those that can be chosen, so that they stay unless they are
    edited: of several options, a browser submits the first if none is chosen.
    """
    chosen = made.value if isinstance(made.value, list) else [made.value]
    known = {value for value, _ in made.choices}
    for word in dict.fromkeys([*chosen, *(risk for _, risk in made.by_role)]):
        if word and word not in known:
            made.choices.append((word, word))


def roles_at(rule: Any) -> list[str]:
    """Return the roles that can have a risk of their own in a rule, and those that have one all the same."""
    content = rule if isinstance(rule, dict) else {}
    roles = next((kind.roles for kind in scans.kinds() if kind.kind == content.get("kind")), ())
    risks = content.get("risk")
    return list(dict.fromkeys([*roles, *(risks if isinstance(risks, dict) else ())]))


def show(shape: str, value: Any, source: str = "") -> Any:
    """Return what a form shows for a value of this shape."""
    if shape == "choices":
        return [str(word) for word in value] if isinstance(value, list) else []
    if shape == "flag":
        return ["true"] if str(value).lower() in {"true", "yes", "on"} else []
    if value is None or shape == "mapping":
        return "" if value is None else source
    if isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, dict):
        return "" if shape == "risk" else "\n".join(f"{name}: {part}" for name, part in value.items())
    return str(value)


def _sublist(document: scans.PlanDocument, path: Path, key: scans.PlanKey, names: Names) -> Sublist:
    here = (*path, key.name)
    values = document.plain(here)
    items = []
    for place, value in enumerate(values if isinstance(values, list) else ()):
        section = key.of
        title = title_of(section, value) if section and isinstance(value, dict) else str(value)
        shown = [] if key.name == "phases" else list(_fields(document, (*here, place), names))
        items.append(Item(written((*here, place)), title, shown))
    kinds = list(key.of.variants) if key.of else []
    noun = key.of.title.lower() if key.of else ""
    return Sublist(written(here), key.title, noun, key.help, items, [(kind, kind) for kind in kinds])
