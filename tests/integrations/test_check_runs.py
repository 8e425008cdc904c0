"""Check runs at GitHub's peer: annotations in batches, each exactly once whatever goes wrong, and a new check
run once one is completed with another result.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from pytest_django import Settings

from compliance import jobs
from compliance.integrations import api, delivery, publishing
from compliance.integrations.outbound import Annotation, Status, StatusState
from compliance.lib import outgoing
from compliance.models import OutboxItem, Repository
from tests.integrations.outbound import CASES, COMMIT, connect_app, later, outcomes
from tests.integrations.peers.client import Peer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

URL = "https://ssot.example.org/repositories/shop/pull-requests/7/"
PENDING = Status(COMMIT, "ssot-compliance/shop", StatusState.PENDING, "Queued.", URL)


def failed(number: int, first: str = "failure") -> Status:
    """Return the failure of a commit with so many annotations."""
    found = (
        Annotation(f"a{at}.py", at, first, "sites", f"@ada \u00e9 {at}", "-a\n+b") for at in range(number)
    )
    return replace(
        PENDING,
        state=StatusState.FAILURE,
        description=f"{number} new",
        summary="**x**",
        annotations=tuple(found),
    )


@pytest.fixture(autouse=True)
def permitted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is permitted, and a server has less time to answer than usual."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(api, "client", partial(outgoing.client, seconds=1.0))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with CASES[0].peer() as found:
        yield found


def post(status: Status) -> None:
    """Publish a status and send it until it is accepted."""
    publishing.publish_status(Repository.objects.get(), status)
    sender = partial(publishing.Publisher, lambda _: status)
    kinds: dict[str, jobs.Work] = {"deliver": partial(delivery.deliver, senders={"status": sender})}
    for _ in range(12):
        delivery.resume()
        jobs.work(kinds, "test")
        if outcomes()["status"][0] == "sent":
            return
        later()
    raise AssertionError(outcomes())


def runs(peer: Peer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = peer.store["check_runs"]
    return found


def test_a_check_run_is_queued_and_then_completed(peer: Peer) -> None:
    connect_app(peer)
    post(PENDING)
    (run,) = runs(peer)
    assert (run["status"], run["conclusion"], run["name"]) == ("queued", None, "ssot-compliance/shop")
    post(failed(2))
    (run,) = runs(peer)
    assert (run["status"], run["conclusion"], run["details_url"]) == ("completed", "failure", URL)
    assert run["output"] == {"title": "2 new", "summary": "**x**", "text": None}
    assert run["annotations"][1] == {
        "path": "a1.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "failure",
        "title": "sites",
        "message": "@ada \u00e9 1",
        "raw_details": "-a\n+b",
    }
    assert peer.store["statuses"] == []


def test_annotations_come_in_batches_of_50(peer: Peer) -> None:
    connect_app(peer)
    post(failed(120))
    (run,) = runs(peer)
    assert [row["path"] for row in run["annotations"]] == [f"a{at}.py" for at in range(120)]
    sent = [
        call["body"]["output"]["annotations"] for call in peer.requests if "output" in (call["body"] or {})
    ]
    assert [len(rows) for rows in sent] == [50, 50, 20]


@pytest.mark.parametrize("spared", range(4))
@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502, "acted": True},
        {"kind": "cut", "acted": True},
    ],
    ids=["500", "502 after it was stored", "closing after it was stored"],
)
def test_after_trouble_each_annotation_is_there_once(
    peer: Peer, trouble: dict[str, Any], spared: int
) -> None:
    """`spared` is the batch before which the trouble begins; the last one is the state alone."""
    connect_app(peer)
    if spared < 3:
        post(PENDING)
    peer.trouble(
        **trouble,
        method="PATCH" if spared < 3 else "POST",
        path="check-runs",
        says=f'"a{spared * 50 % 150}.py"',
    )
    post(failed(120))
    (run,) = runs(peer)
    assert run["conclusion"] == "failure"
    assert [row["path"] for row in run["annotations"]] == [f"a{at}.py" for at in range(120)]
    assert len(run["external_id"]) < 60


def test_another_result_gets_another_check_run(peer: Peer) -> None:
    connect_app(peer)
    post(failed(3))
    post(failed(3))
    assert len(runs(peer)) == 1
    post(replace(PENDING, state=StatusState.SUCCESS, description="No new violations"))
    old, new = runs(peer)
    assert (old["conclusion"], len(old["annotations"])) == ("failure", 3)
    assert (new["conclusion"], new["annotations"]) == ("success", [])
    assert OutboxItem.objects.get().remote_id == str(new["id"])
    peer.trouble("status", status=500, acted=True, method="POST", path="check-runs")
    post(failed(1))
    assert [run["conclusion"] for run in runs(peer)] == ["failure", "success", "failure"]


def test_an_error_never_counts_as_success(peer: Peer) -> None:
    connect_app(peer)
    post(replace(PENDING, state=StatusState.ERROR, description="The fork can't be read."))
    assert [run["conclusion"] for run in runs(peer)] == ["failure"]


def test_a_check_run_that_is_gone_is_created_again(peer: Peer) -> None:
    connect_app(peer)
    post(PENDING)
    peer.put(check_runs=[])
    post(failed(1))
    (run,) = runs(peer)
    assert run["conclusion"] == "failure"


def test_a_long_summary_is_cut_by_bytes(peer: Peer) -> None:
    connect_app(peer)
    post(replace(failed(1), summary="\u00e9" * 40_000, description="\u00e9" * 300))
    (run,) = runs(peer)
    assert len(run["output"]["summary"].encode()) == 65_534
    assert len(run["output"]["title"]) == 255
