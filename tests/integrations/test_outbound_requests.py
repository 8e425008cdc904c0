"""What becomes of an item of the outbox that is requested again, because what it says has changed."""

from functools import partial
from ipaddress import ip_network

import pytest
from pytest_django import Settings

from compliance.integrations import api, publishing
from compliance.integrations.delivery import items
from compliance.integrations.outbound import Comment
from compliance.lib import outgoing
from compliance.models import OutboxItem
from tests.integrations.outbound import CASES, connect, later, outcomes, run, seconds_to_wait, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB = CASES[0]


@pytest.fixture(autouse=True)
def permitted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is permitted, and a server has less time to answer than usual."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(api, "client", partial(outgoing.client, seconds=1.0))


def test_the_content_is_built_when_it_is_sent() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        publishing.publish_comment(repository, 7, Comment("As it was."))
        item = OutboxItem.objects.get()
        publishing.Publisher(lambda _: Comment("As it is.")).build(item).send()
        (row,) = peer.store["comments"]
        assert row["body"].startswith("As it is.")


def test_an_item_that_failed_has_all_its_attempts_when_it_is_requested_again() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        peer.trouble("status", status=500, times=items.ATTEMPTS)
        publishing.publish_comment(repository, 7, Comment("One."))
        for _ in range(items.ATTEMPTS):
            run()
            later()
        assert outcomes()["comment"][0] == "failed"
        publishing.publish_comment(repository, 7, Comment("Two."))
        found = OutboxItem.objects.get()
        assert (found.state, found.max_attempts) == ("waiting", 2 * items.ATTEMPTS)
        settle()
        assert outcomes()["comment"][0] == "sent"
        (row,) = peer.store["comments"]
        assert row["body"].startswith("Two.")


def test_a_request_during_the_last_attempt_is_not_lost() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        publishing.publish_comment(repository, 7, Comment("One."))
        OutboxItem.objects.update(attempts=items.ATTEMPTS - 1)
        (item,) = items.claim("slow", 8)
        publishing.publish_comment(repository, 7, Comment("Two."))
        assert items.settle_failed(item, "The server replied with 500.")
        assert outcomes()["comment"][0] == "waiting"
        OutboxItem.objects.update(next_at="2000-01-01T00:00:00Z")
        (item,) = items.claim("slow", 8)
        publishing.publish_comment(repository, 7, Comment("Three."))
        assert items.settle_given_up(item, "It is not needed.")
        assert outcomes()["comment"][0] == "waiting"
        settle()
        (row,) = peer.store["comments"]
        assert row["body"].startswith("Three.")


def test_what_waits_for_its_next_attempt_is_not_hurried() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        peer.trouble("status", status=429, headers={"Retry-After": "600"})
        publishing.publish_comment(repository, 7, Comment("One."))
        run()
        publishing.publish_comment(repository, 7, Comment("Two."))
        run()
        assert 590 < seconds_to_wait() <= 600
        settle()
        assert outcomes()["comment"][0] == "sent"
        (row,) = peer.store["comments"]
        assert row["body"].startswith("Two.")
