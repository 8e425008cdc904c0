"""Paths of parts of a plan as text, such as `issues/0/phases/1`, and the description of what is there."""

import re
from typing import Any

from compliance import scans

Path = tuple[str | int, ...]


_NAMED = {"categories", "suites"}


def parse(text: str) -> Path:
    """Return the path that a text stands for; a number is an index, unless it names a category or a suite."""
    steps = text.split("/") if text else []
    return tuple(
        int(step) if re.fullmatch(r"[0-9]{1,6}", step) and not (place == 1 and steps[0] in _NAMED) else step
        for place, step in enumerate(steps)
    )


def written(path: Path) -> str:
    """Return the text that stands for a path."""
    return "/".join(map(str, path))


def of_problem(key: str) -> str:
    """Return the path of a problem's key: of `rules[2].risk.call`, `rules/2/risk/call`."""
    return re.sub(r"\[(\d+)\]", r"/\1", key).replace(".", "/")


def section_at(path: Path) -> scans.PlanSection | None:
    """Return the description of the mapping at a path, or None if a plan has no such mapping."""
    section: scans.PlanSection | None = scans.plan_section()
    steps = list(path)
    while steps and section is not None:
        name = steps.pop(0)
        keys = (*section.keys, *(key for keys in section.variants.values() for key in keys))
        key = next((key for key in keys if key.name == name), None)
        if key is None or key.of is None:
            return None
        section = key.of
        if key.shape in {"list", "named"}:
            if not steps or isinstance(steps[0], int) != (key.shape == "list"):
                return None
            steps.pop(0)
    return section


def keys_at(path: Path, content: Any) -> tuple[scans.PlanKey, ...]:
    """Return the descriptions of the keys of the mapping at a path, those of its kind included."""
    section = section_at(path)
    if section is None or not isinstance(content, dict):
        return ()
    return section.of_kind(str(content.get("kind", "")))


def order_at(path: Path, content: Any) -> list[str]:
    """Return the names of these keys in the order in which new ones are added."""
    names = [key.name for key in keys_at(path, content)]
    section = section_at(path)
    own = [key.name for key in section.variants.get(str(content.get("kind", "")), ())] if section else []
    if not own:
        return names
    head = ["id", "kind"]
    return [*head, *own, *(name for name in names if name not in {*head, *own})]
