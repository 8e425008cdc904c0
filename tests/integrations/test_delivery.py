"""The outbox against real servers: what arrives there and how often, whatever the server or a worker does."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.http import http_date

from compliance import jobs
from compliance.integrations import delivery
from compliance.integrations.delivery import Message, Sent, items, posting
from compliance.integrations.delivery.posting import accepted
from compliance.jobs.queue import claim as claim_job
from compliance.lib import outgoing
from compliance.models import Job, OutboxItem, Repository
from tests.lib.raw_server import OK, Server, says, serving
from tests.processes import wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def status(code: int, *headers: str) -> bytes:
    """An answer without a body."""
    lines = [f"HTTP/1.1 {code} Whatever", "Content-Length: 0", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Hook:
    """A message that a receiver recognises only by the id that every attempt sends."""

    def build(self, item: OutboxItem) -> Message:
        url, headers = item.detail["url"], {"webhook-id": f"item-{item.pk}"}
        return Message(lambda: accepted(delivery.post(url, headers=headers, json_body={"n": item.key})))


class Comment(Hook):
    """A message that the receiver can look up by its key."""

    def build(self, item: OutboxItem) -> Message:
        url = item.detail["url"]

        def find() -> Sent | None:
            answer = outgoing.client().request("GET", f"{url}?key={item.key}")
            return accepted(answer, "c-1") if answer.is_success else None

        return Message(super().build(item).send, find)


class Broken:
    """A sender with an error."""

    def build(self, item: OutboxItem) -> Message:
        raise KeyError(item.key)


SENDERS: Mapping[str, Any] = {"hook": Hook, "comment": Comment, "broken": Broken}
KINDS: Mapping[str, jobs.Work] = {"deliver": partial(delivery.deliver, senders=SENDERS)}


@pytest.fixture(autouse=True)
def permitted(settings: Any) -> None:
    """127.0.0.1 is permitted, and the rest of the loopback isn't."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]


def add(server: Server | int, key: str = "a", kind: str = "hook", target: str = "room") -> OutboxItem:
    """Record an item for a server or port."""
    port = server if isinstance(server, int) else server.port
    item = OutboxItem(kind=kind, channel="http", target=target, key=key, host=f"127.0.0.1:{port}")
    item.detail = {"url": f"http://127.0.0.1:{port}/hook/secret"}
    delivery.record([item])
    return OutboxItem.objects.get(target=target, key=key)


def run(worker: str = "test") -> None:
    """Send what is due now, as a worker does."""
    delivery.resume()
    jobs.work(KINDS, worker)


def later(seconds: float = 4 * 3600) -> None:
    """Let time pass for the outbox."""
    moved = {name: F(name) - timedelta(seconds=seconds) for name in ("next_at", "created_at", "lease_until")}
    OutboxItem.objects.update(**moved)


def again(item: OutboxItem) -> OutboxItem:
    """Return the current row."""
    return OutboxItem.objects.get(pk=item.pk)


def ids(server: Server) -> list[str]:
    """The ids of the messages that arrived."""
    lines = [line for head in server.heads for line in head.split("\r\n")]
    return [line.partition(": ")[2] for line in lines if line.lower().startswith("webhook-id:")]


@dataclass
class Script:
    """Answers one request after the other; the last answer stays."""

    answers: list[bytes]
    served: int = 0

    def __call__(self, peer: socket.socket) -> None:
        answer = self.answers[min(self.served, len(self.answers) - 1)]
        self.served += 1
        peer.sendall(answer)


@pytest.mark.parametrize("failure", [500, 502, 503, 408, 425, 429])
def test_a_temporary_failure_is_tried_again_and_a_success_never(failure: int) -> None:
    with serving(Script([status(failure), OK])) as server:
        item = add(server)
        run()
        failed = again(item)
        assert (failed.state, failed.attempts) == ("waiting", 1)
        assert failed.outcome == f"The server replied with {failure}."
        assert timedelta(seconds=7) < failed.next_at - timezone.now() <= timedelta(seconds=12)
        run()
        assert len(server.heads) == 1, "it is not due yet"
        for _ in range(3):
            later()
            run()
    sent = again(item)
    assert (sent.state, sent.attempts, sent.outcome) == ("sent", 2, "The server replied with 200.")
    assert [(entry["attempt"], entry["outcome"]) for entry in sent.log] == [
        (1, f"The server replied with {failure}."),
        (2, "The server replied with 200."),
    ]
    assert ids(server) == [f"item-{item.pk}"] * 2


