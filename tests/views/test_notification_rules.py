"""The pages on which managers set up rules, what rules say, and what they would have sent."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.models import Channel, NotificationEvent, NotificationRule, OutboxItem, Repository
from compliance.notifications.rule_setup import describe
from compliance.notifications.topics import TOPICS
from compliance.queries.rule_previews import preview
from tests.evidence.conftest import furnish
from tests.views.cast import World, world

NEW = "/new-notification-rule/"
PREVIEW = "/notification-rule-preview/"
TITLE = TOPICS["regression"].title


@pytest.fixture
def builds(db: None) -> Channel:
    return Channel.objects.create(name="Builds", kind="webhook", url="https://hooks.example.org/1")


def add_event(repository: Repository | None, key: str, ago: timedelta, **more: object) -> None:
    now = timezone.now()
    values = {"topic": "regression", "happened_at": now, "routed_at": now - ago, **more}
    made = NotificationEvent.objects.create(repository=repository, key=key, **values)
    NotificationEvent.objects.filter(pk=made.pk).update(recorded_at=now - ago)


def test_a_rule_is_made_changed_disabled_and_removed(ada: Client, netra: World, builds: Channel) -> None:
    furnish(netra)
    given = {
        "channel": builds.pk,
        "repository": "netra",
        "cadence": "at once",
        "owners": "@acme/web, a@b.example",
    }
    answer = ada.post(NEW, {**given, "topics": ["regression"], "risks": ["high"], "phases": ["cleanup"]})
    rule = NotificationRule.objects.get()
    assert answer["Location"] == f"/notification-rules/{rule.pk}/"
    assert (rule.topics, rule.risks, rule.phases) == (["regression"], ["high"], ["cleanup"])
    assert (rule.owners, str(rule.created_by)) == (["@acme/web", "a@b.example"], "ada")

    address = f"/notification-rules/{rule.pk}/"
    page = ada.get(address).content.decode()
    assert f"Builds gets events of the topic “{TITLE}” in Netra agents, but only those with the phase" in page
    ada.post(address, {"channel": builds.pk, "repository": "", "cadence": "weekly"})
    rule.refresh_from_db()
    assert (rule.topics, rule.phases, rule.repository, rule.cadence) == ([], [], None, "weekly")
    ada.post(f"{address}switch/", {"want": "no"})
    assert not NotificationRule.objects.get().is_enabled
    assert "Disabled: Builds gets all events in all repositories" in ada.get(address).content.decode()
    assert ada.post(f"{address}remove/")["Location"] == f"/channels/{builds.pk}/"
    assert not NotificationRule.objects.exists()


def test_a_preview_takes_few_queries_however_many_events_there_are(
    netra: World, builds: Channel, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        add_event(netra.repository, f"{number:040}", timedelta(hours=1), detail={"paths": ["a.py"]})
    add_event(None, "own", timedelta(hours=1), topic="connection.failing", detail={"channel": builds.pk})
    with django_assert_max_num_queries(4):
        assert preview(NotificationRule(channel=builds)).events == 30


def test_a_long_list_of_rules_has_pages(ada: Client, builds: Channel) -> None:
    NotificationRule.objects.bulk_create(NotificationRule(channel=builds) for _ in range(60))
    page = ada.get("/channels/").content.decode()
    assert page.count('href="/notification-rules/') == 25
    assert "1 to 25 of 60" in page
    assert ada.get("/channels/?page=3").content.decode().count('href="/notification-rules/') == 10


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"channel": ""}, "Choose a channel."),
        ({"channel": "999999"}, "There is no such channel."),
        ({"repository": "nothing"}, "There is no such repository."),
        ({"topics": "weather"}, "“weather” is not a valid topic; use"),
        ({"risks": "huge"}, "“huge” is not a valid risk; use critical, high, low or medium."),
        ({"cadence": "hourly"}, "hourly is not one of the available choices."),
        ({"phases": "cleanup"}, "Phases belong to a plan. Choose a repository to filter by phase."),
        ({"phases": "nothing", "repository": "netra"}, "The plan of Netra agents has no phase “nothing”."),
        ({"owners": "web"}, "“web” is not an owner. Use @name, @organisation/team or an e-mail address"),
        ({"owners": " ".join(f"@a{n}" for n in range(101))}, "At most 100 values are allowed."),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_the_reason(
    ada: Client, netra: World, builds: Channel, given: dict[str, str], words: str
) -> None:
    answer = ada.post(NEW, {"channel": builds.pk, "cadence": "at once", **given})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not NotificationRule.objects.exists()


def test_a_channel_of_a_repository_serves_no_other(ada: Client, netra: World, builds: Channel) -> None:
    world("other")
    Channel.objects.update(repository=netra.repository)
    answer = ada.post(NEW, {"channel": builds.pk, "cadence": "daily", "repository": "other"})
    assert "The channel is only for Netra agents." in answer.content.decode()
    ada.post(NEW, {"channel": builds.pk, "cadence": "daily"})
    assert "in Netra agents, in one message a day at 08:00" in describe(NotificationRule.objects.get())


def test_a_phase_that_left_the_plan_prevents_no_other_change(
    ada: Client, netra: World, builds: Channel
) -> None:
    rule = NotificationRule.objects.create(channel=builds, repository=netra.repository, phases=["former"])
    address = f"/notification-rules/{rule.pk}/"
    assert "former (no longer in the plan)" in ada.get(address).content.decode()
    given = {"channel": builds.pk, "repository": "netra", "cadence": "daily", "phases": "former"}
    assert ada.post(address, given).status_code == 302
    assert NotificationRule.objects.get().cadence == "daily"


def test_messages_are_counted_as_they_would_have_been_sent(netra: World, builds: Channel) -> None:
    hour = timedelta(hours=1)
    for key, ago in (("a", hour), ("b", hour), ("c", 24 * 20 * hour), ("d", 24 * 40 * hour)):
        add_event(netra.repository, key, ago, risk="high", owners=["@Acme/Web"])
    # Both were routed together, in one transaction.
    NotificationEvent.objects.filter(key__in=("a", "b")).update(routed_at=timezone.now() - hour)
    add_event(netra.repository, "e", hour, topic="phase.closed")
    add_event(None, "f", hour, risk="low")

    def messages(**filters: object) -> tuple[int, int]:
        found = preview(NotificationRule(channel=builds, **filters))
        assert found.is_whole_period
        return found.messages, found.events

    assert messages() == (4, 5)
    assert messages(topics=["regression"]) == (3, 4)
    assert messages(repository=netra.repository) == (3, 4)
    assert messages(risks=["high"]) == (2, 3)
    assert messages(owners=["@acme/web"]) == (2, 3)
    assert messages(phases=["cleanup"]) == (0, 0)


def test_digests_are_counted_by_their_boundaries(netra: World, builds: Channel) -> None:
    now = datetime(2026, 6, 10, 12, tzinfo=UTC)  # a Wednesday
    hours = (("a", 7), ("b", 8), ("c", 9), ("d", 9 + 24), ("e", 9 + 24 * 20))
    for key, ago in hours:
        add_event(netra.repository, key, timedelta())
        NotificationEvent.objects.filter(key=key).update(routed_at=now - timedelta(hours=ago))

    def messages(cadence: str) -> int:
        return preview(NotificationRule(channel=builds, cadence=cadence), now).messages

    # Routed at 5:00, 4:00 and 3:00 of the day, at 3:00 of the day before, and of the 21st of May.
    assert messages("daily") == 3
    assert messages("weekly") == 2
    assert messages("at once") == 5


def test_the_sentence_says_since_when_events_are_known(netra: World, builds: Channel) -> None:
    rule = NotificationRule(channel=builds)
    assert "this rule would have sent no message" in preview(rule).sentence
    add_event(netra.repository, "a", timedelta(days=2))
    assert preview(rule).sentence.startswith("Since ")
    assert "would have sent 1 message about 1 event" in preview(rule).sentence
    add_event(netra.repository, "b", timedelta(days=31))
    assert preview(rule).sentence.startswith("In the last 30 days, this rule would have sent 1 message")


def test_the_preview_of_a_form_follows_its_values(ada: Client, netra: World, builds: Channel) -> None:
    furnish(netra)
    assert "Choose a channel" in ada.get(PREVIEW).content.decode()
    asked = {"channel": str(builds.pk), "cadence": "daily", "repository": "netra"}
    page = ada.get(PREVIEW, asked).content.decode()
    assert "Builds gets all events in Netra agents, in one message a day" in page
    assert 'hx-swap-oob="true"' in page
    assert 'value="cleanup"' in page
    asked["phases_of"] = "netra"
    assert "rule-phases" not in ada.get(PREVIEW, asked).content.decode()
    asked["owners"] = "nobody"
    assert "“nobody” is not an owner." in ada.get(PREVIEW, asked).content.decode()


def test_rules_are_listed_where_they_apply(ada: Client, ben: Client, netra: World, builds: Channel) -> None:
    other = world("other")
    NotificationRule.objects.create(channel=builds, repository=other.repository)
    NotificationRule.objects.create(channel=builds, topics=["phase.closed"])

    def listed(address: str) -> int:
        return len(re.findall(r'href="/notification-rules/\d+/"', ada.get(address).content.decode()))

    assert listed("/repositories/netra/settings/") == 1
    assert listed("/repositories/other/settings/") == 2
    assert listed(f"/channels/{builds.pk}/") == 2
    assert listed("/channels/") == 2
    assert "notification-rules" not in ben.get("/repositories/other/settings/").content.decode()
    Channel.objects.update(is_enabled=False, disabled_reason="The server replied with 410 Gone.")
    page = ada.get("/repositories/netra/settings/").content.decode()
    assert "The channel is disabled automatically" in page
    page = ada.get(f"/channels/{builds.pk}/").content.decode()
    assert "This channel was disabled automatically: The server replied with 410 Gone." in page


def test_a_failed_message_is_sent_again_from_the_page_of_its_channel(ada: Client, builds: Channel) -> None:
    item, other = (
        OutboxItem.objects.create(
            kind="message", channel="webhook", target=target, key="1", state="failed", attempts=15
        )
        for target in (str(builds.pk), "999999")
    )
    address = f"/channels/{builds.pk}/messages/{item.pk}/again/"
    assert address in ada.get(f"/channels/{builds.pk}/").content.decode()
    page = ada.post(address, follow=True).content.decode()
    assert "The message will be sent again now." in page
    assert 'hx-trigger="every 1s"' in page  # the page shows the outcome when it arrives
    item.refresh_from_db()
    assert item.state == "waiting"
    assert ada.post(f"/channels/{builds.pk}/messages/{other.pk}/again/").status_code == 404
