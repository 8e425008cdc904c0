"""Facts about full dotted names, published under a topic and the last part of the name."""

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.rules.base import FactIndex


def by_last_name(said: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return facts to publish: topic -> full dotted names becomes `topic:last name` -> sorted names."""
    facts: dict[str, list[str]] = {}
    for topic, names in said.items():
        for name in sorted(set(names)):
            facts.setdefault(f"{topic}:{name.rpartition('.')[2]}", []).append(name)
    return facts


def says(index: FactIndex, topic: str, asked: str) -> bool:
    """Return whether any file published a name under a topic, in full or as a package re-exports it."""
    name = asked.rpartition(".")[2]
    said = (full for _, names in index.facts(f"{topic}:{name}") for full in names)
    return any(full == asked or _below(full, asked) or _below(asked, full) for full in said)


def _below(full: str, other: str) -> bool:
    package = other.rpartition(".")[0]
    return bool(package) and full.startswith(f"{package}.")
