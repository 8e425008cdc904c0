"""What every topic offers, and the page about them."""

import re
from pathlib import Path

import pytest
from django.utils import timezone

from compliance.models import NotificationEvent, Repository, Way
from compliance.models.notification import LONGEST_TOPIC
from compliance.notifications.message import DETAILS, Link, shaped
from compliance.notifications.topic import Addressee, Audience, Topic
from compliance.notifications.topics import TOPICS
from tests.notifications.hostile import TEXTS

PROJECT = Path(__file__).parents[2]
EMISSION = re.compile(r'\bemit\(\s*"([a-z.]+)"')
TO = Addressee("you asked for it", Link("Stop", "https://compliance.example.org/stop/"))

topics = pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)


def event(topic: Topic, number: int, **detail: object) -> NotificationEvent:
    repository = Repository(pk=1, slug="shop", name="Shop")
    return NotificationEvent(
        pk=number,
        repository=repository,
        topic=topic.name,
        key=str(number),
        happened_at=timezone.now(),
        detail=detail,
    )


@topics
def test_a_topic_has_a_name_and_an_audience(topic: Topic) -> None:
    assert re.fullmatch(r"[a-z]+(\.[a-z]+)?", topic.name)
    assert len(topic.name) <= LONGEST_TOPIC
    assert topic.when.endswith(".")
    assert topic.audience, "nobody would ever be told"
    assert set(topic.audience) | set(topic.reasons) <= set(Audience)
    assert set(topic.audience.values()) <= set(Way)
    assert Way.OFF not in topic.audience.values()


@topics
@pytest.mark.parametrize("number", [1, 3])
def test_a_message_says_why_and_how_to_stop_it(topic: Topic, number: int) -> None:
    """Events of earlier releases may lack parts of their details, and others may say anything."""
    names = ("subject", "author", "title", "text", "path", "state", "reason", "comment", "name", "error")
    for text in ("", *TEXTS):
        detail = {"sha": "a" * 40, **dict.fromkeys(names, text)} if text else {}
        message = topic.write([event(topic, i, **detail) for i in range(number)], TO)
        assert message.topic == topic.name
        assert message.repository == "shop"
        assert message.title.strip()
        assert (message.reason, message.stop) == (TO.reason, TO.stop)
        assert shaped(message, DETAILS[0]).title


def test_every_topic_that_is_emitted_is_described() -> None:
    files = (PROJECT / "compliance").rglob("*.py")
    emitted = {name for file in files for name in EMISSION.findall(file.read_text())}
    assert "regression" in emitted
    assert emitted <= TOPICS.keys()
