"""The wording of a plan's preview: its figures, the files that it affects, and what its activation starts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from compliance.lib.wording import count_of, format_percent, join_names, span_in_words
from compliance.models import PlanDraft
from compliance.scans.setup_estimate import seconds_for

IN_COUNTED, IN_ALL = "Violations in counted categories", "Violations in all categories"

CHANGE_TITLES: Mapping[str, str] = {
    "enters": "Newly counted",
    "leaves": "No longer counted",
    "violating now": "Newly with violations",
    "clean now": "Newly without violations",
    "changed": "Other changes",
}
"""The kinds of effects on a file, as the list of files names them."""

_CHANGED_FILES: Mapping[str, tuple[str, str]] = {
    "enters": ("file is counted that wasn't before", "files are counted that weren't before"),
    "leaves": ("file is no longer counted", "files are no longer counted"),
    "violating now": ("file without violations gets some", "files without violations get some"),
    "clean now": ("file loses all its violations", "files lose all their violations"),
    "changed": (
        "more file changes its number of violations or its category",
        "more files change their number of violations or their category",
    ),
}


class FigureRow(NamedTuple):
    """A row of the comparison. `note` says what the figure counts; `before` is empty without a plan."""

    title: str
    note: str
    before: str
    after: str


def figure_rows(outcome: Mapping[str, Any]) -> list[FigureRow]:
    """Return the rows of the comparison."""
    before, after = outcome.get("before"), outcome["after"]
    counted = _counted_by_both(before, after)
    of = join_names(counted) if counted else "the counted categories"
    in_counted = f"Violations in {of}" if counted else IN_COUNTED
    notes = {
        "Compliance": f"Share of the files in {of} that have no violation",
        "Target": "The plan's goal for compliance",
        "Clean files": f"Files in {of} that have no violation",
        in_counted: "These keep files from being clean",
        IN_ALL: "Also those in categories that compliance doesn't count",
    }
    now, then = _column(before), _column(after)
    return [FigureRow(title, note, now[n], then[n]) for n, (title, note) in enumerate(notes.items())]


def _counted_by_both(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """Return the counted categories if both plans count the same; previews of earlier releases lack them."""
    counted = list(after.get("counted") or ())
    return counted if not before or before.get("counted") == after.get("counted") else []


def _column(figures: Mapping[str, Any] | None) -> tuple[str, str, str, str, str]:
    if not figures:
        return ("", "", "", "", "")
    everywhere = figures.get("all_violations")  # previews of earlier releases lack it
    return (
        format_percent(figures["percent"]),
        format_percent(figures["target"]),
        f"{figures['clean']:,} of {figures['files']:,}",
        f"{figures['violations']:,}",
        "n/a" if everywhere is None else f"{everywhere:,}",
    )


def part_titles(outcome: Mapping[str, Any]) -> dict[str, str]:
    """Return the headings of the dimensions that the comparison shows, with what is counted."""
    counted = _counted_by_both(outcome.get("before"), outcome["after"]) if outcome else []
    in_counted = f"Violations in {join_names(counted)}" if counted else IN_COUNTED
    return {
        "phase": f"{IN_ALL} by phase",
        "rule": f"{in_counted} by rule",
        "risk": f"{in_counted} by risk",
    }


def changed_files(draft: PlanDraft) -> list[tuple[str, int, str]]:
    """Return the kinds of effects on files that occur, each with the number of files and what happens."""
    changed = (draft.outcome or {}).get("changed", {})
    words = dict(_CHANGED_FILES)
    if draft.base_id is None:
        words["violating now"] = ("file has violations", "files have violations")
    return [(name, changed[name], words[name][changed[name] != 1]) for name in words if changed.get(name)]


def unchanged_sentence(shown: int, changed: int) -> str:
    """Say how many rows of the comparison are left out because they stay the same."""
    same = shown - changed
    return (
        f"{count_of(same, 'phase, rule or risk', 'phases, rules and risks')} without a change."
        if same
        else ""
    )


def counted_sentence(outcome: Mapping[str, Any]) -> str:
    """Return a sentence about what the figures count, or an empty string if it isn't known."""
    sides = [(outcome.get(name) or {}).get("counted") for name in ("before", "after")]
    before, after = (join_names(side) if side else "" for side in sides)
    if not after:
        return ""
    former = f" (now: {before})" if before and before != after else ""
    return (
        f"Counted categories: {after}{former}. Compliance, clean files, rules and risks count these only; "
        "phases count every category that they include, tests too."
    )


def waived_sentence(outcome: Mapping[str, Any]) -> str:
    """Return a sentence with the number of waived violations, or an empty string if there are none."""
    before, after = outcome.get("before") or {}, outcome.get("after") or {}
    if not before.get("waived") and not after.get("waived"):
        return ""
    now = f"{before.get('waived') or 0:,} now, " if before else ""
    return f"The violations include waived ones: {now}{after.get('waived') or 0:,} after."


def activation_sentence(outcome: Mapping[str, Any]) -> str:
    """Say what an activation starts and how long that takes, as far as a preview knows it."""
    commits = outcome.get("commits")  # previews of earlier releases lack it
    first = "The latest commit is evaluated first, which gives the figures of today"
    if not commits or commits == 1:
        return f"{first}."
    span = span_in_words(*seconds_for(commits))
    return (
        f"{first}, then the {count_of(commits - 1, 'commit')} before it, from which the trend grows back in "
        f"time. That takes {span} in all; nobody has to wait for it."
    )
