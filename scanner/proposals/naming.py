"""Makes ids for rules from names in the code, and tells names from those of their modules."""

import re
from collections.abc import Iterable, Iterator

LONGEST = 40


def identifier(*names: str) -> str:
    """Return an id in lower case with hyphens, such as `is-string-like`."""
    words = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower() for name in names if name]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words)).strip("-")[:LONGEST].strip("-") or "rule"


def without_members(names: Iterable[str]) -> list[str]:
    """Return full names without those that are beneath another one: a listed module includes its members."""
    every = set(names)
    return sorted(name for name in every if not any(part in every for part in above(name)))


def above(name: str) -> Iterator[str]:
    """Yield the modules and packages that a full name is in, the innermost first."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
