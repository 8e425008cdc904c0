"""Digests and e-mails that were held back, over a real mail server, and links that stop them."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.events import emit
from compliance.models import (
    Channel,
    DigestEntry,
    InboxEntry,
    NotificationRule,
    NotificationSettings,
    OutboxItem,
    TopicPreference,
)
from compliance.notifications.digests import digests_due, reschedule
from compliance.notifications.quiet import next_digest, times_of
from tests.notifications.conftest import Postbox, work
from tests.views.cast import World

pytestmark = pytest.mark.slow


def break_it(netra: World, person: User | None, number: int = 1) -> None:
    sha = f"{number:040x}"
    detail = {"sha": sha, "subject": "Break it", "author": "Cy", "violations": 2, "files": 1}
    emit("regression", sha, repository=netra.repository, person=person, detail=detail)


def close_phase(netra: World, person: User | None) -> None:
    emit("phase.closed", "1", repository=netra.repository, person=person, detail={"title": "Cleanup"})


def prefer(person: User, way: str, *topics: str) -> None:
    for topic in topics or ("regression",):
        TopicPreference.objects.create(person=person, topic=topic, way=way)


@pytest.fixture
def ben(netra: World) -> User:
    return User.objects.get(username="ben")


def mute(person: User, days: float) -> datetime:
    """Hold back a person's e-mails for so many days, and return the end."""
    until = timezone.now() + timedelta(days=days)
    NotificationSettings.objects.update_or_create(person=person, defaults={"muted_until": until})
    return until


@pytest.mark.parametrize("way", ["daily", "weekly"])
def test_a_digest_is_one_e_mail_about_everything_and_is_sent_once(
    mail: Postbox, netra: World, ben: User, way: str
) -> None:
    prefer(ben, way)
    ada = User.objects.get(username="ada")
    prefer(ada, way)
    for number in range(3):
        break_it(netra, ben, number)
        work()
    emit("waiver.decided", "1", repository=netra.repository, person=ada, detail={"path": "a", "state": "x"})
    work()
    assert mail.to() == ["ada@example.org"], "only what isn't chosen to wait is sent at once"
    mail.accepted.clear()

    boundary = DigestEntry.objects.values_list("due_at", flat=True)[0]
    assert boundary == next_digest(times_of(None), way, timezone.now())  # type: ignore[arg-type]
    assert digests_due(boundary - timedelta(seconds=1)) == 0
    assert digests_due(boundary) == 1
    assert digests_due(boundary) == 0
    assert digests_due(boundary + timedelta(days=8)) == 0
    work()
    assert mail.to() == ["ben@example.org"]
    assert mail.accepted[0]["Subject"] == "6 new violations in Netra agents"
    work()
    assert len(mail.accepted) == 1
    assert InboxEntry.objects.filter(person=ben).count() == 3


def test_a_digest_of_several_topics_names_each(mail: Postbox, netra: World, ben: User) -> None:
    prefer(ben, "daily", "regression", "claim.expiring")
    break_it(netra, ben)
    emit("claim.expiring", "1", repository=netra.repository, person=ben, detail={"path": "a.py"})
    work()
    assert digests_due(timezone.now() + timedelta(days=2)) == 1
    work()
    (letter,), (text,) = mail.accepted, mail.texts()
    assert letter["Subject"] == "2 notifications: claim about to expire, regression"
    assert "Your claim on a.py expires soon" in text
    assert "2 new violations in Netra agents" in text
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_e_mails_of_a_muted_person_are_collected(mail: Postbox, netra: World, ben: User) -> None:
    until = mute(ben, 3)
    for number in range(3):
        break_it(netra, ben, number)
        work()
    assert mail.accepted == []
    assert set(DigestEntry.objects.values_list("due_at", flat=True)) == {until}
    assert digests_due(until - timedelta(seconds=1)) == 0
    assert digests_due(until) == 1
    NotificationSettings.objects.update(muted_until=None)
    work()
    assert mail.to() == ["ben@example.org"]
    assert "Sent because you chose a digest, or the e-mails were held back" in mail.texts()[0]


def test_what_waits_follows_new_settings(mail: Postbox, netra: World, ben: User) -> None:
    mute(ben, 30)
    break_it(netra, ben)
    work()
    NotificationSettings.objects.update(muted_until=None)
    ben.refresh_from_db()
    reschedule(ben)
    assert digests_due(timezone.now()) == 1
    work()
    assert mail.to() == ["ben@example.org"]


