"""The roadmap: each phase's planned dates, forecast range and end as a bar over time, with today.

It is drawn on the server from the rows of the phase chart. Horizontal positions are percentages, so the
drawing fits any width without a script.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from compliance.charts.axes import along
from compliance.charts.roadmap_texts import describe
from compliance.lib.dates import written

MOST = 12
"""The number of phases that a page shows at once. The others are behind a button."""

TICKS = 6
_MARGIN = 0.02
_THINNEST = 0.4
_LEAST = timedelta(days=28)
"""The shortest period that is drawn."""
_FAR = 0.6
"""The forecast may take up to this multiple of the planned period beyond it. What is later is cut off."""
_NEAREST = timedelta(days=120)
"""A forecast that ends within this time is never cut off."""
_LETTER = 2.1
"""Width of a letter of the axis in percent of the drawing, on the narrowest phone."""
_SETTLED = ("done", "nothing in this phase")
_URGENCY = (
    "late",
    "at risk",
    "under way",
    "on time",
    "nothing left",
    "not known yet",
    "not started",
    *_SETTLED,
)


class Stretch(NamedTuple):
    """A part of a bar: its look (plan, overdue, forecast, done), its left edge and its width.

    `is_open` is true if it continues beyond the drawing or if one of its ends isn't known.
    """

    look: str
    x: str
    width: str
    is_open: bool = False


class Mark(NamedTuple):
    """A point on a bar: its look (due, closed, reopened) and its position."""

    look: str
    x: str


class Bar(NamedTuple):
    """A phase on the roadmap. `text` says everything that is drawn."""

    row: dict[str, Any]
    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...]
    text: str

    @property
    def looks(self) -> list[str]:
        """Return the looks of everything that is drawn."""
        return [part.look for part in self.stretches] + [mark.look for mark in self.marks]


class Tick(NamedTuple):
    """A date on the axis. `anchor` (start, middle or end) keeps its label inside of the drawing.

    `is_crowded` is true if the label before it leaves no room for this one on a phone.
    """

    x: str
    label: str
    anchor: str
    is_crowded: bool = False


class Roadmap(NamedTuple):
    """The bars to show at once and the others, both by date, with the axis, on which `today` is as well.

    Positions and widths are percentages of the width of the drawing, as SVG writes them.
    """

    bars: tuple[Bar, ...]
    more: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    today: Tick
    looks: frozenset[str]


def draw_roadmap(rows: Sequence[dict[str, Any]], today: date, most: int | None = MOST) -> Roadmap | None:
    """Return the roadmap of the rows of the phase chart on the date `today`, or None if no phase has a date.

    Of more than `most` phases, the most urgent are in `bars`, and the others in `more`. Both are sorted by
    the date on which they begin, then by the one on which they are due. Phases without dates come last.
    """
    if not any(_dates(row) for row in rows):
        return None
    axis = _axis(rows, today)
    urgent = sorted(rows, key=_urgency)[: len(rows) if most is None else most]
    chosen = {row["key"] for row in urgent}
    drawn = [_bar(row, axis, today) for row in sorted(rows, key=_by_date)]
    return Roadmap(
        tuple(bar for bar in drawn if bar.row["key"] in chosen),
        tuple(bar for bar in drawn if bar.row["key"] not in chosen),
        axis.ticks(),
        axis.tick(today, f"Today, {written(today)}", 10),
        frozenset(look for bar in drawn for look in bar.looks),
    )


def _dates(row: dict[str, Any]) -> list[date]:
    found = [row["start"], row["due"], row["earliest"], row["latest"], _closed(row), _reopened(row)]
    return [day for day in found if day]


def _closed(row: dict[str, Any]) -> date | None:
    return timezone.localtime(row["closed_at"]).date() if row["closed_at"] else None


def _reopened(row: dict[str, Any]) -> date | None:
    return timezone.localtime(row["reopened_at"]).date() if row["reopened_at"] else None


def _urgency(row: dict[str, Any]) -> tuple[int, date]:
    rank = _URGENCY.index(row["state"])
    if row["state"] == "done":  # the last one that was closed comes first
        closed = _closed(row) or date.min
        return rank, date.max - (closed - date.min)
    return rank, row["due"] or date.max


def _by_date(row: dict[str, Any]) -> tuple[bool, date, date]:
    begin = row["start"] or row["due"] or _closed(row)
    return begin is None, begin or date.max, row["due"] or date.max


class _Axis(NamedTuple):
    """Converts dates to positions in percent."""

    first: date
    last: date

    def share(self, day: date) -> float:
        """Return a date's distance from the left edge, in percent."""
        share = (day - self.first) / (self.last - self.first)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def x(self, day: date) -> str:
        return f"{self.share(day):g}%"

    def tick(self, day: date, label: str, margin: int) -> Tick:
        share = self.share(day)
        anchor = "start" if share < margin else "end" if share > 100 - margin else "middle"
        return Tick(self.x(day), label, anchor)

    def ticks(self) -> tuple[Tick, ...]:
        begin, end = (datetime.combine(day, time(), UTC) for day in (self.first, self.last))
        marks = along(int(begin.timestamp()), int(end.timestamp()), TICKS)
        days = [(datetime.fromtimestamp(at, UTC).date(), label) for at, label in marks]
        return tuple(self._thinned((self.share(day), self.tick(day, label, 6)) for day, label in days))

    @staticmethod
    def _thinned(ticks: Iterable[tuple[float, Tick]]) -> Iterator[Tick]:
        """Yield ticks with their labels marked that would touch the one before them on a phone."""
        taken = 0.0
        for share, tick in ticks:
            width = len(tick.label) * _LETTER
            begin = share - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[tick.anchor]
            is_crowded = taken > 0 and begin < taken + _LETTER
            if not is_crowded:
                taken = begin + width
            yield tick._replace(is_crowded=is_crowded)


