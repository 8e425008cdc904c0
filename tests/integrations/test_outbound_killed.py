"""Workers are killed after each provider has carried out a request and before it answers: in the end, there
is exactly one of each status, comment, note and issue.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_network

import pytest
from pytest_django import Settings

from compliance.integrations import delivery
from compliance.integrations.delivery import items
from compliance.models import Job, OutboxItem
from tests.integrations.outbound import CASES, Case, assert_published_once, connect, publish, settle
from tests.integrations.peers.client import Peer
from tests.processes import ROOT, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Peers = dict[str, tuple[Case, Peer]]
WORKER = """
import django
django.setup()
from ipaddress import ip_network
from django.conf import settings
settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
from tests.integrations.outbound import run
run()
"""
KEPT = ("statuses", "comments", "notes", "issues")
"""What a peer stores of what is published there."""


@pytest.fixture
def peers() -> Iterator[Peers]:
    """One peer for each provider, by the slug of the repository that is connected to it."""
    with ExitStack() as stack:
        yield {str(case).replace(" ", "-"): (case, stack.enter_context(case.peer())) for case in CASES}


def published(peers: Peers) -> int:
    return sum(len(peer.store.get(kind, [])) for _, peer in peers.values() for kind in KEPT)


def release() -> None:
    """Let the killed worker's items and jobs go, as happens after their leases, and put off these items."""
    OutboxItem.objects.filter(state="sending").update(lease_until="2000-01-01T00:00:00Z")
    items.recover()
    OutboxItem.objects.exclude(attempts=0).update(next_at="2100-01-01T00:00:00Z")
    Job.objects.all().delete()
    delivery.resume()


def kill_while_all_wait(environment: dict[str, str], peers: Peers) -> None:
    """Kill a worker once each provider to which something is to be sent has carried out a request."""
    hosts = OutboxItem.objects.filter(attempts=0).values("host").distinct().count()
    expected = published(peers) + hosts
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)
    try:
        wait(lambda: published(peers) >= expected, 120)
    finally:
        worker.kill()
        worker.wait()
    assert OutboxItem.objects.filter(state="sending").count() >= hosts
    release()


def test_killed_workers_double_nothing_at_any_provider(
    process_environment: dict[str, str], settings: Settings, peers: Peers
) -> None:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    for slug, (case, peer) in peers.items():
        peer.trouble("hang", acted=True, **case.writes, times=len(case.kinds))
        publish(case, connect(case, peer.port, slug), "one")
    for _ in range(max(len(case.kinds) for case, _ in peers.values())):
        kill_while_all_wait(process_environment, peers)
    assert not OutboxItem.objects.filter(attempts=0).exists()
    assert not OutboxItem.objects.filter(state="sent").exists()
    OutboxItem.objects.update(next_at="2000-01-01T00:00:00Z")
    settle()
    for slug, (case, peer) in peers.items():
        assert_published_once(case, peer, "one", slug)
