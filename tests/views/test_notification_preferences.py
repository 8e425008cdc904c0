"""The pages on which people choose how they are notified."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from compliance.models import (
    DigestEntry,
    NotificationEvent,
    NotificationSettings,
    RepositoryWatch,
    TopicPreference,
)
from compliance.notifications.preferences import PreferenceError, end_of_mute
from compliance.notifications.topics import TOPICS
from tests.views.cast import World

PAGE = "/account/notifications/"
TIMES = {"digest_hour": "8", "digest_day": "0", "is_mailed": "1"}


def chosen(page: str) -> dict[str, str]:
    """The chosen way of each topic on a page."""
    boxes = re.findall(r'type="radio"\s+name="([\w.]+)"\s+value="([\w ]*)"[^>]*checked', page)
    return {name: value for name, value in boxes if name != "level"}


def test_the_table_shows_and_stores_the_way_of_each_topic(ben: Client) -> None:
    before = chosen(ben.get(PAGE).content.decode())
    assert before["regression"] == ""
    answer = ben.post(PAGE, {"regression": "daily", "phase.closed": "off"}, follow=True)
    page = answer.content.decode()
    assert "Your preferences are saved." in page
    after = chosen(page)
    assert (after["regression"], after["phase.closed"]) == ("daily", "off")
    assert after.keys() == before.keys()

    ben.post(PAGE, {"regression": ""})
    assert list(TopicPreference.objects.values_list("topic", "way")) == [("phase.closed", "off")]


def test_a_way_that_does_not_exist_changes_nothing(ben: Client) -> None:
    page = ben.post(PAGE, {"phase.closed": "off", "regression": "pigeon"}, follow=True).content.decode()
    assert "“pigeon” is not a valid choice. Use at once, daily, weekly, inbox or off." in page
    assert not TopicPreference.objects.exists()


def test_defaults_are_described_for_the_role(ben: Client) -> None:
    assert "you are a manager" not in ben.get(PAGE).content.decode()
    User.objects.get(username="ben").groups.add(Group.objects.get_or_create(name="manager")[0])
    page = " ".join(ben.get(PAGE).content.decode().split())
    assert "e-mail at once if you wrote the commit or fixed the file that it broke; in the inbox only" in page
    assert "or if you are a manager" in page


def test_times_are_stored_and_what_waits_moves_to_them(ben: Client, netra: World) -> None:
    person = User.objects.get(username="ben")
    event = NotificationEvent.objects.create(topic="regression", key="1", happened_at=timezone.now())
    entry = DigestEntry.objects.create(
        person=person, event=event, cadence="daily", due_at=timezone.now() + timedelta(days=9)
    )
    given = {"time_zone": "Asia/Kolkata", "quiet_from": "22:00", "quiet_until": "07:30", "digest_hour": "9"}
    answer = ben.post(f"{PAGE}times/", {**TIMES, **given, "quiet_weekends": "1"})

    assert answer.status_code == 302
    row = NotificationSettings.objects.get()
    assert (row.time_zone, row.quiet_from, row.quiet_until) == ("Asia/Kolkata", time(22), time(7, 30))
    assert (row.quiet_weekends, row.digest_hour, row.is_mailed) == (True, 9, True)
    due = DigestEntry.objects.get(pk=entry.pk).due_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert (due.hour, due.minute) in ((9, 0), (7, 30)), "the end of a quiet weekend is that of quiet hours"
    assert due - timezone.now() < timedelta(days=4)
    page = ben.get(PAGE).content.decode()
    assert 'name="quiet_from"\n               value="22:00"' in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"time_zone": "Atlantis/Capital"}, "“Atlantis/Capital” is not a known time zone."),
        ({"quiet_from": "22:00"}, "Quiet hours need a beginning and an end."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "end when they begin. Leave both empty."),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "Enter a valid time."),
        ({"digest_hour": "24"}, "less than or equal to 23"),
        ({"digest_day": "7"}, "less than or equal to 6"),
    ],
)
def test_times_that_are_refused_are_shown_with_the_reason(
    ben: Client, given: dict[str, str], words: str
) -> None:
    answer = ben.post(f"{PAGE}times/", {**TIMES, **given})
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not NotificationSettings.objects.exists()


def test_e_mails_are_muted_and_unmuted(ben: Client) -> None:
    ben.post(f"{PAGE}mute/", {"choice": "week"})
    until = NotificationSettings.objects.get().muted_until
    assert until
    assert timedelta(days=6, hours=23) < until - timezone.now() <= timedelta(days=7)
    assert "Muted until" in ben.get(PAGE).content.decode()
    ben.post(f"{PAGE}mute/", {"choice": "none"})
    assert NotificationSettings.objects.get().muted_until is None

    answer = ben.post(f"{PAGE}mute/", {"choice": "day", "until": "2001-01-01"}, follow=True)
    assert "Enter a day from today until a year from now." in answer.content.decode()
    answer = ben.post(f"{PAGE}mute/", {"choice": "ever"}, follow=True)
    assert "“ever” is not valid; use hour, today, week or day." in answer.content.decode()


def test_today_ends_when_the_next_day_begins_for_the_person(ben: Client) -> None:
    person = User.objects.get(username="ben")
    NotificationSettings.objects.create(person=person, time_zone="America/Santiago")
    # In the night, Chile's clocks went from 24:00 to 1:00.
    now = datetime(2024, 9, 7, 15, tzinfo=UTC)
    end = end_of_mute(person, "today", None, now)
    assert end == datetime(2024, 9, 8, 11, tzinfo=UTC)
    assert end_of_mute(person, "hour", None, now) == now + timedelta(hours=1)
    tomorrow = now.date() + timedelta(days=1)
    assert end_of_mute(person, "day", tomorrow, now) == datetime(2024, 9, 9, 11, tzinfo=UTC)
    with pytest.raises(PreferenceError):
        end_of_mute(person, "day", None, now)


def test_a_repository_has_a_level_and_exceptions(ben: Client, netra: World) -> None:
    page = "/repositories/netra/notifications/"
    ben.post(PAGE, {"phase.closed": "weekly"})
    ben.post(page, {"level": "watching", "regression": "off"})

    shown = ben.get(page).content.decode()
    assert chosen(shown)["regression"] == "off"
    assert chosen(shown)["phase.closed"] == ""
    assert "Everywhere else: in a weekly e-mail." in shown
    assert RepositoryWatch.objects.get().level == "watching"
    listed = ben.get(PAGE).content.decode()
    assert f"{TOPICS['regression'].title}: not at all" in listed
    assert ben.get(f"{PAGE}?repository=netra")["Location"] == page

    ben.post(f"{page}reset/")
    assert not RepositoryWatch.objects.exists()
    assert list(TopicPreference.objects.values_list("topic", flat=True)) == ["phase.closed"]
    ben.post(page, {"level": "shouting"})
    assert not RepositoryWatch.objects.exists()


def test_whoever_turned_off_e_mails_is_told_so(ben: Client) -> None:
    User.objects.filter(username="ben").update(email="ben@example.org")
    ben.post(f"{PAGE}times/", {"digest_hour": "8", "digest_day": "0"})
    assert NotificationSettings.objects.get().is_mailed is False
    page = ben.get(PAGE).content.decode()
    assert "You get no e-mails about any topic" in page or "No mail server is configured" in page


def test_the_browsers_zone_is_offered_until_one_is_stored(ben: Client) -> None:
    ben.cookies["timezone"] = "Pacific/Auckland"
    assert '<option value="Pacific/Auckland"\n                    selected>' in ben.get(PAGE).content.decode()
    ben.post(f"{PAGE}times/", {**TIMES, "time_zone": "Europe/Vienna"})
    assert '<option value="Europe/Vienna"\n                    selected>' in ben.get(PAGE).content.decode()
