"""Who is told about events, how, and how often."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db.models.functions import Now
from django.utils import timezone

from compliance.events import emit, resume
from compliance.models import (
    Channel,
    InboxEntry,
    Job,
    NotificationEvent,
    NotificationRule,
    NotificationSettings,
    OutboxItem,
    RepositoryWatch,
    TopicPreference,
    Waiver,
)
from compliance.notifications import channel_messages
from compliance.notifications.rule_setup import reason_of
from compliance.work.waiver_events import waiver_requested
from tests.notifications.conftest import Postbox, work
from tests.views.cast import World

pytestmark = pytest.mark.slow


def manager(name: str) -> User:
    person = User.objects.create_user(name, f"{name}@example.org")
    person.groups.add(Group.objects.get_or_create(name="manager")[0])
    return person


def emit_regression(netra: World, key: str = "a" * 40, **more: object) -> None:
    detail = {"sha": key, "subject": "Break it", "author": "Cy", "violations": 2, "files": 1}
    emit("regression", key, repository=netra.repository, detail=detail, **more)  # type: ignore[arg-type]


def inbox() -> dict[str, int]:
    """The number of entries by person."""
    names = list(InboxEntry.objects.values_list("person__username", flat=True))
    return {name: names.count(name) for name in names}


def test_one_message_tells_of_all_events_that_are_routed_together(mail: Postbox, netra: World) -> None:
    ben, mia = User.objects.get(username="ben"), manager("mia")
    emit_regression(netra, "a" * 40, person=ben)
    emit_regression(netra, "b" * 40, person=ben)
    work()

    assert mail.to() == ["ben@example.org"]
    (letter,) = mail.accepted
    assert letter["Subject"] == "4 new violations in Netra agents"
    (text,) = mail.texts()
    assert "aaaaaaaaaa Break it by Cy" in text
    assert "bbbbbbbbbb Break it by Cy" in text
    assert "Sent because you wrote the commit or fixed the file that it broke." in text
    assert letter["List-Unsubscribe"].strip(" <>") in text
    assert inbox() == {"ben": 2, str(mia): 2}


def test_the_same_event_is_told_once(mail: Postbox, netra: World) -> None:
    emit_regression(netra, person=User.objects.get(username="ben"))
    work()
    emit_regression(netra, person=User.objects.get(username="ada"))
    work()
    assert mail.to() == ["ben@example.org"]
    assert inbox() == {"ben": 1}


def test_events_wait_while_their_repository_is_being_updated(mail: Postbox, netra: World) -> None:
    job = Job.objects.create(
        repository=netra.repository, kind="update", state="running", lease_until=timezone.now() + timedelta(1)
    )
    emit_regression(netra, "a" * 40, person=User.objects.get(username="ben"))
    work()
    assert not NotificationEvent.objects.exclude(routed_at=None).exists()
    emit_regression(netra, "b" * 40, person=User.objects.get(username="ben"))
    Job.objects.filter(pk=job.pk).update(state="done", lease_until=None, finished_at=Now())
    work()
    assert mail.to() == ["ben@example.org"]


def test_events_do_not_wait_for_ever(mail: Postbox, netra: World) -> None:
    Job.objects.create(
        repository=netra.repository, kind="update", state="running", lease_until=timezone.now() + timedelta(1)
    )
    emit_regression(netra, person=User.objects.get(username="ben"))
    NotificationEvent.objects.update(recorded_at=Now() - timedelta(minutes=11))
    work()
    assert mail.to() == ["ben@example.org"]


def test_a_long_update_makes_one_message_now_and_then(mail: Postbox, netra: World) -> None:
    """While history is being recorded, events arrive all the time; each would otherwise be a message of its
    own as soon as it has waited for ten minutes.
    """
    Job.objects.create(
        repository=netra.repository, kind="update", state="running", lease_until=timezone.now() + timedelta(1)
    )
    ben = User.objects.get(username="ben")
    for letter in "abc":
        emit_regression(netra, letter * 40, person=ben)
    NotificationEvent.objects.filter(key="a" * 40).update(recorded_at=Now() - timedelta(minutes=11))
    work()
    assert [letter["Subject"] for letter in mail.accepted] == ["6 new violations in Netra agents"]
    emit_regression(netra, "d" * 40, person=ben)
    work()
    assert len(mail.accepted) == 1


def test_a_push_with_thousands_of_events_is_one_message(mail: Postbox, netra: World) -> None:
    ben = User.objects.get(username="ben")
    channel = Channel.objects.create(name="List", kind="e-mail", url="list@example.org")
    NotificationRule.objects.create(channel=channel)
    NotificationEvent.objects.bulk_create(
        NotificationEvent(
            repository=netra.repository,
            topic="regression",
            key=f"{number:040x}",
            happened_at=timezone.now(),
            person=ben,
            detail={"sha": f"{number:040x}", "subject": "Break it", "violations": 1, "files": 1},
        )
        for number in range(2500)
    )
    resume()
    work()
    assert mail.to() == ["ben@example.org", "list@example.org"]
    assert {letter["Subject"] for letter in mail.accepted} == {"2,500 new violations in Netra agents"}
    assert "* and 2,480 more" in mail.texts()[0]
    assert inbox() == {"ben": 2500}
    assert not NotificationEvent.objects.filter(routed_at=None).exists()


def test_a_request_that_was_decided_before_the_e_mail_was_sent_is_not_sent(
    mail: Postbox, netra: World
) -> None:
    ben = User.objects.get(username="ben")
    rows = [
        Waiver.objects.create(
            repository=netra.repository, person=ben, glob=glob, reason="Legacy", state="requested"
        )
        for glob in ("a.py", "b.py")
    ]
    mail.refuse["ada@example.org"] = "451 later"
    for row in rows:
        waiver_requested(row, [User.objects.get(username="ada")])
    work()
    Waiver.objects.filter(glob="a.py").update(state="approved", decided_at=Now())
    mail.refuse.clear()
    work()
    (letter,) = mail.accepted
    assert letter["Subject"] == "A waiver for b.py was requested"


def test_an_event_whose_job_was_never_queued_is_routed(mail: Postbox, netra: World) -> None:
    emit_regression(netra, person=User.objects.get(username="ben"))
    Job.objects.all().delete()
    resume()
    resume()
    assert Job.objects.filter(kind="notify", state="waiting").count() == 1
    work()
    assert mail.to() == ["ben@example.org"]


@pytest.mark.parametrize(
    ("everywhere", "here", "mails", "entries"),
    [
        ("", "", 1, 1),
        ("off", "", 0, 0),
        ("inbox", "", 0, 1),
        ("off", "at once", 1, 1),
        ("at once", "off", 0, 0),
        ("daily", "", 0, 1),
    ],
)
def test_the_preference_for_the_repository_precedes_the_general_one(
    mail: Postbox, netra: World, everywhere: str, here: str, mails: int, entries: int
) -> None:
    ben = User.objects.get(username="ben")
    for repository, way in ((None, everywhere), (netra.repository, here)):
        if way:
            TopicPreference.objects.create(person=ben, topic="regression", repository=repository, way=way)
    emit_regression(netra, person=ben)
    work()
    assert len(mail.accepted) == mails
    assert inbox().get("ben", 0) == entries


def test_whoever_caused_an_event_or_ignores_the_repository_is_not_told(mail: Postbox, netra: World) -> None:
    mia, max_, ida = manager("mia"), manager("max"), manager("ida")
    RepositoryWatch.objects.create(person=max_, repository=netra.repository, level="ignoring")
    RepositoryWatch.objects.create(
        person=User.objects.get(username="cy"), repository=netra.repository, level="watching"
    )
    emit("phase.closed", "1", repository=netra.repository, actor=mia, detail={"title": "Cleanup"})
    work()
    assert inbox() == {str(ida): 1, "cy": 1}
    assert mail.accepted == []


def test_a_person_without_e_mails_or_with_a_closed_account_gets_none(mail: Postbox, netra: World) -> None:
    ben, ada = User.objects.get(username="ben"), User.objects.get(username="ada")
    NotificationSettings.objects.create(person=ben, is_mailed=False)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    emit_regression(netra, person=ben, people=[ada.pk])
    work()
    assert mail.accepted == []
    assert inbox() == {"ben": 1}


def test_a_rule_sends_what_passes_its_filters_once_to_each_channel(netra: World) -> None:
    channel = Channel.objects.create(name="Builds", kind="webhook", url="https://hooks.example.org/1")
    other = Channel.objects.create(name="Other", kind="webhook", url="https://hooks.example.org/2")
    NotificationRule.objects.create(channel=channel, topics=["regression"], risks=["critical"])
    NotificationRule.objects.create(channel=channel, owners=["@Acme/Core"])
    NotificationRule.objects.create(channel=other, phases=["cleanup"])
    NotificationRule.objects.create(channel=other, is_enabled=False)
    emit_regression(netra, "a" * 40, risk="critical", owners=["@acme/core"])
    emit_regression(netra, "b" * 40, risk="low")
    emit("phase.closed", "1", repository=netra.repository, phases=["cleanup"], detail={"title": "Cleanup"})
    work()

    sent = {item.target: item.detail for item in OutboxItem.objects.filter(kind="message")}
    events = {event.key[:1]: event.pk for event in NotificationEvent.objects.all()}
    assert {target: detail["events"] for target, detail in sent.items()} == {
        str(channel.pk): [events["a"]],
        str(other.pk): [events["1"]],
    }
    item = OutboxItem.objects.get(target=channel.pk)
    first, second = NotificationRule.objects.filter(channel=channel).order_by("pk")
    message = channel_messages.write_events(channel, item)
    assert message.because == (
        f"Sent because rule {first.pk} of the channel “Builds” sends events of the topic “Regression” in all "
        "repositories, but only those with critical risk."
    )
    assert message.stop.url.endswith(f"/notification-rules/{first.pk}/")
    NotificationRule.objects.filter(pk=first.pk).update(is_enabled=False)
    message = channel_messages.write_events(channel, item)
    assert (
        f"rule {second.pk} of the channel “Builds” sends all events in all repositories, but only"
        in message.reason
    )
    NotificationRule.objects.filter(pk=second.pk).update(owners=[f"@team-{number}" for number in range(9)])
    second.refresh_from_db()
    assert reason_of(second).endswith("the owner @team-0, @team-1 or 7 more")
