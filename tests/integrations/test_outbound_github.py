"""What GitHub receives whatever happens to a worker, a comment, a key or a limit."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from ipaddress import ip_network

import pytest
from pytest_django import Settings

from compliance import jobs
from compliance.integrations import api, github_apps, publishing
from compliance.integrations import outbound as module
from compliance.integrations.outbound import Comment
from compliance.lib import outgoing
from compliance.models import Job, OutboxItem, Repository
from tests.integrations.outbound import (
    CASES,
    assert_published_once,
    connect,
    connect_app,
    outcomes,
    publish,
    run,
    seconds_to_wait,
    settle,
)
from tests.integrations.peers.client import Peer
from tests.processes import ROOT, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB = CASES[0]
TOKEN = "POST /app/installations/99/access_tokens"


@pytest.fixture(autouse=True)
def permitted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is permitted, and a server has less time to answer than usual."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(api, "client", partial(outgoing.client, seconds=1.0))


WORKER = """
from ipaddress import ip_network
from django.conf import settings
settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
from tests.integrations.outbound import run
run()
"""


def _posts_after(peer: Peer, first: int, number: int) -> bool:
    return [row["method"] for row in peer.requests[first:]].count("POST") == number


def test_a_worker_that_is_killed_while_it_waits_for_the_answer_doubles_nothing(
    process_environment: dict[str, str],
) -> None:
    with GITHUB.peer() as peer:
        peer.trouble("hang", acted=True, **GITHUB.writes, times=4)
        publish(GITHUB, connect(GITHUB, peer.port), "one")
        for _ in range(2):  # two at a time
            stored = len(peer.requests)
            hangs = partial(_posts_after, peer, stored, 2)
            start = f"import django; django.setup()\n{WORKER}"
            process = subprocess.Popen([sys.executable, "-c", start], cwd=ROOT, env=process_environment)
            try:
                wait(hangs)
            finally:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            OutboxItem.objects.filter(state="sending").update(lease_until="2000-01-01T00:00:00Z")
            Job.objects.update(lease_until="2000-01-01T00:00:00Z")
            jobs.sweep()
            Job.objects.filter(state="waiting").update(due_at="2000-01-01T00:00:00Z")
        settle()
        assert_published_once(GITHUB, peer, "one")


def test_somebody_elses_comment_is_not_taken_for_the_products() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        peer.put(comments=[{"id": 5, "number": "7", "body": "I know\n\n<!-- ssot-0123456789abcdef -->"}])
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        assert len(peer.store["comments"]) == 2


def test_a_rotated_secret_key_still_finds_the_comment(settings: Settings) -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        OutboxItem.objects.all().delete()
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-secret-key-" * 3
        publishing.publish_comment(repository, 7, Comment("Two."))
        settle()
        (row,) = peer.store["comments"]
        assert row["body"].startswith("Two.")


def test_a_long_text_is_shortened_and_keeps_its_marker() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        for body in ("x" * 100_000, "y" * 100_000):
            publishing.publish_comment(repository, 7, Comment(body))
            settle()
        (row,) = peer.store["comments"]
        assert row["body"].startswith("yyy")
        assert "… (shortened)\n\n<!-- ssot-" in row["body"]


def test_an_exhausted_limit_of_requests_is_waited_for() -> None:
    with GITHUB.peer() as peer:
        until = str(int(time.time()) + 900)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": until}
        peer.trouble("status", status=403, headers=headers, body={"message": "API rate limit exceeded"})
        publish(GITHUB, connect(GITHUB, peer.port), "one")
        OutboxItem.objects.exclude(kind="status").update(next_at="2100-01-01T00:00:00Z")
        run()
        assert 890 < seconds_to_wait() <= 900
        OutboxItem.objects.exclude(kind="status").update(next_at="2000-01-01T00:00:00Z")
        settle()
        assert_published_once(GITHUB, peer, "one")


def test_an_address_that_is_not_permitted_is_never_called(settings: Settings) -> None:
    settings.OUTGOING_ALLOW = []
    with GITHUB.peer() as peer:
        publish(GITHUB, connect(GITHUB, peer.port), "one")
        settle()
        assert {state for state, _ in outcomes().values()} == {"given up"}
        assert all("OUTGOING_ALLOW" in outcome for _, outcome in outcomes().values())
        assert peer.calls == []


def test_a_list_that_takes_too_long_is_given_up_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, peer.port)
        peer.put(comments=[{"id": 5, "number": "7", "body": "Talk"}])
        monkeypatch.setattr(module, "LOOKING_SECONDS", -1.0)
        publishing.publish_comment(repository, 7, Comment("One."))
        run()
        assert outcomes()["comment"] == ("waiting", "The list could not be searched within -1 seconds.")
        monkeypatch.undo()
        assert len(peer.store["comments"]) == 1


def test_a_github_app_publishes() -> None:
    with GITHUB.peer() as peer:
        repository = connect_app(peer)
        publish(GITHUB, repository, "one")
        settle()
        assert_published_once(GITHUB, peer, "one")
        assert peer.store["statuses"] == []
        assert peer.calls.count(TOKEN) <= 2, "two items are sent at the same time"


def _comment_as_app(peer: Peer) -> Repository:
    repository = connect_app(peer)
    publishing.publish_comment(repository, 7, Comment("0"))
    settle()
    return repository


def test_the_token_of_an_installation_is_used_until_shortly_before_it_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with GITHUB.peer() as peer:
        repository = _comment_as_app(peer)
        for number in range(1, 4):
            publishing.publish_comment(repository, 7, Comment(str(number)))
            settle()
        assert peer.calls.count(TOKEN) == 1
        monkeypatch.setattr(github_apps, "_RESERVE", timedelta(days=365 * 200))
        publishing.publish_comment(repository, 7, Comment("4"))
        settle()
        assert peer.calls.count(TOKEN) == 2


def test_a_token_of_an_installation_that_github_rejects_is_not_used_again() -> None:
    with GITHUB.peer() as peer:
        repository = _comment_as_app(peer)
        peer.put(installations=[])  # the App was removed, and installed again
        publishing.publish_comment(repository, 7, Comment("1"))
        run()
        assert outcomes()["comment"][0] == "waiting"
        settle()
        assert (outcomes()["comment"][0], peer.calls.count(TOKEN)) == ("sent", 2)
        (row,) = peer.store["comments"]
        assert row["body"].startswith("1")