def _axis(rows: Sequence[dict[str, Any]], today: date) -> _Axis:
    known = [today] + [
        day for row in rows for day in (row["start"], row["due"], _closed(row), _reopened(row)) if day
    ]
    first, last = min(known), max(known)
    limit = max(last + (last - first) * _FAR, today + _NEAREST)
    last = max([last] + [min(day, limit) for row in rows for day in (row["earliest"], row["latest"]) if day])
    last = max(last, first + _LEAST)
    margin = (last - first) * _MARGIN + timedelta(days=1)
    return _Axis(first - margin, last + margin)


def _bar(row: dict[str, Any], axis: _Axis, today: date) -> Bar:
    return Bar(row, tuple(_stretches(row, axis, today)), tuple(_marks(row, axis)), describe(row))


def _stretches(row: dict[str, Any], axis: _Axis, today: date) -> list[Stretch]:
    start, due, closed = row["start"], row["due"], _closed(row)
    found = []
    if closed:
        begin = min(start or due or closed, closed)
        end = min(closed, due) if due and due > begin else closed
        found.append(_stretch("done", axis, begin, end))
        if due and closed > due:
            found.append(_stretch("overdue", axis, max(due, begin), closed))
        return found
    if start and due:
        found.append(_stretch("plan", axis, min(start, due), due))
    elif start:
        found.append(_stretch("plan", axis, start, max(start, axis.last), is_open=True))
    elif due:
        found.append(_stretch("plan", axis, axis.first, due, is_open=True))
    if due and due < today and row["left"]:
        found.append(_stretch("overdue", axis, due, today))
    if row["left"] and row["earliest"] and row["latest"]:
        beyond = row["latest"] > axis.last
        found.append(_stretch("forecast", axis, row["earliest"], row["latest"], is_open=beyond))
    return found


def _stretch(look: str, axis: _Axis, begin: date, end: date, *, is_open: bool = False) -> Stretch:
    x = min(axis.share(begin), 100 - _THINNEST)
    return Stretch(look, f"{x:g}%", f"{max(_THINNEST, axis.share(end) - x):.4g}%", is_open)


def _marks(row: dict[str, Any], axis: _Axis) -> list[Mark]:
    marks = []
    if row["due"]:
        marks.append(Mark("due", axis.x(row["due"])))
    if reopened := _reopened(row):
        marks.append(Mark("reopened", axis.x(reopened)))
    if closed := _closed(row):
        marks.append(Mark("closed", axis.x(closed)))
    return marks
