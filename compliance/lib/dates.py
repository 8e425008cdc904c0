"""How a day is written, the same wherever people read: 6 Oct 2025. Programs read 2025-10-06."""

from datetime import date

DASH = "\N{EN DASH}"


def written(day: date) -> str:
    """A day, or the day of a time in that time's own zone; static/js/times.js writes the same."""
    return f"{day:%-d %b %Y}"


def span(earliest: date, latest: date) -> str:
    """A range of days: "12 to 19 Oct 2026" with a dash, longer ones with spaces around it."""
    if earliest == latest:
        return written(latest)
    if (earliest.year, earliest.month) == (latest.year, latest.month):
        return f"{earliest.day}{DASH}{written(latest)}"
    begin = f"{earliest:%-d %b}" if earliest.year == latest.year else written(earliest)
    return f"{begin} {DASH} {written(latest)}"
