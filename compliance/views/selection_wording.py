"""Builds sentences that describe the violations included in a phase or an issue."""

from collections.abc import Mapping, Sequence

from compliance.lib.wording import join_names

Selectors = Mapping[str, Sequence[str]]

_WORDS = (
    ("rules", "of rule", "of rules"),
    ("risks", "with risk", "with risk"),
    ("roles", "with role", "with role"),
    ("categories", "in category", "in categories"),
    ("paths", "under", "under"),
)


def describe_selection(selects: Selectors, *, phase: bool = False) -> str:
    """Return a sentence without its subject. A phase excludes the violations that earlier phases include."""
    parts = [
        f"{one if len(selects[name]) == 1 else several} {join_names(selects[name])}"
        for name, one, several in _WORDS
        if selects.get(name)
    ]
    filters = " ".join(parts)
    if phase:
        return f"{f'violations {filters}' if filters else 'violations'} that no earlier phase includes."
    return f"violations {filters}." if filters else "all violations."
