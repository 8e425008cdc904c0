"""When e-mails may be sent and digests are due, in every time zone and across changes of the clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.models import Cadence, NotificationSettings
from compliance.notifications.quiet import (
    DAY,
    Times,
    moment_of,
    next_digest,
    next_permitted,
    times_of,
)

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
SECOND = timedelta(seconds=1)

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(1995, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
minutes = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 59)))
hours = st.one_of(st.just((None, None)), st.tuples(minutes, minutes))


@st.composite
def times(draw: st.DrawFn) -> Times:
    first, until = draw(hours)
    muted = draw(st.none() | moments)
    return Times(
        draw(zones),
        first,
        until,
        draw(st.booleans()),
        muted,
        draw(st.integers(0, 23)),
        draw(st.integers(0, 6)),
    )


def transitions(zone: ZoneInfo, year: int) -> list[datetime]:
    """The moments at which the offset of a zone changes in a year, to the second."""
    found = []
    begin = datetime(year, 1, 1, tzinfo=UTC)
    for number in range(366 * 4):
        before, after = begin + timedelta(hours=6 * number), begin + timedelta(hours=6 * (number + 1))
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            while after - before > SECOND:
                middle = before + (after - before) / 2
                same = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
                before, after = (middle, after) if same else (before, middle)
            found.append(after.replace(microsecond=0))
    return found


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and a moment within a day of a change of its clocks."""
    zone = ZoneInfo(
        draw(
            st.sampled_from(
                (
                    *("Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo"),
                    *("Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Pacific/Apia"),
                )
            )
        )
    )
    changes = transitions(zone, draw(st.sampled_from((2010, 2011, 2024, 2026))))
    change = draw(st.sampled_from(changes)) if changes else datetime(2026, 3, 29, 1, tzinfo=UTC)
    return zone, change + timedelta(seconds=draw(st.integers(-100_000, 100_000)))


def morning(times: Times) -> time:
    """Return when a person without e-mails on weekends expects them again on Monday."""
    first, until = times.quiet_from, times.quiet_until
    at_night = first and until and until >= time(4) and (until < first or (first < until and first < time(6)))
    return until if at_night and until else min(time(8), time(times.digest_hour))


def is_quiet_by_the_clock(times: Times, moment: datetime) -> bool:
    """Return what the person sees on a clock, independently of how ends are computed."""
    local = moment.astimezone(times.zone)
    first, until, at = times.quiet_from, times.quiet_until, local.time()
    if times.muted_until and moment < times.muted_until:
        return True
    if times.quiet_weekends and (local.weekday() >= 5 or (local.weekday() == 0 and at < morning(times))):
        return True
    if not first or not until or first == until:
        return False
    return first <= at < until if first < until else at >= first or at < until


@given(times(), moments)
@settings(max_examples=300, deadline=None)
def test_a_permitted_moment_is_not_earlier_and_not_quiet(times: Times, now: datetime) -> None:
    permitted = next_permitted(times, now)
    assert permitted >= now
    assert permitted.tzinfo is UTC
    assert not is_quiet_by_the_clock(times, permitted)
    assert next_permitted(times, permitted) == permitted


def is_calm(zone: ZoneInfo, begin: datetime, end: datetime) -> bool:
    """Return true if the clocks don't change from a day before one moment to a day after another."""
    number = (end - begin) // DAY + 3
    return len({(begin + DAY * day).astimezone(zone).utcoffset() for day in range(-1, number)}) == 1


@given(times(), moments, st.integers(0, 99))
@settings(max_examples=300, deadline=None)
def test_nothing_waits_that_may_be_sent(times: Times, now: datetime, share: int) -> None:
    """While the clocks don't change, a wait consists of quiet moments only, and ends with the first other."""
    times = replace(times, muted_until=None)
    permitted = next_permitted(times, now)
    if is_calm(times.zone, now, permitted):
        assert (permitted > now) == is_quiet_by_the_clock(times, now)
        between = now + (permitted - now) * (share / 100)
        assert between == permitted or is_quiet_by_the_clock(times, between)


@given(times(), moments)
@settings(max_examples=100, deadline=None)
def test_nothing_is_sent_while_muted(times: Times, now: datetime) -> None:
    until = now + timedelta(hours=5)
    muted, free = replace(times, muted_until=until), replace(times, muted_until=None)
    assert next_permitted(muted, now) == next_permitted(free, until)
    assert next_permitted(muted, until) == next_permitted(free, until)


@given(near_changes(), minutes, minutes)
@settings(max_examples=300, deadline=None)
def test_quiet_hours_hold_when_the_clocks_change(
    place: tuple[ZoneInfo, datetime], first: time, until: time
) -> None:
    zone, now = place
    times = Times(zone, first, until)
    permitted = next_permitted(times, now)
    assert now <= permitted <= now + timedelta(hours=49)
    assert not is_quiet_by_the_clock(times, permitted)


