"""The texts that the chart script shows with a chart: finished sentences, and templates for those that depend
on the pointer or on a key.

The script (static/js/chart) only fills in the placeholders.
"""

from collections import Counter
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from compliance.charts.context import ChartContext, Data
from compliance.lib.dates import written
from compliance.lib.wording import count_of, format_percent, join_names

MOST_LINES = 4
"""The values of more lines than this are left to the table."""

MOST_TAGS = 12
"""With more tags than this, a chart is likely to have no room for some of them."""

_VALUE = "{label}: {value}"
_LINE = {
    "keys": (
        "Arrow keys move between commits, and Shift with an arrow key selects a range. "
        "Enter opens the commit or applies the range."
    ),
    "value": _VALUE,
    "spoken_value": "{label} {value}",
    "event": "{kind}: {text}",
    "events_of_kind": "{kind} ({count})",
    "some_events_of_kind": "{kind} ({count} of {all})",
    "event_opens": "{date}, commit {sha}. Click to open.",
    "event_date": "{date}",
    "more_events": "and {count} more",
    "event_group": "{count} of the kind “{kind}”, {first} to {last}",
    "group_opens": "Click to show this time.",
    "events": "Events",
    "commit": "commit {sha}, click to open",
    "causes": "Causes of the step",
    "step_commits": "Step of {count} commits",
    "step_violations": "Violations: {causes}",
    "step_files": "Files: {causes}",
    "step_fixed": "{count} fixed",
    "step_fixed_gone": "{count} of them in removed files",
    "step_new": "{count} introduced",
    "step_newly_suppressed": "{count} suppressed",
    "step_restored": "{count} counted again",
    "step_moved_in": "{count} moved into counted categories",
    "step_moved_out": "{count} moved out of counted categories",
    "step_became_clean": "{count} became clean",
    "step_became_unclean": "{count} no longer clean",
    "step_files_added": "{count} added",
    "step_clean_added": "{count} of them clean",
    "step_files_gone": "{count} removed",
    "step_clean_gone": "{count} of them clean",
    "enter_opens": "Enter opens the commit.",
    "enter_selects": "Enter selects the range from here to {date}.",
}
_PUBLIC_LINE = _LINE | {
    "keys": "Arrow keys move between commits.",
    "event_opens": "{date}, commit {sha}",
    "group_opens": "",
    "commit": "commit {sha}",
    "enter_opens": "",
    "enter_selects": "",
}
"""On public pages, nothing can be opened."""

_BAR = {
    "value": _VALUE,
    "week": "Week from {date}",
    "month": "Weeks that begin in {date}",
    "quarter": "Weeks that begin in the quarter from {date}",
    "year": "Weeks that begin in {date}",
    "per_week": "Violations per week",
    "per_month": "Violations per month",
    "per_quarter": "Violations per quarter",
    "per_year": "Violations per year",
}
"""The chart is drawn with the shortest period for which there is room, and its axis says which one."""


def drawn(chart: ModuleType, context: ChartContext) -> Data:
    """Return a chart's data with its texts, and as `unread_commits` the number of older commits that it lacks
    because they are not read.
    """
    return {**with_texts(chart.draw(context)), "unread_commits": context.repository.unread_commits}


def with_texts(data: Data) -> Data:
    """Return a chart's data with its texts. Data of the kind `rows` is shown by a template and has none."""
    if data["kind"] == "line":
        return _with_line_texts(data)
    return _with_bar_texts(data) if data["kind"] == "bar" else data


def with_public_texts(data: Data) -> Data:
    """Return a line chart's data with the texts for a public page, which has neither files to download nor
    pages to open.
    """
    told = with_texts(data)
    shown, commits = len(data["points"]), data["commits"]
    notes = [f"{shown:,} of {commits:,} commits are drawn."] if commits > shown else []
    return {**told, "texts": _PUBLIC_LINE, "notes": notes}


def _with_line_texts(data: Data) -> Data:
    target, ghost = data["target"], data["ghost"]
    return {
        **data,
        "description": _describe_lines(data),
        "target_label": "" if target is None else f"target {target:g}%",
        "ideal": {**ideal, "legend": f"dotted: {ideal['label']}"} if (ideal := data.get("ideal")) else None,
        "ghost": {**ghost, "legend": f"dotted: {ghost['label']}"} if ghost else None,
        "texts": _LINE,
        "notes": _left_out(data),
    }


def _left_out(data: Data) -> list[str]:
    """Say what a chart leaves out, and where to find it."""
    told, shown = [], len(data["points"])
    if data.get("commits", shown) > shown:
        told.append(f"{shown:,} of {data['commits']:,} commits are drawn; the CSV file has all of them.")
    if data.get("lines_in_all", 0) > len(data["lines"]):
        lines = f"{len(data['lines']):,} of {data['lines_in_all']:,} lines are drawn"
        told.append(f"{lines}; the CSV file has all of them.")
    counts = data.get("mark_counts") or {}
    drawn: Counter[str] = Counter()
    for mark in data.get("marks", ()):
        drawn[mark["kind"]] += mark.get("count", 1)
    if any(count > drawn[kind] for kind, count in counts.items()):
        told.append("Of each kind of event, the newest are drawn; the list of events has all of them.")
    if counts.get("tag", 0) > MOST_TAGS:
        told.append("Tags that would cover other events or be close to another tag aren't drawn.")
    return [*told, *data.get("remarks", ())]


def _with_bar_texts(data: Data) -> Data:
    return {**data, "description": f"{data['title']}. All figures are in the table below.", "texts": _BAR}


def _describe_lines(data: Data) -> str:
    """Return the text alternative of a line chart: title, first and last values, and target."""
    if not data["points"]:
        return ""
    (first, *before, _), (last, *after, _) = data["points"][0], data["points"][-1]
    unit, lines = data["unit"], data["lines"]
    values = [
        f"{line['label']}: {_format(then, unit)}, then {_format(now, unit)}"
        for line, then, now in zip(lines, before, after, strict=True)
    ]
    words = "; ".join(values) if len(lines) <= MOST_LINES else count_of(len(lines), "line")
    target = "" if data["target"] is None else f"; the target is {data['target']:g}%"
    ahead = [part["label"] for name in ("ideal", "due") if (part := data.get(name))]
    ahead += [data["forecast"]["words"]] if ahead and data.get("forecast") else []
    beyond = f" Also drawn: {join_names(ahead)}." if ahead else ""
    return f"{data['title']} from {_day(first)} to {_day(last)}. {words}{target}.{beyond}"


def _format(value: Any, unit: str) -> str:
    if unit == "%" or value is None:
        return format_percent(value)
    return f"{value:,}"


def _day(seconds: int) -> str:
    return written(datetime.fromtimestamp(seconds, UTC))
