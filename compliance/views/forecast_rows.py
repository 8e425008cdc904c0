"""The rows of the forecast page: goals with their dates, comparisons, and past weeks, as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from compliance.charts.context import ChartContext
from compliance.lib.dates import DASH, span, written
from compliance.lib.wording import count_of, format_pace, join_names
from compliance.progress.forecast import State, percentage, reason, too_slow
from compliance.progress.forecast.alternatives import Comparison, Outcome
from compliance.progress.forecast.outlook import LEVELS, SHOWN
from compliance.progress.forecast.records import RepositoryForecast
from compliance.progress.forecast.track_record import PastForecast, Result, TrackRecord
from compliance.progress.phase_status import state

NBSP = "\N{NO-BREAK SPACE}"
_TO, _BREAK = f"{NBSP}{DASH}{NBSP}", f"{NBSP}{DASH} "
"""A range may only break after its dash."""

Cells = Sequence[tuple[int, str]]
"""The range of each of the LEVELS as text, with the level."""


@dataclass(frozen=True, slots=True)
class DateRow:
    """The dates of one goal. Either `ranges` or `reason` is empty. `key` is empty for the whole."""

    key: str
    title: str
    left: int
    unit: str
    state: str
    pace: str
    needed: str
    ranges: Cells
    reason: str
    due: date | None
    chance: str
    too_slow: str


def date_rows(scene: ChartContext, ahead: RepositoryForecast) -> list[DateRow]:
    """Return the goals that aren't reached or closed: the whole first, then the phases in plan order."""
    standing = ahead.target.standing(ahead.due) if ahead.due else None
    rows = [_row("", "All files", "file", Outcome(ahead.target, ahead.due), str(standing or ""))]
    for phase in scene.phases:
        outlook = ahead.phases.get(phase.key)
        if outlook is None or phase.closed_at:
            continue
        fixed = scene.fixed["phase"].get(phase.key, 0)
        told = state(
            phase,
            round(outlook.left),
            fixed,
            outlook,
            ahead.as_of.date(),
            is_final=scene.repository.history_done,
        )
        rows.append(_row(phase.key, phase.title, "violation", Outcome(outlook, phase.due), told))
    said = reason(ahead.target)  # the page gives it above
    return [replace(row, reason="no date") if said and row.reason == said else row for row in rows]


def _row(key: str, title: str, unit: str, found: Outcome, told: str) -> DateRow:
    outlook = found.outlook
    needed = outlook.needed(found.due) if found.due else None
    return DateRow(
        key=key,
        title=title,
        left=round(outlook.left),
        unit=unit,
        state=told,
        pace="" if outlook.pace is None else format_pace(outlook.pace),
        needed=format_pace(needed) if needed else "",
        ranges=_cells(outlook.ranges),
        reason=_why(found),
        due=found.due,
        chance=_chance(found),
        too_slow=too_slow(outlook),
    )


def _cells(ranges: Mapping[int, tuple[date, date]]) -> Cells:
    return [(level, span(*days).replace(" ", NBSP).replace(_TO, _BREAK)) for level, days in ranges.items()]


def _why(found: Outcome) -> str:
    return "reached" if found.outlook.state is State.REACHED else reason(found.outlook)


def _chance(found: Outcome) -> str:
    """Return the chance of meeting the due date as text, or an empty string if there is nothing to say."""
    passed = found.due is not None and found.due < found.outlook.as_of.date()
    if found.outlook.state is State.REACHED or found.chance is None or passed:
        return ""
    return percentage(found.chance)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison. `reason` says why there are no ranges, or is empty."""

    name: str
    left: str
    pace: str
    ranges: Cells
    reason: str
    due: date | None
    chance: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A goal whose forecast differs between the present and the assumptions."""

    key: str
    title: str
    sides: tuple[Side, Side]


