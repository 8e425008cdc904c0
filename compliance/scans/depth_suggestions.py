"""Suggests limits of a history that fit the repository's own dates, which may be long past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from compliance.scans.commit_dates import PLAUSIBLE_SINCE
from compliance.scans.depth import Months

COMMITS = 1_000
"""The number of commits that is suggested for a long history."""

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a history that is offered: the days of its first and last commit, the number of its
    commits, and that of newer ones, which are read already. What is unknown is None.
    """

    first: date | None = None
    last: date | None = None
    commits: int | None = None
    read: int = 0


def span_of_estimate(known: Mapping[str, Any]) -> Span:
    """Return the span of an estimate (`setup_estimate.describe_estimate`)."""
    first = date.fromisoformat(known["since"]) if known.get("since") else None
    last = date.fromisoformat(known["until"]) if known.get("until") else last_day(known.get("months") or ())
    return Span(first, last, known.get("commits"))


def suggested_day(span: Span) -> date:
    """Return a day in the span: a year before its end, or the middle of a shorter one."""
    today = datetime.now(UTC).date()
    last = min(span.last or today, today)
    first = max(span.first or PLAUSIBLE_SINCE.date(), PLAUSIBLE_SINCE.date())
    if last - YEAR > first:
        return last - YEAR
    return first + (last - first) // 2 if first < last else last


def suggested_commits(span: Span) -> int:
    """Return a number of commits that leaves some of a history unread."""
    more = COMMITS if span.commits is None else min(COMMITS, max(1, span.commits // 2))
    return span.read + more


def first_day(months: Months) -> date | None:
    """Return the first day of the oldest month, or None without months."""
    return date.fromisoformat(f"{months[-1][0]}-01") if months else None


def last_day(months: Months) -> date | None:
    """Return the last day of the newest month, or None without months."""
    if not months:
        return None
    next_month = date.fromisoformat(f"{months[0][0]}-01") + timedelta(days=31)
    return next_month.replace(day=1) - timedelta(days=1)