def test_a_person_who_is_muted_meanwhile_gets_the_digest_later(
    mail: Postbox, netra: World, ben: User
) -> None:
    prefer(ben, "daily")
    break_it(netra, ben)
    work()
    until = mute(ben, 10)
    assert digests_due(timezone.now() + timedelta(days=2)) == 0
    assert DigestEntry.objects.get().due_at == until
    assert digests_due(until) == 1


def test_an_e_mail_that_waits_in_the_outbox_respects_quiet_hours_that_began(
    mail: Postbox, netra: World, ben: User
) -> None:
    mail.refuse["ben@example.org"] = "451 later"
    break_it(netra, ben)
    work()
    until = mute(ben, 1)
    mail.refuse.clear()
    before = OutboxItem.objects.get()
    work()
    item = OutboxItem.objects.get()
    assert mail.accepted == []
    assert (item.state, item.next_at) == ("waiting", until)
    assert item.max_attempts - item.attempts == before.max_attempts - before.attempts, "no attempt is lost"
    NotificationSettings.objects.update(muted_until=None)
    work()
    assert mail.to() == ["ben@example.org"]


def test_the_digest_of_a_rule_is_one_message(mail: Postbox, netra: World) -> None:
    channel = Channel.objects.create(name="List", kind="e-mail", url="list@example.org")
    rule = NotificationRule.objects.create(channel=channel, cadence="daily")
    NotificationRule.objects.create(channel=channel, cadence="weekly")
    break_it(netra, None)
    close_phase(netra, None)
    work()
    assert set(DigestEntry.objects.values_list("rule", flat=True)) == {rule.pk}
    tomorrow = timezone.now() + timedelta(days=1, hours=1)
    assert (digests_due(tomorrow), digests_due(tomorrow)) == (1, 0)
    work()
    assert mail.to() == ["list@example.org"]
    assert mail.accepted[0]["Subject"] == "2 notifications: phase closed, regression"
    assert "a rule sends this to the channel List" in mail.texts()[0]


def test_a_disabled_rule_sends_no_digest(mail: Postbox, netra: World) -> None:
    channel = Channel.objects.create(name="List", kind="e-mail", url="list@example.org")
    rule = NotificationRule.objects.create(channel=channel, cadence="daily")
    break_it(netra, None)
    work()
    NotificationRule.objects.filter(pk=rule.pk).update(is_enabled=False)
    assert digests_due(timezone.now() + timedelta(days=2)) == 0


def test_one_click_stops_a_topic_in_a_repository(mail: Postbox, netra: World, ben: User) -> None:
    break_it(netra, ben)
    work()
    link = str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>")
    page = link.removeprefix("https://compliance.example.org")
    shown = Client().get(page)
    assert "Stop e-mails about “Regression” in Netra agents?" in shown.content.decode()
    assert not TopicPreference.objects.exists(), "a mail scanner that follows links stops nothing"

    outside = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert outside.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    break_it(netra, ben, 2)
    work()
    assert len(mail.accepted) == 1
    assert InboxEntry.objects.filter(person=ben).count() == 2
    assert Client().get(page[:-2] + "x/").status_code == 404


def test_somebody_without_an_account_can_unsubscribe(mail: Postbox, netra: World) -> None:
    for number in (1, 2):
        emit("regression", str(number), repository=netra.repository, email="Out@Example.org")
        work()
        if number == 1:
            link = str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>")
            Client().post(link.removeprefix("https://compliance.example.org"))
    assert mail.to() == ["out@example.org"]


def test_the_link_in_a_digest_stops_all_e_mails(mail: Postbox, netra: World, ben: User) -> None:
    prefer(ben, "daily")
    break_it(netra, ben)
    work()
    digests_due(timezone.now() + timedelta(days=2))
    work()
    link = str(mail.accepted[0]["List-Unsubscribe"]).strip(" <>")
    Client().post(link.removeprefix("https://compliance.example.org"))
    assert NotificationSettings.objects.get().is_mailed is False
    emit("waiver.decided", "1", repository=netra.repository, person=ben, detail={"path": "a", "state": "x"})
    work()
    assert len(mail.accepted) == 1
