"""How far back history is to be read: all of it, since a day, or the last commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from compliance.scans.commit_dates import PLAUSIBLE_SINCE, latest_plausible
from compliance.scans.setup_errors import SetupError

MOST_COMMITS = 100_000_000
"""The largest number of commits that can be entered."""

_LABELS = {"whole": "The whole history", "since": "Since", "commits": "Number of newest commits"}
"""What a form calls its choices."""

Months = Sequence[Sequence[str | int]]
"""Pairs of a month (`2024-01`) and the number of its commits, the newest month first."""


@dataclass(frozen=True, slots=True)
class Depth:
    """A choice: the day since which commits are read, or the number of the last commits. Without either, the
    whole history is read.
    """

    since: date | None = None
    commits: int | None = None

    @property
    def is_whole(self) -> bool:
        """Return true if the whole history is read."""
        return self.since is None and self.commits is None


WHOLE = Depth()


def checked_depth(since: date | None, commits: int | None) -> Depth:
    """Return a choice. Raises `SetupError` if it is contradictory or out of range."""
    if since is not None and commits is not None:
        raise SetupError("history", "Give either a day or a number of commits, not both.")
    if since is not None and not PLAUSIBLE_SINCE.date() <= since <= datetime.now(UTC).date():
        raise SetupError("history_since", f"{since} is not a day from {PLAUSIBLE_SINCE.date()} until today.")
    if commits is not None and not 1 <= commits <= MOST_COMMITS:
        raise SetupError("history_commits", f"Give a number of commits from 1 to {MOST_COMMITS:,}.")
    return Depth(since, commits)


def typed_depth(choice: str, since: str, commits: str, *, suggested: Sequence[str] = ()) -> Depth:
    """Return the choice of a form: `whole`, `since` with a day, or `commits` with a number.

    `suggested` are the day and the number with which the form was shown. Raises `SetupError` if there is no
    such choice, or if another day or number was entered without choosing it.
    """
    if suggested:
        _refuse_unchosen(choice, (since, commits), suggested)
    if choice in {"", "whole"}:
        return WHOLE
    if choice == "since":
        return checked_depth(typed_day(since), None)
    if choice == "commits":
        return checked_depth(None, typed_number(commits))
    raise SetupError("history", "Choose the whole history, a day, or a number of commits.")


def _refuse_unchosen(choice: str, given: Sequence[str], suggested: Sequence[str]) -> None:
    """Raise `SetupError` if a field was filled in that the choice doesn't use."""
    for key, noun, text, shown in zip(("since", "commits"), ("day", "number"), given, suggested, strict=True):
        if choice != key and text.strip() not in {"", shown}:
            raise SetupError(
                f"history_{key}",
                f"You entered the {noun} {text.strip()[:40]}, but chose “{_LABELS.get(choice, 'nothing')}”. "
                f"Choose “{_LABELS[key]}” to use the {noun}, or clear it.",
            )


def typed_day(text: str) -> date:
    """Return a day. Raises `SetupError` if the text is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise SetupError("history_since", f"“{text[:40]}” is not a valid date (YYYY-MM-DD).") from None


def typed_number(text: str) -> int:
    """Return a number of commits. Raises `SetupError` if the text is none."""
    words = text.strip().replace(",", "")
    if not (words.isascii() and words.isdecimal() and len(words) <= len(str(MOST_COMMITS))):
        raise SetupError("history_commits", f"“{text[:40]}” is not a number of commits.")
    return int(words)


def position_of(depth: Depth, times: Sequence[int]) -> int:
    """Return the position of the oldest commit that is read, counted from the root, which has position 1.

    `times` are the commit times of a branch in seconds since 1970, newest first. Since a day means from the
    last commit before that day on, which is the state at its beginning (midnight UTC).
    """
    if depth.commits is not None:
        return max(1, len(times) - depth.commits + 1)
    if depth.since is None:
        return 1
    begin, latest = _midnight(depth.since), latest_plausible().timestamp()
    inside = (place for place, moment in enumerate(times) if begin <= moment <= latest)
    return max(1, len(times) - max(inside, default=-1) - 1)


def months_of(times: Iterable[int]) -> list[tuple[str, int]]:
    """Return the number of commits in each month. Times that are implausible count for the next newer
    commit's month.
    """
    first, latest = PLAUSIBLE_SINCE.timestamp(), latest_plausible().timestamp()
    found: dict[str, int] = {}
    month = f"{datetime.now(UTC):%Y-%m}"
    for moment in times:
        if first <= moment <= latest:
            month = f"{datetime.fromtimestamp(moment, UTC):%Y-%m}"
        found[month] = found.get(month, 0) + 1
    return sorted(found.items(), reverse=True)


def plausible_days(times: Iterable[int]) -> tuple[date | None, date | None]:
    """Return the days of the first and the last commit. Times that are implausible don't count."""
    first, latest = PLAUSIBLE_SINCE.timestamp(), latest_plausible().timestamp()
    inside = [moment for moment in times if first <= moment <= latest]
    if not inside:
        return None, None
    oldest, newest = (datetime.fromtimestamp(moment, UTC).date() for moment in (min(inside), max(inside)))
    return oldest, newest


def estimated_commits(depth: Depth, months: Months) -> int:
    """Return how many of these commits are read, about: those of the month of the day in proportion."""
    numbers = [(str(month), int(number)) for month, number in months]
    every = sum(number for _, number in numbers)
    if depth.commits is not None:
        return min(depth.commits, every)
    if depth.since is None:
        return every
    month, part = f"{depth.since:%Y-%m}", (32 - depth.since.day) / 31
    whole = sum(number for name, number in numbers if name > month)
    return min(every, whole + round(part * sum(number for name, number in numbers if name == month)) + 1)


def _midnight(day: date) -> float:
    return datetime.combine(day, time.min, UTC).timestamp()
