"""Facts about full dotted names, published under a topic and the last part of the name."""

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.rules.base import FactIndex


def by_last_name(published: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return facts to publish: `topic:last name` -> sorted full names, for each topic's full dotted names."""
    facts: dict[str, list[str]] = {}
    for topic, names in published.items():
        for name in sorted(set(names)):
            facts.setdefault(f"{topic}:{name.rpartition('.')[2]}", []).append(name)
    return facts


def is_published(index: FactIndex, topic: str, name: str) -> bool:
    """Return whether any file published a name under a topic, in full or as a package re-exports it."""
    published = (full for _, names in index.facts(f"{topic}:{name.rpartition('.')[2]}") for full in names)
    return any(full == name or _is_inside(full, name) or _is_inside(name, full) for full in published)


def _is_inside(full: str, other: str) -> bool:
    package = other.rpartition(".")[0]
    return bool(package) and full.startswith(f"{package}.")