@given(times(), st.sampled_from((Cadence.DAILY, Cadence.WEEKLY)), moments)
@settings(max_examples=300, deadline=None)
def test_digests_have_one_boundary_a_day_or_week(times: Times, cadence: Cadence, now: datetime) -> None:
    step = DAY if cadence == Cadence.DAILY else 7 * DAY
    first = next_digest(times, cadence, now)
    second = next_digest(times, cadence, first)
    # A zone may skip a whole day, and then its digest comes with the next one.
    assert now < first <= now + step + DAY
    assert first < second <= first + step + timedelta(hours=25)
    local = first.astimezone(times.zone)
    assert local.time() >= time(times.digest_hour) or local.time() < time(4), "unless a gap contains the hour"
    if cadence == Cadence.WEEKLY and local.time() == time(times.digest_hour):
        assert local.weekday() == times.digest_day


@given(times(), st.sampled_from((Cadence.DAILY, Cadence.WEEKLY)), moments, st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_all_moments_between_two_boundaries_have_the_same_next_one(
    times: Times, cadence: Cadence, now: datetime, share: int
) -> None:
    first = next_digest(times, cadence, now)
    between = now + (first - now) * (share / 10**6)
    assert next_digest(times, cadence, min(between, first - timedelta(microseconds=1))) == first


@given(near_changes(), st.integers(0, 23), st.integers(0, 59))
@settings(max_examples=300, deadline=None)
def test_a_time_that_the_clocks_skip_is_the_end_of_the_gap(
    place: tuple[ZoneInfo, datetime], hour: int, minute: int
) -> None:
    zone, moment = place
    day, at = moment.astimezone(zone).date(), time(hour, minute)
    first, last = moment_of(zone, day, at), moment_of(zone, day, at, last=True)
    assert first <= last
    shown = first.astimezone(zone)
    wanted = datetime.combine(day, at)
    assert shown.replace(tzinfo=None) >= wanted
    if shown.replace(tzinfo=None) == wanted:
        assert last.astimezone(zone).replace(tzinfo=None) == wanted
    before = (first - SECOND).astimezone(zone)
    assert before.replace(tzinfo=None) < wanted, "it is the first such moment"


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        # Clocks go from 2:00 to 3:00 at 1:00 UTC: quiet hours until 2:30 end at 3:00.
        ("Europe/Berlin", "2026-03-29T00:30:00+00:00", "2026-03-29T01:00:00+00:00"),
        # 2:30 occurs at 0:30 and at 1:30 UTC: they end the second time.
        ("Europe/Berlin", "2026-10-25T00:10:00+00:00", "2026-10-25T01:30:00+00:00"),
        ("Europe/Berlin", "2026-10-25T00:45:00+00:00", "2026-10-25T01:30:00+00:00"),
        ("UTC", "2026-06-01T12:00:00+00:00", "2026-06-01T12:00:00+00:00"),
    ],
)
def test_quiet_hours_end_once(zone: str, now: str, expected: str) -> None:
    times = Times(ZoneInfo(zone), time(22), time(2, 30))
    assert next_permitted(times, datetime.fromisoformat(now)) == datetime.fromisoformat(expected)


def test_a_muted_weekend_ends_after_the_quiet_hours_of_monday() -> None:
    """Friday evening in New York, muted until Saturday noon, no e-mails on weekends, nor 20:00 to 8:00."""
    zone = ZoneInfo("America/New_York")
    times = Times(zone, time(20), time(8), True, datetime(2026, 6, 6, 16, tzinfo=UTC))
    permitted = next_permitted(times, datetime(2026, 6, 5, 22, tzinfo=UTC))
    assert permitted.astimezone(zone) == datetime(2026, 6, 8, 8, tzinfo=zone)


@pytest.mark.parametrize(
    ("quiet", "digest_hour", "expected"),
    [
        ((None, None), 17, time(8)),
        ((None, None), 6, time(6)),
        ((time(22), time(9, 30)), 6, time(9, 30)),
        ((time(1), time(7)), 8, time(7)),
        ((time(12), time(13)), 8, time(8)),
        ((time(18), time(0)), 8, time(8)),
        ((time(19), time(1, 30)), 6, time(6)),
    ],
)
def test_what_a_weekend_has_held_back_arrives_in_the_morning(
    quiet: tuple[time | None, time | None], digest_hour: int, expected: time
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    times = Times(zone, *quiet, quiet_weekends=True, digest_hour=digest_hour)
    permitted = next_permitted(times, datetime(2026, 6, 6, 10, tzinfo=UTC))
    assert permitted.astimezone(zone) == datetime.combine(date(2026, 6, 8), expected, zone)


def test_a_skipped_day_has_no_digest_of_its_own() -> None:
    """Samoa left out 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    times = Times(apia, digest_hour=8)
    first = next_digest(times, Cadence.DAILY, moment_of(apia, date(2011, 12, 29), time(9)))
    assert first.astimezone(apia).date() == date(2011, 12, 31)


def test_a_zone_that_the_machine_lacks_is_replaced_by_the_installation_s(settings: object) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"  # type: ignore[attr-defined]
    assert times_of(NotificationSettings(time_zone="Mars/Olympus")).zone.key == "Asia/Kolkata"
    assert times_of(None).zone.key == "Asia/Kolkata"
    assert times_of(NotificationSettings(time_zone="Asia/Tokyo")).zone.key == "Asia/Tokyo"