@pytest.mark.parametrize("failure", [400, 401, 403, 404, 410, 413, 422])
def test_a_permanent_refusal_is_given_up_until_somebody_sends_it_again(failure: int) -> None:
    with serving(Script([status(failure), OK])) as server:
        item = add(server)
        for _ in range(3):
            run()
            later()
        assert (again(item).state, len(server.heads)) == ("given up", 1)
        assert delivery.send_again(again(item), User.objects.create_user("ada"))
        run()
    assert (again(item).state, len(server.heads)) == ("sent", 2)
    assert "ada requested that it is sent again." in [entry["outcome"] for entry in again(item).log]
    assert not delivery.send_again(again(item), None)


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_kept_and_concerns_the_target(as_date: bool) -> None:
    value = http_date(time.time() + 600) if as_date else "600"
    with serving(Script([status(429, f"Retry-After: {value}"), OK])) as server:
        first = add(server, "a")
        second, other = add(server, "b"), add(server, "c", target="other room")
        OutboxItem.objects.filter(pk__in=(second.pk, other.pk)).update(next_at=Now() + timedelta(seconds=30))
        run()
        for item in (again(first), again(second)):
            assert timedelta(seconds=590) < item.next_at - timezone.now() <= timedelta(seconds=601)
        assert (again(second).attempts, again(first).attempts) == (0, 1)
        later(580)
        run()
        assert ids(server) == [f"item-{first.pk}", f"item-{other.pk}"]
        later(30)
        run()
    assert sorted(ids(server)) == sorted(f"item-{pk}" for pk in (first.pk, first.pk, second.pk, other.pk))


def test_a_server_may_not_ask_to_wait_for_ever() -> None:
    with serving(Script([status(503, "Retry-After: 99999999"), OK])) as server:
        item = add(server)
        run()
        assert again(item).next_at - timezone.now() <= timedelta(hours=6)


def hangs(server_ends: threading.Event) -> Callable[[socket.socket], None]:
    """Answer only when the server ends."""
    return lambda _: (server_ends.wait(30), None)[1]


def test_a_hanging_server_gets_the_same_id_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    with serving(hangs(ended)) as server:
        item = add(server)
        with monkeypatch.context() as hasty:
            hasty.setattr(posting, "client", partial(outgoing.client, seconds=1.0))
            run()
        assert again(item).outcome.endswith("did not answer in time.")
        assert again(item).may_have_arrived
        server.answer = says(OK)
        ended.set()
        later()
        run()
    assert again(item).state == "sent"
    assert ids(server) == [f"item-{item.pk}"] * 2


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2"])
def test_a_connection_that_ends_before_the_status_is_tried_again(answer: bytes) -> None:
    with serving(Script([answer, OK])) as server:
        item = add(server)
        run()
        assert "incomplete or not HTTP" in again(item).outcome
        later()
        run()
    assert ids(server) == [f"item-{item.pk}"] * 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 5_000_000,
    ],
)
def test_a_success_that_breaks_off_is_never_sent_again(answer: bytes) -> None:
    with serving(says(answer)) as server:
        item = add(server)
        for _ in range(3):
            run()
            later()
    assert (again(item).state, len(server.heads)) == ("sent", 1)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_loopback_reaches_nobody(code: int) -> None:
    with serving(says(OK), "127.0.0.2") as inner:
        with serving(says(status(code, f"Location: http://127.0.0.2:{inner.port}/"))) as server:
            item = add(server)
            for _ in range(3):
                run()
                later()
        assert (again(item).state, len(server.heads), inner.connections) == ("given up", 1, 0)
    assert "secret" not in again(item).outcome


