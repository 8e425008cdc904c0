"""Which findings a phase or an issue takes, in words."""

from collections.abc import Mapping, Sequence

Selectors = Mapping[str, Sequence[str]]

_WORDS = (
    ("rules", "of the rule", "of the rules"),
    ("risks", "of the risk", "of the risks"),
    ("roles", "in the role", "in the roles"),
    ("categories", "in files of the category", "in files of the categories"),
    ("paths", "under", "under"),
)


def describe_selection(selects: Selectors, *, phase: bool = False) -> str:
    """One sentence; a `phase` takes what its issue takes and no earlier phase does."""
    parts = [
        f"{one if len(selects[name]) == 1 else several} {join_names(selects[name])}"
        for name, one, several in _WORDS
        if selects.get(name)
    ]
    what = " ".join(parts)
    if phase:
        return f"Findings of its issue {what + ', ' if what else ''}that no earlier phase takes."
    return f"Findings {what}." if what else "All findings."


def join_names(names: Sequence[str]) -> str:
    """Names with commas, and `and` before the last."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
