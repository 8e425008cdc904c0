"""Statuses, comments, notes and issues at strict peers of each provider: whatever goes wrong, there is
exactly one of each in the end.
"""

import socket
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from pytest_django import Settings

from compliance.integrations import api, delivery, publishing
from compliance.integrations.delivery import items
from compliance.integrations.outbound import Comment
from compliance.lib import outgoing
from compliance.models import Connection, OutboxItem
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
from tests.lib.raw_server import OK, says, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def permitted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is permitted, and a server has less time to answer than usual."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(api, "client", partial(outgoing.client, seconds=1.0))


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


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


def test_after_any_trouble_there_is_exactly_one(case: Case) -> None:
    """One after the other, each in a repository of its own at an empty peer: to start a peer and to empty the
    database costs more than all of this.
    """
    with case.peer() as peer:
        for number, (name, trouble) in enumerate(TROUBLES.items()):
            slug = f"shop-{number}"
            peer.trouble(**trouble, **case.writes, times=len(case.kinds))
            publish(case, connect(case, peer.port, slug), "one")
            run()
            settled = case.silent if trouble.get("status") == 200 else ()
            expected = {kind: "sent" if kind in settled else "waiting" for kind in case.kinds}
            assert {kind: state for kind, (state, _) in outcomes(slug).items()} == expected, name
            if "headers" in trouble:
                assert 590 < seconds_to_wait() <= 600, name
            settle()
            assert_published_once(case, peer, "one", slug)
            assert peer.faults == [], name
            peer.reset()
            if case.stored:
                peer.put(**case.stored)


def test_what_changes_is_updated_in_place(case: Case) -> None:
    with case.peer() as peer:
        repository = connect(case, peer.port)
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
        publish(case, connect(case, peer.port), "one")
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
        publish(case, connect(case, peer.port), "one")
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
        publish(case, connect(case, peer.port), "one")
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
        repository = connect(case, peer.port)
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
        repository = connect(case, peer.port)
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
        repository = connect(case, peer.port)
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
        repository = connect(case, peer.port)
        publish(case, repository, "one")
        repository.attachments.all().delete()
        settle()
        assert {outcome for _, outcome in outcomes().values()} == {
            "The repository is not connected any more."
        }
        assert peer.calls == []
