"""Makes ids for rules from names in the code, and tells names from those of their modules."""

import re
from collections.abc import Iterable, Iterator

LONGEST = 40
REMOVED = "removed"
"""What the title of a candidate names as its goal if nothing replaces the old name."""

NOTHING = "nothing"
"""What it names as its goal if what is old has no effect any more."""


def identifier(*names: str) -> str:
    """Return an id in lower case with hyphens, such as `is-string-like`."""
    words = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower() for name in names if name]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words)).strip("-")[:LONGEST].strip("-") or "rule"


def from_to(old: str, new: str) -> str:
    """Return the title of a migration from one name to another: without their modules, unless the names are
    the same or there is no new one.

    >>> from_to("datetime.datetime.utcnow", "datetime.datetime.now(datetime.UTC)")
    'utcnow → now(UTC)'
    >>> from_to("cgi.escape", "html.escape")
    'cgi.escape → html.escape'
    """
    if not new:
        return f"{old} → {REMOVED}"
    short = [re.sub(r"(?:\b[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", name) for name in (old, new)]
    return " → ".join((old, new) if short[0] == short[1] else short)


def without_members(names: Iterable[str]) -> list[str]:
    """Return full names without those that are beneath another one: a listed module includes its members."""
    every = set(names)
    return sorted(name for name in every if not any(part in every for part in above(name)))


def above(name: str) -> Iterator[str]:
    """Yield the modules and packages that a full name is in, the innermost first."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
