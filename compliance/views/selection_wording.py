"""Builds sentences that describe the violations included in a phase or an issue."""

from collections.abc import Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from compliance.lib.wording import join_names

Selectors = Mapping[str, Sequence[str]]

_WORDS = (
    ("rules", "of rule", "of rules"),
    ("risks", "with risk", "with risk"),
    ("roles", "with role", "with role"),
    ("categories", "in category", "in categories"),
    ("paths", "under", "under"),
)


def describe_phase(selects: Selectors, of_issue: Selectors) -> SafeString:
    """Return which violations a phase includes, and which its issue includes."""
    return format_html(
        "This phase includes its issue's {} The issue includes {}",
        _describe(selects, phase=True),
        _describe(of_issue),
    )


def describe_issue(selects: Selectors) -> str:
    """Return which violations an issue includes."""
    return f"Includes {_describe(selects)}"


def _describe(selects: Selectors, *, phase: bool = False) -> str:
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
