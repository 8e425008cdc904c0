"""Every topic writes a message that every channel can carry, whatever commits, plans and people contain."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from compliance.models import NotificationEvent, Repository
from compliance.notifications.channels import CHANNELS, email, webhook
from compliance.notifications.message import Link, Message
from compliance.notifications.topic import Addressee
from compliance.notifications.topics import TOPICS
from tests.notifications import chat_limits
from tests.notifications.hostile import TEXTS

NOW = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
TO = Addressee("a rule sends this", Link("Stop", "https://dash.example.org/stop"))
WORDS = (
    *("subject", "author", "path", "title", "issue", "text", "by", "name", "problem", "requirement"),
    *("explanation", "reason", "comment", "glob", "rule", "person", "due", "until", "how", "kind", "state"),
)
LISTS = ("paths", "clean_paths", "titles", "tests")
NUMBERS = ("violations", "files", "clean_files", "left", "number", "blocking", "file", "channel", "clean")
HOSTILE = sorted({text.replace("\0", "\ufffd") for text in TEXTS if text.isprintable() or text.isascii()})


def event(topic: str, text: str, number: int, **more: Any) -> NotificationEvent:
    """An event all of whose texts are the same. What identifies rows is as the database has it."""
    return NotificationEvent(
        repository=Repository(slug="shop", name=text),
        topic=topic,
        key=str(number),
        happened_at=NOW,
        phases=[text, "second"],
        owners=[text],
        risk="critical",
        person=User(username=text),
        detail={
            **dict.fromkeys(WORDS, text),
            **{name: [text, text] for name in LISTS},
            **dict.fromkeys(NUMBERS, number),
            "sha": "a" * 40,
            "slug": "forge",
            "phase": "first",
            "target": 95.0,
            "percent": 95.5,
            **more,
        },
    )


def bodies(message: Message) -> dict[str, bytes]:
    """The message as each channel over HTTP sends it."""
    found: dict[str, bytes] = {"webhook": webhook.render(message, NOW)}
    for kind in sorted(chat_limits.MESSAGES.keys() - {"webhook"}):
        module: Any = CHANNELS[kind]
        found[kind] = json.dumps(module.render(message)).encode()
    return found


def check(message: Message) -> None:
    """The message keeps to every channel's limits."""
    for kind, body in bodies(message).items():
        chat_limits.MESSAGES[kind].model_validate_json(body)
    assert "\n" not in str(email.render(message).subject)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_channel_carries_hostile_events(topic: str) -> None:
    for text in HOSTILE:
        one = TOPICS[topic].write([event(topic, text, 1)], TO)
        assert (one.topic, one.reason, one.stop) == (topic, TO.reason, TO.stop)
        check(one)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_several_events_are_one_message(topic: str) -> None:
    several = [event(topic, f"</>*{number}*@here", number) for number in range(1, 41)]
    message = TOPICS[topic].write(several, TO)
    check(message)
    assert "40" in message.title or len(message.entries) in {0, 40}


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_an_event_without_any_detail_can_be_told(topic: str) -> None:
    """An earlier release may have emitted it, and said less."""
    bare = NotificationEvent(
        repository=Repository(slug="shop", name="Shop"), topic=topic, key="1", happened_at=NOW
    )
    check(TOPICS[topic].write([bare], TO))


@pytest.mark.parametrize("topic", ["connection.failing", "repository.trouble"])
def test_the_end_of_a_problem_is_good_news(topic: str) -> None:
    message = TOPICS[topic].write([event(topic, "Shop", 1), event(topic, "Shop", 1, over=True)], TO)
    assert message.level == "good"
    check(message)


def test_events_of_the_installation_have_no_repository() -> None:
    failing = event("connection.failing", "Forge", 1, kind="connection")
    failing.repository = None
    message = TOPICS["connection.failing"].write([failing], TO)
    assert message.repository == ""
    assert [link.url.rpartition("/connections/")[2] for link in message.links] == ["forge/"]
    check(message)
