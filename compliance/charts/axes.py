"""Tick positions for axes: round numbers for values, and days, months or years for time."""

from datetime import UTC, datetime, timedelta
from math import ceil, floor

from compliance.lib.dates import written

_DAY = timedelta(days=1)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def upward(values: list[float], *, share: bool) -> list[float]:
    """Return round numbers, lowest first, whose range includes all the values.

    Counts begin at 0; for a `share` in percent, the range is as narrow as possible. Steps are 1, 2 or 5 times
    a power of ten. There are at most eight ticks.
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if not share:
        low = 0.0
    step = 0.1 if share else 1.0
    factors = (2.0, 2.5, 2.0)
    turn = 0
    while ceil(max(high - low, step) / step) > 6:
        step *= factors[turn % 3]
        turn += 1
    bottom, top = floor(low / step), ceil(high / step)
    top += top == bottom
    if share:
        bottom, top = max(0, bottom), min(top, round(100 / step))
    return [round(place * step, 6) for place in range(bottom, top + 1)]


def along(first: int, last: int, most: int = 10) -> list[tuple[int, str]]:
    """Return about `most` ticks between two times (in seconds since 1970), each with its label, in UTC."""
    begin, end = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
    days = (end - begin) / _DAY
    if days / _DAYS[-1] <= most:
        step = next(size for size in _DAYS if days / size <= most)
        start = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        start += _DAY * (start < begin)
        moments = [start + _DAY * step * place for place in range(int(days / step) + 1)]
        marks: list[tuple[int, str]] = []
        year = 0
        for moment in moments:
            if moment <= end:  # The year is shown only where it changes, as in all dates on pages.
                marks.append(
                    (int(moment.timestamp()), f"{moment:%-d %b}" if moment.year == year else written(moment))
                )
                year = moment.year
        return marks
    step = next((size for size in _MONTHS if days / 30.4 / size <= most), _MONTHS[-1])
    months = range(begin.year * 12 + begin.month, end.year * 12 + end.month)
    starts = [datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in months if m % step == 0]
    return [(int(m.timestamp()), f"{m:%Y}" if step >= 12 else f"{m:%b %Y}") for m in starts]
