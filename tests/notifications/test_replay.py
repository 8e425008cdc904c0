"""A month of the demonstration: how many messages two channels and three people get, as docs/notifications/
events.md predicts, and that the same month once more is no news.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from compliance import jobs, scans
from compliance.accounts.roles import Role
from compliance.models import (
    Channel,
    Claim,
    DigestEntry,
    File,
    InboxEntry,
    NotificationEvent,
    NotificationRule,
    NotificationSettings,
    OutboxItem,
    Repository,
    RepositoryWatch,
    TopicPreference,
    Waiver,
)
from compliance.notifications import channel_setup
from compliance.work import claims, waivers
from tests.integrations.peers.client import Peer
from tests.integrations.peers.client import running as running_peer
from tests.notifications import clock
from tests.notifications.conftest import Postbox
from tests.notifications.month import DAYS, Month, fresh, look, person, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(1500)]

PAGE = Path(__file__).parents[2] / "docs" / "notifications" / "events.md"
KINDS = ("message", "notice")
_ROW = re.compile(r"^\| (?P<to>[^|]+?) \| [^|]+ \| (?P<messages>\d+) \|$", re.MULTILINE)


def predicted() -> dict[str, int]:
    """The table of the page: how many messages each recipient gets at most."""
    table = PAGE.read_text().partition("| Recipient | Gets | Messages |")[2].partition("\n\n")[0]
    return {row["to"]: int(row["messages"]) for row in _ROW.finditer(table)}


@pytest.fixture
def peer(settings: Settings) -> Iterator[Peer]:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    with running_peer("chats") as found:
        yield found


def add_people(repository: Repository) -> None:
    """Mia manages, Ben is one of the authors, and Adam is the administrator."""
    mia = person("mia", "mia@example.org", Role.MANAGER)
    NotificationSettings.objects.create(person=mia, time_zone="America/New_York", digest_hour=8)
    for topic in ("phase.closed", "phase.reopened", "evidence.failed", "forecast.late", "pull.blocked"):
        TopicPreference.objects.create(person=mia, topic=topic, way="daily")
    ben = person("ben", "ben.okafor@example.org", Role.ENGINEER)
    NotificationSettings.objects.create(person=ben, quiet_from=time(18), quiet_until=time(8))
    adam = person("adam", "adam@example.org", Role.ADMINISTRATOR)
    RepositoryWatch.objects.create(person=adam, repository=repository, level="watching")
    for topic in ("regression", "phase.closed", "phase.reopened"):
        TopicPreference.objects.create(person=adam, topic=topic, way="weekly")


def add_channels(peer: Peer) -> None:
    """A chat about what needs somebody, at once, and a list that gets everything in a weekly digest."""
    chat = channel_setup.create("slack", {"name": "Alarms", "url": f"{peer.url}/services/T0/B0/good"}, None)
    NotificationRule.objects.create(
        channel=chat, topics=["regression", "phase.reopened", "repository.trouble", "pull.blocked"]
    )
    NotificationRule.objects.create(channel=chat, risks=["critical"], topics=["regression"])
    news = channel_setup.create("e-mail", {"name": "News", "url": "news@example.org"}, None)
    NotificationRule.objects.create(channel=news, cadence="weekly")


def add_acts(story: Month) -> None:
    """What people do: a claim that expires, one that takes the file over, a waiver, and a lost origin."""
    gone = story.folder.with_name("gone.git")

    def file() -> File:
        found = File.objects.filter(path__endswith="dependencies.py", violations__gt=0).first()
        found = found or File.objects.filter(violations__gt=0, status="open").order_by("path")[0]
        return File.objects.select_related("repository").get(pk=found.pk)

    def claim(name: str) -> None:
        earlier = Claim.objects.first()
        claims.claim([earlier.file if earlier else file()], User.objects.get(username=name))

    def request_waiver() -> None:
        until = timezone.localdate() + timedelta(days=14)
        waivers.request_waiver(
            fresh(), User.objects.get(username="ben"), "Until <!here> it moves", until, glob="**/cache/**"
        )

    def lose() -> None:
        story.folder.rename(gone)
        jobs.enqueue("update", fresh())

    story.acts = {
        1: [lambda: claim("ben")],
        2: [request_waiver],
        3: [lambda: waivers.approve(Waiver.objects.get(), User.objects.get(username="mia"))],
        10: [lose],
        16: [lambda: claim("adam")],
    }
    story.before = {11: [lambda: gone.rename(story.folder)]}


def messages() -> dict[str, int]:
    """How many messages were recorded for each channel and person."""
    found: Counter[str] = Counter()
    names = {str(row.pk): row.name for row in Channel.objects.all()}
    people = {str(row.pk): row.username for row in User.objects.all()}
    for item in OutboxItem.objects.filter(kind__in=KINDS):
        assert item.state == "sent", (item, item.outcome)
        found[names[item.target] if item.kind == "message" else people.get(item.target, item.target)] += 1
    return found


def recorded() -> dict[str, int]:
    """How much the product has recorded about notifications."""
    found = {table.__name__: table.objects.count() for table in (NotificationEvent, InboxEntry, DigestEntry)}
    return {**found, "messages": OutboxItem.objects.filter(kind__in=KINDS).count()}


def topics() -> Counter[str]:
    return Counter(NotificationEvent.objects.values_list("topic", flat=True))


@pytest.fixture
def story(
    tmp_path: Path, mail: Postbox, peer: Peer, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Iterator[Month]:
    with clock.running(monkeypatch) as now:
        made = Month(tmp_path / "netra.git", now, timezone.now())
        now.set(made.evenings[0] - timedelta(days=1))
        repository = scans.track(str(made.folder), slug="netra", plan=None)
        work()
        add_people(repository)
        add_channels(peer)
        look()
        assert not NotificationEvent.objects.exists(), "nothing is emitted for history"
        add_acts(made)
        yield made


def test_a_month_makes_at_most_the_predicted_messages_and_the_same_again_none(
    story: Month, mail: Postbox, peer: Peer
) -> None:
    for day in range(DAYS):
        story.live(day)

    made, most = messages(), predicted()
    assert made.keys() == most.keys()
    assert {to: number for to, number in made.items() if number > most[to]} == {}, (made, topics())
    assert len(peer.store["messages"]) == made["Alarms"]
    assert len(mail.accepted) == sum(made.values()) - made["Alarms"]

    before, heard = recorded(), topics()
    story.push(-1)
    jobs.enqueue("update", fresh())
    work()
    for day in range(DAYS):
        story.happen(day)
        jobs.enqueue("notify")
    look()
    assert recorded() == before, topics() - heard
