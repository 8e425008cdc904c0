"""When a person may get an e-mail, and when their digests are due: pure functions of settings and the time.

All results are in UTC. Days and hours are those of the person's time zone. A wall-clock time that a time zone
skips stands for the first moment after the gap; of one that occurs twice, quiet hours include both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from compliance.models import Cadence, NotificationSettings

DAY = timedelta(days=1)
SATURDAY = 5

LATEST_MORNING = 8
"""The hour at which the day of a person without quiet hours at night begins, unless their digests are sent
earlier.
"""

_NIGHT_ENDS = time(6)
_MORNING_BEGINS = time(4)


@dataclass(frozen=True, slots=True)
class Times:
    """The settings on which times depend, as in NotificationSettings. The defaults are those of channels."""

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_weekends: bool = False
    muted_until: datetime | None = None
    digest_hour: int = 8
    digest_day: int = 0


def times_of(settings: NotificationSettings | None) -> Times:
    """Return the times of a person with these settings, or the defaults."""
    here = ZoneInfo(timezone.get_default_timezone_name())
    if settings is None:
        return Times(here)
    try:
        zone = ZoneInfo(settings.time_zone) if settings.time_zone else here
    except (ZoneInfoNotFoundError, ValueError):  # the machine's database may lack a zone
        zone = here
    return Times(
        zone,
        settings.quiet_from,
        settings.quiet_until,
        settings.quiet_weekends,
        settings.muted_until,
        settings.digest_hour,
        settings.digest_day,
    )


def next_permitted(times: Times, now: datetime) -> datetime:
    """Return the first moment, not before `now`, at which an e-mail may be sent."""
    moment = now.astimezone(UTC)
    while True:
        later = _end_of_silence(times, moment)
        if later is None:
            return moment
        moment = later


def next_digest(times: Times, cadence: Cadence, now: datetime) -> datetime:
    """Return the first boundary of a digest after `now`. A digest that would be due in quiet hours is sent
    after them, see `next_permitted`.
    """
    here = now.astimezone(times.zone).date()
    for offset in range(-1, 10):
        day = here + DAY * offset
        if cadence == Cadence.WEEKLY and day.weekday() != times.digest_day:
            continue
        moment = moment_of(times.zone, day, time(times.digest_hour))
        if moment > now:
            return moment
    raise AssertionError("Every ten days contain each day of the week.")


def moment_of(zone: ZoneInfo, day: date, at: time, *, last: bool = False) -> datetime:
    """Return the moment at which the clocks of a zone show a time, the last one if there are two, or the
    first moment after a gap that contains it.
    """
    local = datetime.combine(day, at, zone)
    early, late = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if late >= early:  # they are equal unless the time occurs twice
        return late if last else early
    # The time is in a gap, which ends between the two.
    before, after = late, early
    wanted = datetime.combine(day, at)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        is_after = middle.astimezone(zone).replace(tzinfo=None) >= wanted
        before, after = (before, middle) if is_after else (middle, after)
    return after.replace(microsecond=0)


def morning_of(times: Times, day: date) -> datetime:
    """Return the moment at which a person's day begins, after which what was collected on the days before may
    be sent.

    It is the end of their quiet hours at night. Without these, or if they end in the middle of the night, it
    is the hour of their digests, or LATEST_MORNING if that is earlier.
    """
    first, until = times.quiet_from, times.quiet_until
    at_night = first and until and first != until and (first > until or first < _NIGHT_ENDS)
    if at_night and until and until >= _MORNING_BEGINS:
        return moment_of(times.zone, day, until, last=True)
    return moment_of(times.zone, day, time(min(times.digest_hour, LATEST_MORNING)), last=True)


def _end_of_silence(times: Times, moment: datetime) -> datetime | None:
    """Return when the silence ends in which a moment is, or None if it is in none."""
    if times.muted_until and moment < times.muted_until:
        return times.muted_until.astimezone(UTC)
    return next((end for start, end in _silences(times, moment) if start <= moment < end), None)


def _silences(times: Times, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the beginnings and ends of the quiet hours and weekends around a moment. A weekend ends when
    Monday begins for the person, not at midnight.
    """
    here = moment.astimezone(times.zone).date()
    first, until = times.quiet_from, times.quiet_until
    for offset in (-2, -1, 0, 1):
        day = here + DAY * offset
        if first and until and first != until:
            ends_on = day if first < until else day + DAY
            yield moment_of(times.zone, day, first), moment_of(times.zone, ends_on, until, last=True)
        if times.quiet_weekends and day.weekday() == SATURDAY:
            yield moment_of(times.zone, day, time()), morning_of(times, day + 2 * DAY)
