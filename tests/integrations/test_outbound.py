"""Statuses, comments, notes and issues at strict peers of each provider: whatever goes wrong, there is exactly
one of each in the end.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from pytest_django import Settings

from compliance import jobs
from compliance.integrations import api, delivery, publishing
from compliance.integrations.delivery import items
from compliance.integrations.outbound import Comment
from compliance.lib import outgoing
from compliance.models import Connection, Job, OutboxItem
from tests.integrations.outbound import (
    CASES,
    SENDERS,
    Case,
    assert_published_once,
    connect,
    later,
    outcomes,
    publish,
    run,
    seconds_to_wait,
    settle,
)
from tests.integrations.peers.client import Peer
from tests.lib.raw_server import OK, says, serving
from tests.processes import ROOT, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB = CASES[0]


@pytest.fixture(autouse=True)
def permitted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is permitted, and a server has less time to answer than usual."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(api, "client", partial(outgoing.client, seconds=1.0))


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def port_of(peer: Peer) -> str:
    return peer.url.rpartition(":")[2]


TROUBLES: dict[str, dict[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "500 after it was stored": {"kind": "status", "status": 500, "acted": True},
    "502 after it was stored": {"kind": "status", "status": 502, "acted": True},
    "429": {"kind": "status", "status": 429, "headers": {"Retry-After": "600"}},
    "503 and Retry-After after it was stored": {
        "kind": "status",
        "status": 503,
        "headers": {"Retry-After": "600"},
        "acted": True,
    },
    "hanging": {"kind": "hang"},
    "hanging after it was stored": {"kind": "hang", "acted": True},
    "closing": {"kind": "cut"},
    "closing after it was stored": {"kind": "cut", "acted": True},
    "nonsense after it was stored": {"kind": "status", "status": 200, "body": ["?"], "acted": True},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_after_trouble_there_is_exactly_one(case: Case, trouble: dict[str, Any]) -> None:
    with case.peer() as peer:
        peer.trouble(**trouble, **case.writes, times=len(case.kinds))
        publish(case, connect(case, port_of(peer)), "one")
        run()
        settled = case.silent if trouble.get("status") == 200 else ()
        expected = {kind: "sent" if kind in settled else "waiting" for kind in case.kinds}
        assert {kind: state for kind, (state, _) in outcomes().items()} == expected, outcomes()
        if "headers" in trouble:
            assert 590 < seconds_to_wait() <= 600
        settle()
        assert_published_once(case, peer, "one")


def test_what_changes_is_updated_in_place(case: Case) -> None:
    with case.peer() as peer:
        repository = connect(case, port_of(peer))
        publish(case, repository, "one")
        settle()
        assert_published_once(case, peer, "one")
        before = dict(OutboxItem.objects.values_list("kind", "remote_id"))
        publish(case, repository, "two", "success")
        settle()
        # Only statuses have a history; the newest is in force. An issue is created once for each key.
        changed = [kind for kind in case.kinds if kind in ("comment", "note")]
        store = peer.store
        rows = store.get("comments", []) + store.get("notes", [])
        assert len(rows) == len(changed)
        assert all("two" in str(row) and "one" not in str(row) for row in rows)
        if "status" in case.kinds:
            assert "two" in str(store["statuses"][-1])
        after = dict(OutboxItem.objects.values_list("kind", "remote_id"))
        assert {kind: after[kind] for kind in changed} == {kind: before[kind] for kind in changed}
        if "issue" in case.kinds:
            assert ["one" in str(row) for row in store["issues"]] == [True]


def test_a_worker_that_stops_between_sending_and_recording_doubles_nothing(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "AT_ONCE_PER_HOST", 8)
    with case.peer() as peer:
        publish(case, connect(case, port_of(peer)), "one")
        for item in items.claim("stopped", 8):
            SENDERS[item.kind]().build(item).send()
        OutboxItem.objects.update(lease_until="2000-01-01T00:00:00Z")
        assert {state for state, _ in outcomes().values()} == {"sending"}
        settle()
        assert_published_once(case, peer, "one")


def test_a_provider_that_is_down_for_an_hour_gets_everything_once(case: Case) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    repository = connect(case, port)
    publish(case, repository, "one")
    passed = 0.0
    while passed < 3600:
        run()
        step = seconds_to_wait() + 0.1
        later(step)
        passed += step
    assert {state for state, _ in outcomes().values()} == {"waiting"}
    assert "cannot be reached" in Connection.objects.get().last_failure
    with case.peer(port) as peer:
        publish(case, repository, "two")
        settle()
        assert_published_once(case, peer, "")
    assert Connection.objects.get().last_success_at


def test_a_redirect_to_the_loopback_reaches_nobody(case: Case) -> None:
    with serving(says(OK), "127.0.0.2") as inner, case.peer() as peer:
        peer.trouble("redirect", to=f"http://127.0.0.2:{inner.port}/", **case.writes, times=9)
        publish(case, connect(case, port_of(peer)), "one")
        settle()
        assert {state for state, _ in outcomes().values()} == {"given up"}, outcomes()
        assert inner.connections == 0
        peer.calm()
        for item in OutboxItem.objects.all():
            assert delivery.send_again(item, None)
        settle()
        assert_published_once(case, peer, "one")


def test_wrong_credentials_can_be_corrected(case: Case) -> None:
    with case.peer() as peer:
        publish(case, connect(case, port_of(peer)), "one")
        found = Connection.objects.get()
        found.token = "wrong"
        found.save()
        run()
        assert {state for state, _ in outcomes().values()} == {"waiting"}, outcomes()
        assert "Check the credentials" in Connection.objects.get().last_failure
        found.token = case.token
        found.save()
        later()
        settle()
        assert_published_once(case, peer, "one")


def test_what_changes_while_it_is_being_sent_is_sent_once_more(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "AT_ONCE_PER_HOST", 8)
    with case.peer() as peer:
        repository = connect(case, port_of(peer))
        publish(case, repository, "one")
        sent = [(item, SENDERS[item.kind]().build(item).send()) for item in items.claim("slow", 8)]
        publish(case, repository, "two", "success")
        for item, outcome in sent:
            assert items.settle_sent(item, outcome.words, outcome.remote_id)
        settle()
        store = peer.store
        rows = store.get("comments", []) + store.get("notes", [])
        assert len(rows) == len([kind for kind in case.kinds if kind in ("comment", "note")])
        assert all("two" in str(row) for row in rows)
        if "status" in case.kinds:
            assert "two" in str(store["statuses"][-1])


def test_a_comment_that_does_not_exist_is_not_created_only_to_say_that_all_is_well(case: Case) -> None:
    if "comment" not in case.kinds:
        assert publishing.operation_of(case.provider, "comment") is None
        return
    with case.peer() as peer:
        repository = connect(case, port_of(peer))
        assert publishing.publish_comment(repository, 7, Comment("Resolved.", create=False))
        settle()
        assert outcomes() == {"comment": ("sent", "There was nothing to update.")}
        assert peer.store["comments"] == []
        publishing.publish_comment(repository, 7, Comment("Two violations."))
        settle()
        publishing.publish_comment(repository, 7, Comment("Resolved.", create=False))
        settle()
        (row,) = peer.store["comments"]
        assert "Resolved." in str(row)


def test_a_comment_that_was_deleted_is_created_again(case: Case) -> None:
    if "comment" not in case.kinds:
        assert publishing.operation_of(case.provider, "comment") is None
        return
    with case.peer() as peer:
        repository = connect(case, port_of(peer))
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        peer.put(comments=[])
        publishing.publish_comment(repository, 7, Comment("Two."))
        settle()
        (row,) = peer.store["comments"]
        assert "Two." in str(row)
        assert OutboxItem.objects.get().remote_id == str(row["id"])


def test_a_repository_that_is_detached_publishes_nothing(case: Case) -> None:
    with case.peer() as peer:
        repository = connect(case, port_of(peer))
        publish(case, repository, "one")
        repository.attachments.all().delete()
        settle()
        assert {outcome for _, outcome in outcomes().values()} == {
            "The repository is not connected any more."
        }
        assert peer.calls == []


WORKER = """
from ipaddress import ip_network
from django.conf import settings
settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
from tests.integrations.outbound import run
run()
"""


def test_a_worker_that_is_killed_while_it_waits_for_the_answer_doubles_nothing(
    process_environment: dict[str, str],
) -> None:
    with GITHUB.peer() as peer:
        peer.trouble("hang", acted=True, **GITHUB.writes, times=4)
        publish(GITHUB, connect(GITHUB, port_of(peer)), "one")
        for _ in range(2):  # two at a time
            stored = len(peer.requests)
            start = f"import django; django.setup()\n{WORKER}"
            process = subprocess.Popen([sys.executable, "-c", start], cwd=ROOT, env=process_environment)
            try:
                wait(lambda: [row["method"] for row in peer.requests[stored:]].count("POST") == 2)
            finally:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            OutboxItem.objects.filter(state="sending").update(lease_until="2000-01-01T00:00:00Z")
            Job.objects.update(lease_until="2000-01-01T00:00:00Z")
            jobs.sweep()
            Job.objects.filter(state="waiting").update(due_at="2000-01-01T00:00:00Z")
        settle()
        assert_published_once(GITHUB, peer, "one")


def test_a_comment_on_the_second_page_is_found() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, port_of(peer))
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        (row,) = peer.store["comments"]
        others = [{"id": 1000 + n, "number": "7", "body": f"Talk {n}"} for n in range(130)]
        peer.put(comments=[*others, row])
        OutboxItem.objects.all().delete()
        publishing.publish_comment(repository, 7, Comment("Two."))
        settle()
        rows = peer.store["comments"]
        assert len(rows) == 131
        assert rows[-1]["body"].startswith("Two.")


def test_somebody_elses_comment_is_not_taken_for_the_products() -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, port_of(peer))
        peer.put(comments=[{"id": 5, "number": "7", "body": "I know\n\n<!-- ssot-0123456789abcdef -->"}])
        publishing.publish_comment(repository, 7, Comment("One."))
        settle()
        assert len(peer.store["comments"]) == 2


def test_a_rotated_secret_key_still_finds_the_comment(settings: Settings) -> None:
    with GITHUB.peer() as peer:
        repository = connect(GITHUB, port_of(peer))
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
        repository = connect(GITHUB, port_of(peer))
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
        publish(GITHUB, connect(GITHUB, port_of(peer)), "one")
        OutboxItem.objects.exclude(kind="status").update(next_at="2100-01-01T00:00:00Z")
        run()
        assert 890 < seconds_to_wait() <= 900
        OutboxItem.objects.exclude(kind="status").update(next_at="2000-01-01T00:00:00Z")
        settle()
        assert_published_once(GITHUB, peer, "one")