def comparison_rows(found: Sequence[Comparison]) -> tuple[list[ComparisonRow], str]:
    """Return the whole and the phases that differ, and how many phases don't, as a sentence."""
    shown = [each for each in found if not each.key or each.before != each.after]
    rows = [
        ComparisonRow(
            each.key,
            each.title or "All files",
            (_side("now", each.before, each.key), _side("what if", each.after, each.key)),
        )
        for each in shown
    ]
    same = len(found) - len(shown)
    return rows, f"{count_of(same, 'phase')} would stay as now." if same else ""


def _side(name: str, found: Outcome | None, key: str) -> Side:
    if found is None:
        why = "not in this plan" if name == "now" else "not in the scope"
        return Side(name, "", "", (), why, None, "")
    outlook = found.outlook
    return Side(
        name=name,
        left=count_of(round(outlook.left), "violation" if key else "file"),
        pace="n/a" if outlook.pace is None else format_pace(outlook.pace),
        ranges=_cells(outlook.ranges),
        reason=_why(found),
        due=found.due,
        chance=_chance(found),
    )


@dataclass(frozen=True, slots=True)
class WeekRow:
    """The forecast of one week beside what came, or of several weeks in a row with the same forecast, of
    which `past` is the newest and `first` the oldest one.
    """

    past: PastForecast
    first: PastForecast
    weeks: int
    ranges: Cells
    reason: str
    chance: str
    result: str
    outcome: str
    """The outcome, as a sentence without a period."""


def week_rows(past: Sequence[PastForecast]) -> Iterator[WeekRow]:
    """Yield the rows of these weeks, which are in the order of time, newest first."""
    for _, group in groupby(past, _shown_of):
        same = list(group)
        each, result = same[0], same[0].result()
        yield WeekRow(
            each,
            same[-1],
            len(same),
            _cells(each.ranges),
            "" if each.ranges else f"no date: {each.state}",
            "" if each.chance is None else percentage(each.chance),
            {Result.INSIDE: "as forecast", Result.OPEN: "", Result.NO_DATE: ""}.get(result, str(result)),
            _outcome(each, result),
        )


def _shown_of(past: PastForecast) -> tuple[Any, ...]:
    """Return all that the row of a week shows but the week."""
    return (
        past.recorded,
        past.left,
        past.state,
        tuple(past.ranges.items()),
        past.chance,
        past.result(),
        past.reached,
    )


def _outcome(past: PastForecast, result: Result) -> str:
    if past.reached:
        return f"reached on {written(past.reached)}"
    if result is Result.LATER:
        is_open = past.result(LEVELS[-1]) is Result.OPEN
        more = f"; the range of {LEVELS[-1]}% goes on" if is_open else ""
        return f"not reached by {written(past.ranges[SHOWN][1])}{more}"
    return "not reached yet"


def record_sentence(found: TrackRecord) -> str:
    """Return in one sentence how often the ranges held so far."""
    if not found.weeks:
        return "No forecast has been recorded yet. From now on, one is recorded each week."
    if not any(found.final.values()):
        return (
            "No recorded forecast has a final result yet. That takes until the goal is reached or a range "
            "has passed."
        )
    return " ".join(_record_parts(found))


def _record_parts(found: TrackRecord) -> Iterator[str]:
    held = [
        f"that of {level}% in {found.inside[level]:,} of {count_of(count, 'week')}"
        for level, count in found.final.items()
        if count
    ]
    yield f"Counting ranges with a final result, the goal was reached within {join_names(held)}."
    missing = [f"{level}%" for level, count in found.final.items() if not count]
    if missing:
        yield f"No range of {join_names(missing, 'or')} is final yet."
    if found.final[SHOWN]:
        yield f"{found.sooner:,} were sooner than the range of {SHOWN}% and {found.later:,} later."
    if not found.reached:
        yield "As the goal hasn't been reached since, only ranges that were missed are final so far."
    yield "Weeks of one goal have the same outcome, so they are not independent."
