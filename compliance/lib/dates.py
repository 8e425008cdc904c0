"""Formats dates for people, such as 6 Oct 2025. Programs get 2025-10-06."""

from datetime import date, datetime

from django.utils import timezone

DASH = "\N{EN DASH}"


def today() -> date:
    """Return the current date in the installation's time zone, whatever the reader's is."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """Return the date of a time in the installation's time zone."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def written(day: date) -> str:
    """Return a date, or the date of a time in its own time zone, as text. static/js/times.js uses the same
    format.
    """
    return f"{day:%-d %b %Y}"


def span(earliest: date, latest: date) -> str:
    """Return a range of dates: "12 to 19 Oct 2026" with an en dash, and with spaces around it if the range is
    longer.
    """
    if earliest == latest:
        return written(latest)
    if (earliest.year, earliest.month) == (latest.year, latest.month):
        return f"{earliest.day}{DASH}{written(latest)}"
    begin = f"{earliest:%-d %b}" if earliest.year == latest.year else written(earliest)
    return f"{begin} {DASH} {written(latest)}"
