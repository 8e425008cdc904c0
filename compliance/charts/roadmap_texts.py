"""Describes a phase on the roadmap in sentences, which are the drawing's text alternative."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from compliance.lib.dates import span, written
from compliance.lib.wording import count_of

LEGEND = {
    "plan": "planned",
    "overdue": "after the due date",
    "forecast": "forecast (80%)",
    "done": "until it was closed",
    "due": "due date",
    "reopened": "reopened",
    "closed": "closed",
}
"""What each look on the roadmap stands for, in the order of the legend."""


def describe(row: dict[str, Any]) -> str:
    """Return a sentence with a phase's state, its planned dates, its forecast, and when it was closed or
    reopened.
    """
    parts = [row["state"], _planned(row["start"], row["due"])]
    if row["closed_at"]:
        late = f", {count_of(row['days_late'], 'day')} late" if row["days_late"] else ""
        parts.append(f"closed {_day(row['closed_at'])}{late}")
    if row["reopened_at"]:
        parts.append(f"reopened {_day(row['reopened_at'])}")
    if not row["closed_at"] and row["left"]:
        parts.append(_expected(row))
    said = "; ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}."


def _day(moment: datetime) -> str:
    return written(timezone.localtime(moment))


def _planned(start: date | None, due: date | None) -> str:
    if start and due:
        return f"planned {span(min(start, due), due)}"
    if start:
        return f"planned from {written(start)}, no due date"
    return f"due {written(due)}, no start date" if due else "no planned dates"


def _expected(row: dict[str, Any]) -> str:
    if not row["span"]:
        return str(row["reason"])
    chance = f", {row['chance_text']} chance by the due date" if row["chance_text"] else ""
    return f"expected {row['span']}{chance}"
