"""Digests and e-mails that were held back, over a real mail server, and what people turn off meanwhile."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance.accounts.roles import Role, give
from compliance.events import emit
from compliance.models import (
    Channel,
    DigestEntry,
    InboxEntry,
    NotificationRule,
    NotificationSettings,
    OutboxItem,
    Repository,
    RepositoryWatch,
    TopicPreference,
)
from compliance.notifications.digests import digests_due, reschedule
from compliance.notifications.quiet import next_digest, times_of
from tests.notifications.conftest import Postbox, work
from tests.notifications.news import break_it, close_phase, prefer
from tests.views.cast import World

pytestmark = pytest.mark.slow


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
    assert letter["Subject"] == "2 notifications: regression, claim about to expire"
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
    assert "Sent because e-mails were held back while they were muted or at a quiet time." in mail.texts()[0]


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
    assert mail.accepted[0]["Subject"] == "2 notifications: regression, phase closed"
    text = " ".join(mail.texts()[0].split())
    assert f"rule {rule.pk} of the channel “List” sends all events in all repositories, once a day." in text
    assert f"/notification-rules/{rule.pk}/" in text


def test_a_disabled_rule_sends_no_digest(mail: Postbox, netra: World) -> None:
    channel = Channel.objects.create(name="List", kind="e-mail", url="list@example.org")
    rule = NotificationRule.objects.create(channel=channel, cadence="daily")
    break_it(netra, None)
    work()
    NotificationRule.objects.filter(pk=rule.pk).update(is_enabled=False)
    assert digests_due(timezone.now() + timedelta(days=2)) == 0


def test_a_long_digest_begins_with_bad_news_and_says_where_the_rest_is(
    mail: Postbox, netra: World, ben: User
) -> None:
    give(ben, Role.MANAGER)
    topics = ("phase.closed", "regression")
    prefer(ben, "daily", *topics)
    for number in range(15):
        repository = Repository.objects.create(slug=f"r{number}", name=f"R{number:02}", url=f"/srv/{number}")
        for topic in topics:
            emit(topic, "1", repository=repository, person=ben, detail={"title": "Cleanup"})
    work()
    assert digests_due(timezone.now() + timedelta(days=2)) == 1
    work()
    (text,) = mail.texts()
    assert text.index("new violations in R14") < text.index("closed in R00")
    assert "* and 10 more in your inbox" in text
    assert "Open your inbox: https://compliance.example.org/inbox/" in text
    assert "Sent because these topics are in your daily e-mail." in text
    assert "Change your preferences: https://compliance.example.org/account/notifications/" in text


def test_what_was_turned_off_meanwhile_is_not_in_the_digest(mail: Postbox, netra: World, ben: User) -> None:
    give(ben, Role.MANAGER)
    prefer(ben, "daily", "regression", "phase.closed", "phase.reopened")
    break_it(netra, ben)
    close_phase(netra, ben)
    ignored = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    emit("phase.reopened", "1", repository=ignored, person=ben, detail={"title": "Secret"})
    work()
    TopicPreference.objects.filter(topic="regression").update(way="off")
    RepositoryWatch.objects.create(person=ben, repository=ignored, level="ignoring")
    digests_due(timezone.now() + timedelta(days=2))
    work()
    (letter,) = mail.accepted
    assert letter["Subject"] == "Phase “Cleanup” closed in Netra agents"


def test_what_was_turned_off_as_a_whole_is_no_digest(mail: Postbox, netra: World, ben: User) -> None:
    prefer(ben, "daily")
    break_it(netra, ben)
    work()
    TopicPreference.objects.update(way="inbox")
    digests_due(timezone.now() + timedelta(days=2))
    work()
    assert mail.accepted == []
    assert OutboxItem.objects.get().outcome == "The recipient has turned off e-mails about this."


def test_a_channel_gets_nothing_of_a_repository_for_which_it_is_no_longer(
    mail: Postbox, netra: World
) -> None:
    """The message was recorded when the channel was for all repositories, and waits for the mail server."""
    channel = Channel.objects.create(name="List", kind="e-mail", url="list@example.org")
    at_once = NotificationRule.objects.create(channel=channel, topics=["regression"])
    NotificationRule.objects.create(channel=channel, topics=["phase.closed"], cadence="daily")
    mail.refuse["list@example.org"] = "451 later"
    break_it(netra, None)
    close_phase(netra, None)
    work()
    mail.refuse.clear()
    channel.repository = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    channel.save()
    digests_due(timezone.now() + timedelta(days=2))
    work()
    assert mail.accepted == []
    assert {item.outcome for item in OutboxItem.objects.all()} == {
        "No rule of this channel sends this any more, or it is over."
    }
    assert at_once.is_enabled