def test_a_refused_address_is_given_up_at_once(settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    with serving(says(OK)) as server:
        item = add(server)
        run()
    assert (again(item).state, server.connections) == ("given up", 0)
    assert "OUTGOING_ALLOW" in again(item).outcome


@pytest.mark.parametrize("kind", ["hook", "comment"])
def test_a_server_that_is_down_for_an_hour_gets_everything_once(kind: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        made = [add(port, key, kind) for key in ("a", "b", "c")]
        passed = 0.0
        while passed < 3600:
            run()
            left = OutboxItem.objects.order_by("next_at").values_list("next_at", flat=True)[0]
            step = max((left - timezone.now()).total_seconds(), 0.0) + 0.1
            later(step)
            passed += step
    assert set(OutboxItem.objects.values_list("state", flat=True)) == {"waiting"}
    assert not OutboxItem.objects.filter(may_have_arrived=True).exists()
    assert all("Connection refused" in again(item).outcome for item in made)

    with serving(says(CREATED), port=port) as server:
        for _ in range(3):
            later()
            run()
    assert Counter(ids(server)) == Counter(f"item-{item.pk}" for item in made)
    assert len(server.heads) == 3, "nothing may have arrived, so nothing was looked up"


def test_after_the_last_attempt_it_is_shown_as_failed() -> None:
    with serving(says(status(500))) as server:
        item = add(server)
        for _ in range(items.ATTEMPTS + 3):
            run()
            later()
        assert (again(item).state, len(server.heads)) == ("failed", items.ATTEMPTS)
        assert len(again(item).log) == items.ATTEMPTS
        server.answer = says(OK)
        assert delivery.send_again(again(item), None)
        run()
    assert again(item).state == "sent"
    assert again(item).attempts == items.ATTEMPTS + 1


def test_what_may_have_arrived_is_looked_up_first() -> None:
    """The connection breaks after the comment was created, so nobody knows that it was."""
    created: list[str] = []

    def forge(peer: socket.socket) -> None:
        if server.heads[-1].startswith("POST"):
            created.append("c-1")
            return  # without an answer
        peer.sendall(OK if created else NONE)

    with serving(forge) as server:
        item = add(server, kind="comment")
        for _ in range(3):
            run()
            later()
    assert created == ["c-1"]
    assert [head.split()[0] for head in server.heads] == ["POST", "GET"]
    assert (again(item).state, again(item).remote_id, again(item).attempts) == ("sent", "c-1", 2)


def test_what_did_not_arrive_is_sent_after_it_was_looked_up() -> None:
    with serving(Script([b"", NONE, CREATED])) as server:
        item = add(server, kind="comment")
        for _ in range(3):
            run()
            later()
    assert [head.split()[0] for head in server.heads] == ["POST", "GET", "POST"]
    assert again(item).state == "sent"


def test_a_worker_that_lost_its_lease_changes_nothing() -> None:
    with serving(says(OK)) as server:
        item = add(server)
        (stale,) = items.claim("worker of another machine", 8)
        run()
        assert not server.heads, "it is being sent"
        later()
        run()
        assert again(item).log[0]["outcome"].startswith("The worker worker of another machine stopped")
        later()
        run()
    assert (again(item).state, len(server.heads)) == ("sent", 1)
    assert not items.settle_failed(stale, "late")
    assert not items.settle_given_up(stale, "late")
    assert not items.settle_sent(stale, "late", "")
    items.renew([stale])
    assert (again(item).outcome, again(item).lease_until) == ("The server replied with 200.", None)


@dataclass
class Crowd:
    """Counts the requests that a server handles at the same time."""

    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, peer: socket.socket) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go_on.wait(0.7)
        with self.lock:
            self.now -= 1
        peer.sendall(OK)


def test_all_workers_together_send_few_items_to_a_host_at_a_time() -> None:
    crowd = Crowd()
    with serving(crowd) as busy, serving(says(OK)) as idle:
        for number in range(9):
            add(busy, str(number))
        add(idle, "x", target="idle")

        def work(worker: str) -> None:
            jobs.enqueue("deliver", key=worker)
            jobs.work(KINDS, worker)
            connection.close()

        threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "three")]
        for thread in threads:
            thread.start()
        wait(lambda: crowd.most == items.AT_ONCE_PER_HOST)
        wait(lambda: len(idle.heads) == 1)
        crowd.go_on.set()
        for thread in threads:
            thread.join()
        run()
    assert crowd.most == items.AT_ONCE_PER_HOST
    assert len(ids(busy)) == len(set(ids(busy))) == 9
    assert set(OutboxItem.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_one_process_of_a_machine_sends_and_no_scan_waits_for_it(repository: Repository) -> None:
    with serving(says(OK)) as server:
        item = add(server)
        first = claim_job(f"worker {settings.MACHINE_NAME}:1")
        assert first is not None
        assert (first.kind, first.repository, first.queue) == ("deliver", None, "outgoing")
        jobs.enqueue("deliver", key="second")
        jobs.work(KINDS, f"worker {settings.MACHINE_NAME}:2")
        assert (again(item).state, server.connections) == ("waiting", 0)
        scan = jobs.enqueue("update", repository)
        assert claim_job("other") == scan, "the repository is not occupied by what is being sent"
        Job.objects.filter(pk=first.pk).update(state="done")
        run()
    assert again(item).state == "sent"


@pytest.fixture
def repository() -> Repository:
    """A repository without anything."""
    return Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", engine_release=0)


def test_an_error_of_a_sender_is_shown_and_an_unknown_kind_given_up() -> None:
    with serving(says(OK)) as server:
        broken, unknown, good = add(server, "a", "broken"), add(server, "b", "fax"), add(server, "c")
        run()
    assert (again(broken).state, again(broken).outcome) == ("waiting", "KeyError: 'a'")
    assert (again(unknown).state, again(good).state) == ("given up", "sent")


def test_an_item_is_recorded_once() -> None:
    first, second = add(1, "a"), add(1, "a")
    assert first.pk == second.pk
    assert OutboxItem.objects.count() == 1
    assert Job.objects.filter(kind="deliver").count() == 1


def test_a_message_waits_a_day_for_a_mail_server(settings: Any) -> None:
    settings.EMAIL_READY = False
    delivery.record(
        [OutboxItem(kind="hook", channel="e-mail", target="a@example.org", key="a", secret="link")]
    )
    item = OutboxItem.objects.get()
    run()
    assert (again(item).state, again(item).secret) == ("waiting", "link")
    later(25 * 3600)
    run()
    assert (again(item).state, again(item).secret, again(item).attempts) == ("given up", "", 0)
