"""The inbox, notification preferences and rules by API."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance.models import (
    Channel,
    NotificationRule,
    NotificationSettings,
    OutboxItem,
    RepositoryWatch,
    Token,
    TopicPreference,
)
from tests.api.conftest import Send, give
from tests.views.cast import World, world
from tests.views.furnished import notify

pytestmark = pytest.mark.slow


@pytest.fixture
def builds(db: None) -> Channel:
    return Channel.objects.create(name="Builds", kind="webhook", url="https://hooks.example.org/1")


def test_the_inbox_is_read_and_marked(send: Send, netra: World, person: User) -> None:
    token, other = give(person), User.objects.create_user("other")
    entries = [notify(netra, person, subject=f"Commit {number}") for number in range(3)]
    foreign = notify(netra, other)
    notify(netra, person, "phase.closed", title="Cleanup")

    first = send("GET", "/inbox?limit=3", token).body
    assert [row["topic"] for row in first["items"]] == ["phase.closed", "regression", "regression"]
    assert first["items"][1]["text"].endswith("Commit 2 by Cy")
    assert first["items"][1]["url"].endswith(f"/repositories/netra/commits/{netra.head.sha}/")
    assert first["next"]
    assert send("GET", "/inbox/unread", token).body == {"count": 4}

    at = f"/inbox/{entries[0].pk}"
    assert send("POST", f"{at}/read", token).body["read_at"]
    assert send("GET", "/inbox/unread", token).body == {"count": 3}
    assert send("POST", f"{at}/unread", token).body["read_at"] is None
    answer = send("POST", "/inbox/read", token, {"until": entries[1].pk, "topic": "regression"})
    assert answer.body == {"count": 2}
    left = send("GET", "/inbox", token).body["items"]
    assert [row["topic"] for row in left] == ["phase.closed", "regression"]
    assert len(send("GET", "/inbox?show=all&repository=netra", token).body["items"]) == 4
    assert send("POST", f"/inbox/{foreign.pk}/read", token).status == 404
    assert send("GET", "/inbox?show=some", token).status == 422


def test_a_token_for_one_repository_reads_only_its_entries(send: Send, netra: World, person: User) -> None:
    token, other = give(person), world("other")
    notify(other, person)
    entry = notify(netra, person)
    Token.objects.update(repository=netra.repository)
    assert [row["id"] for row in send("GET", "/inbox?show=all", token).body["items"]] == [entry.pk]
    assert send("GET", "/inbox/unread", token).body == {"count": 1}
    assert send("POST", "/inbox/read", token, {"until": 2**62}).body == {"count": 1}
    assert send("PUT", "/notification-preferences", token, {"digest_hour": 9}).status == 403
    assert send("GET", "/notification-rules", token).status == 403


def test_preferences_are_changed_in_part(send: Send, netra: World, person: User) -> None:
    token = give(person)
    before = send("GET", "/notification-preferences", token).body
    assert before["quiet_from"] is None
    assert {row["way"] for row in before["topics"]} == {None}
    until = timezone.now() + timedelta(days=2)
    given = {
        "topics": {"regression": "weekly"},
        "time_zone": "Europe/Vienna",
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "muted_until": until.isoformat(),
    }
    after = send("PUT", "/notification-preferences", token, given).body
    assert {row["name"]: row["way"] for row in after["topics"]}["regression"] == "weekly"
    assert (after["time_zone"], after["quiet_from"], after["digest_hour"]) == ("Europe/Vienna", "22:00:00", 8)
    assert NotificationSettings.objects.get().muted_until == until

    ended = {"topics": {"regression": None}, "muted_until": None, "quiet_from": None, "quiet_until": None}
    after = send("PUT", "/notification-preferences", token, ended).body
    assert (after["muted_until"], after["quiet_until"]) == (None, None)
    assert after["time_zone"] == "Europe/Vienna"
    assert not TopicPreference.objects.exists()


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"topics": {"weather": "off"}}, 409, "“weather” is not a topic."),
        ({"topics": {"regression": "pigeon"}}, 422, ""),
        ({"time_zone": "Mars"}, 409, "“Mars” is not a known time zone."),
        ({"quiet_from": "22:00"}, 409, "Quiet hours need a beginning and an end."),
        ({"digest_hour": 24}, 422, ""),
        ({"muted_until": "2199-01-01T00:00:00Z"}, 409, "for a year at most"),
        ({"colour": "red"}, 422, ""),
    ],
)
def test_what_cannot_be_a_preference_is_refused_as_a_whole(
    send: Send, netra: World, person: User, given: dict[str, object], status: int, words: str
) -> None:
    more = {"topics": {"phase.closed": "off"}} | given
    answer = send("PUT", "/notification-preferences", give(person), more)
    assert answer.status == status
    assert words in answer.body["detail"]
    assert not TopicPreference.objects.exists()
    assert not NotificationSettings.objects.exists()


def test_a_repository_has_its_own_preferences(send: Send, netra: World, person: User) -> None:
    token, at = give(person), "/repositories/netra/notification-preferences"
    assert send("GET", at, token).body["level"] == "participating"
    given = {"level": "ignoring", "topics": {"regression": "at once"}}
    after = send("PUT", at, token, given).body
    assert after["level"] == "ignoring"
    assert {row["name"]: row["way"] for row in after["topics"]}["regression"] == "at once"
    assert send("GET", "/notification-preferences", token).body["exceptions"] == ["netra"]
    send("PUT", at, token, {"topics": {"regression": None}})
    assert RepositoryWatch.objects.get().level == "ignoring"


def test_a_rule_is_previewed_made_changed_and_removed(
    send: Send, netra: World, person: User, builds: Channel
) -> None:
    token = give(person)
    notify(netra, person)
    given = {"channel": builds.pk, "repository": "netra", "topics": ["regression"]}
    found = send("POST", "/notification-rules/preview", token, given).body
    assert (found["messages"], found["events"], found["days"]) == (1, 1, 30)
    assert not NotificationRule.objects.exists()

    made = send("POST", "/notification-rules", token, given)
    assert (made.status, made.body["cadence"], made.body["repository"]) == (201, "at once", "netra")
    assert made.body["sentence"].startswith("Builds gets events of the topic “")
    at = f"/notification-rules/{made.body['id']}"
    changed = send("POST", at, token, {"repository": "", "cadence": "daily", "is_enabled": False}).body
    assert (changed["repository"], changed["cadence"], changed["topics"]) == (None, "daily", ["regression"])
    assert changed["sentence"].startswith("Disabled: ")
    assert [row["id"] for row in send("GET", "/notification-rules", token).body["items"]] == [changed["id"]]
    assert send("POST", f"{at}/remove", token).body["id"] == changed["id"]
    assert send("POST", f"{at}/remove", token).status == 404


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"channel": 999_999}, 409, "There is no channel 999999."),
        ({"repository": "nothing"}, 409, "There is no repository “nothing”."),
        ({"topics": ["weather"]}, 409, "“weather” is not a valid topic"),
        ({"phases": ["cleanup"]}, 409, "Choose a repository to filter by phase."),
        ({"owners": ["web"]}, 409, "“web” is not an owner."),
        ({"risks": ["huge"]}, 422, ""),
        ({"cadence": "hourly"}, 422, ""),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_the_reason(
    send: Send, netra: World, person: User, builds: Channel, given: dict[str, object], status: int, words: str
) -> None:
    answer = send("POST", "/notification-rules", give(person), {"channel": builds.pk, **given})
    assert answer.status == status
    assert words in answer.body["detail"]
    assert not NotificationRule.objects.exists()


def test_a_failed_message_of_a_channel_is_sent_again(
    send: Send, netra: World, person: User, builds: Channel
) -> None:
    token = give(person)
    item = OutboxItem.objects.create(
        kind="message", channel="webhook", target=str(builds.pk), key="1", state="failed", attempts=15
    )
    answer = send("POST", f"/channels/{builds.pk}/messages/{item.pk}/again", token)
    assert (answer.status, answer.body["state"]) == (202, "waiting")
    assert send("POST", f"/channels/{builds.pk}/messages/999999/again", token).status == 404
