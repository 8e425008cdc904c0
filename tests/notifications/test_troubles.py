"""Repositories, connections and channels that stay broken are reported, and so is their recovery."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models.functions import Now

from compliance import jobs, tasks
from compliance.accounts.roles import Role
from compliance.models import Channel, Connection, NotificationEvent, NotificationRule, OutboxItem, Repository
from tests.notifications.conftest import Postbox, work
from tests.notifications.news import age_alerts, emitted, inbox
from tests.scanner.history import write_history
from tests.scans.factories import person
from tests.scans.upstream import HISTORY, PLAN, tracked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"


@pytest.fixture
def team() -> Iterator[User]:
    cache.clear()
    person("mia", Role.MANAGER)
    person("eve", Role.ENGINEER)
    yield person("adam", Role.ADMINISTRATOR)
    cache.clear()


def scan(repository: Repository) -> None:
    jobs.enqueue("update", repository)
    work()


def look(**since: float) -> None:
    """The periodic look, some time after the last one."""
    age_alerts(**since)
    tasks.look_for_problems()
    work()


def test_a_repository_that_cannot_be_read_is_reported_once_and_so_is_its_recovery(
    mail: Postbox, folder: Path, team: User
) -> None:
    repository = tracked(folder, PLAN)
    moved = folder.rename(folder.with_name("gone.git"))
    scan(repository)
    look()
    assert not emitted("repository.trouble"), "it may be over in a moment"
    look(minutes=11)
    look(minutes=11)
    scan(repository)
    look(minutes=11)

    assert mail.to() == ["adam@example.org"]
    assert mail.accepted[0]["Subject"].startswith("r: The repository ")
    assert inbox() == [("adam", "repository.trouble"), ("mia", "repository.trouble")]

    moved.rename(folder)
    scan(repository)
    look()
    look()
    assert [letter["Subject"] for letter in mail.accepted[1:]] == ["r is recorded again"]


def test_a_problem_between_two_looks_is_not_reported(folder: Path, team: User) -> None:
    repository = tracked(folder, PLAN)
    look()
    Repository.objects.update(trouble="No answer", trouble_kind="no answer")
    look()
    Repository.objects.update(trouble="", trouble_kind="")
    look(minutes=11)
    Repository.objects.update(trouble="No answer", trouble_kind="no answer")
    look(minutes=11)
    assert not NotificationEvent.objects.exists()
    repository.delete()


def test_another_kind_of_problem_is_told_too(mail: Postbox, folder: Path, team: User) -> None:
    tracked(folder, PLAN)
    Repository.objects.update(trouble="No answer", trouble_kind="unreachable")
    look()
    look(minutes=11)
    Repository.objects.update(trouble="Forbidden", trouble_kind="refused")
    look()
    look(minutes=11)
    Repository.objects.update(trouble="", trouble_kind="")
    look()
    kinds = [Repository.Trouble(kind).label for kind in ("unreachable", "refused")]
    assert [letter["Subject"] for letter in mail.accepted] == [
        *(f"r: {kind}" for kind in kinds),
        "r is recorded again",
    ]


@pytest.fixture
def chat(team: User) -> Channel:
    return Channel.objects.create(name="<!channel> *chat*", kind="slack", url="https://chat.example.org/x")


def test_a_channel_that_fails_for_an_hour_is_reported_once(mail: Postbox, chat: Channel) -> None:
    Channel.objects.update(last_failure_at=Now(), last_failure="The server replied with 500\nand more")
    look()
    look(minutes=30)
    assert not mail.accepted
    look(minutes=31)
    Channel.objects.update(last_failure_at=Now())
    look(minutes=90)
    (letter,) = mail.accepted
    assert letter["Subject"] == "Channel <!channel> *chat* has been failing for more than an hour"
    assert f"/channels/{chat.pk}/" in text_of(letter)

    Channel.objects.update(last_success_at=Now())
    look()
    look()
    assert [letter["Subject"] for letter in mail.accepted[1:]] == ["Channel <!channel> *chat* works again"]
    Channel.objects.update(last_failure_at=Now())
    look()
    look(minutes=61)
    assert len(mail.accepted) == 3


def test_a_channel_that_is_gone_is_reported_at_once(mail: Postbox, chat: Channel) -> None:
    Channel.objects.update(
        is_enabled=False, disabled_reason="The server replied with 410", last_failure_at=Now()
    )
    look()
    look()
    assert [letter["Subject"] for letter in mail.accepted] == [
        "Channel <!channel> *chat* was disabled, because it no longer exists"
    ]
    Channel.objects.update(is_enabled=True, disabled_reason="", last_success_at=Now())
    look()
    assert mail.accepted[1]["Subject"] == "Channel <!channel> *chat* works again"


@pytest.mark.parametrize("how", ["disabled", "removed"])
def test_a_failing_channel_that_a_person_ends_does_not_work_again(
    mail: Postbox, chat: Channel, how: str
) -> None:
    Channel.objects.update(last_failure_at=Now())
    look()
    look(minutes=61)
    if how == "removed":
        chat.delete()
    else:
        Channel.objects.update(is_enabled=False)
    look()
    assert len(mail.accepted) == 1


def test_a_channel_is_not_told_that_it_fails(mail: Postbox, chat: Channel) -> None:
    other = Channel.objects.create(name="List", kind="e-mail", url="list@example.org")
    for channel in (chat, other):
        NotificationRule.objects.create(channel=channel)
    Channel.objects.filter(pk=chat.pk).update(last_failure_at=Now())
    look()
    look(minutes=61)
    sent = OutboxItem.objects.filter(kind="message")
    assert list(sent.values_list("target", flat=True)) == [str(other.pk)]


@pytest.mark.parametrize("number", [1, 12])
def test_a_look_takes_as_many_queries_whatever_the_number(
    team: User, number: int, django_assert_max_num_queries: Any
) -> None:
    """Nothing is reported, because everything was reported before."""
    for index in range(number):
        Repository.objects.create(
            slug=f"r{index}", name="R", url="/srv/r.git", trouble="No answer", trouble_kind="no answer"
        )
        Channel.objects.create(name="C", kind="slack", url="https://x.example", last_failure_at=Now())
    look()
    look(minutes=61)
    with django_assert_max_num_queries(20):
        tasks.look_for_problems()


def test_connections_that_fail_together_are_one_message(mail: Postbox, team: User) -> None:
    for name in ("Forge", "Tracker"):
        Connection.objects.create(
            slug=name.lower(),
            name=name,
            provider="gitea",
            api_url="https://forge.example.org/api/v1",
            token="t",
            last_failure_at=Now(),
            last_failure="401",
        )
    look()
    look(minutes=61)
    (letter,) = mail.accepted
    assert letter["Subject"] == "2 connections or channels failing"
    text = text_of(letter)
    assert "Connection Forge has been failing for more than an hour" in text
    assert "/connections/tracker/" in text
    assert inbox() == [("adam", "connection.failing")] * 2 + [("mia", "connection.failing")] * 2


def text_of(letter: EmailMessage) -> str:
    """The plain text of an e-mail, decoded."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
