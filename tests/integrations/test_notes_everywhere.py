"""Notes on issues at all providers at once: whatever happens to a worker, a secret, a note or an issue, each
issue has one note, with its newest progress.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest
from pytest_django import Settings

from compliance.integrations.delivery import items
from compliance.integrations.issue_notes import requests
from compliance.models import Connection, IssueNotePolicy, Job, OutboxItem, Repository
from tests.integrations.noted import NOTED, WORKER, Places, notes, pass_time, work, writes
from tests.integrations.outbound import CASES, Case
from tests.integrations.peers.client import Peer
from tests.processes import ROOT, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LINEAR = CASES[5]
HOSTILE = (
    "Fix #13, SHOP-13 and !5 for @ada and team/shop#7 <script> `x` [a](https://evil.example.org/) www.a.b"
)


@pytest.fixture(autouse=True)
def permitted(settings: Settings) -> None:
    """127.0.0.1 is permitted."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]


def test_each_issue_has_one_note_with_its_newest_progress(tmp_path: Path) -> None:
    with ExitStack() as stack:
        places = Places(tmp_path, stack)
        places.fix(0)
        assert everywhere(places) == [], "notes are off at first"
        places.switch(on=True)
        for case, peer, note in one_each(places):
            assert "33.3%" in note, case
            assert f"/repositories/{repository_of(places, case).slug}/issues/" in note
            assert writes(case, peer) == 1, case
        for number in (1, 2):  # a burst of pushes
            places.fix(number, HOSTILE)
        assert {writes(case, peer) for case, peer in places.places} == {1}
        assert {*OutboxItem.objects.filter(kind="note").values_list("state", flat=True)} == {"waiting"}
        pass_time()
        work()
        for case, peer, note in one_each(places):
            assert "100.0%" in note, case
            assert writes(case, peer) == 2, case
            hostile = ("@ada", "#13", "SHOP-13", "!5", "https://evil", "www.a")
            assert not any(text in note for text in hostile), case
        for _ in range(2):  # nothing has changed
            pass_time()
            places.record()
            places.request()
            requests.request_due()
            work()
        assert {writes(case, peer) for case, peer in places.places} == {2}
        pass_time()
        places.switch(on=False)
        for case, _, note in one_each(places):
            assert "no longer" in note, case
            assert "%" not in note.replace("%23", ""), case
        OutboxItem.objects.all().delete()  # as after their retention
        pass_time()
        places.team.push("Undo", {"shop/part_0.py": "x = 1\n"})
        places.record()
        assert {writes(case, peer) for case, peer in places.places} == {3}
        places.switch(on=True)
        for case, _, note in one_each(places):
            assert "100.0%" in note, case


def everywhere(places: Places) -> list[str]:
    return [note for _, peer in places.places for note in notes(peer)]


def one_each(places: Places) -> Iterator[tuple[Case, Peer, str]]:
    """Yield the only note at each provider."""
    for case, peer in places.places:
        found = notes(peer)
        assert len(found) == 1, (case, found)
        yield case, peer, found[0]


def repository_of(places: Places, case: Case) -> Repository:
    """Return the first repository that is connected to a provider."""
    place = [one for one, _ in places.places].index(case)
    return places.repositories[place % 3]


CHANGES: dict[str, dict[str, str]] = {
    "github": {"method": "PATCH"},
    "gitlab": {"method": "PUT"},
    "gitea": {"method": "PATCH"},
    "jira": {"method": "PUT"},
    "linear": dict(LINEAR.writes),
}
"""How each provider's note is updated."""


def test_killed_workers_leave_one_note(process_environment: dict[str, str], tmp_path: Path) -> None:
    """A worker is killed while all providers have carried out a write and haven't answered yet."""
    with ExitStack() as stack:
        places = Places(tmp_path, stack)
        places.fix(0)
        for repository in places.repositories:
            IssueNotePolicy.objects.create(repository=repository, is_enabled=True)
        for number in (1, 2):
            for case, peer in places.places:
                peer.trouble("hang", acted=True, **(case.writes if number == 1 else CHANGES[case.provider]))
            places.request()
            kill_while_it_writes(places, process_environment)
            assert len(list(one_each(places))) == len(NOTED)
            work()
            assert len(list(one_each(places))) == len(NOTED)
            assert {*OutboxItem.objects.filter(kind="note").values_list("state", flat=True)} == {"sent"}
            places.fix(number)
            pass_time()
        work()
        for case, _, note in one_each(places):
            assert "100.0%" in note, case


def kill_while_it_writes(places: Places, environment: dict[str, str]) -> None:
    """Kill a worker once each provider has carried out a write, and before any has answered."""
    expected = [writes(case, peer) + 1 for case, peer in places.places]
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)
    try:
        wait(lambda: [writes(case, peer) for case, peer in places.places] == expected, 200)
    finally:
        worker.kill()
        worker.wait()
    OutboxItem.objects.filter(state="sending").update(lease_until="2000-01-01T00:00:00Z")
    items.recover()
    Job.objects.filter(state="running").delete()
    OutboxItem.objects.update(next_at="2000-01-01T00:00:00Z")


def test_two_repositories_have_a_note_each_on_one_issue(tmp_path: Path) -> None:
    with ExitStack() as stack:
        places = Places(tmp_path, stack, copies=2)
        places.switch(on=True)
        places.fix(0)
        pass_time()
        work()
        for case, peer in places.places:
            assert len(notes(peer)) == 2, case
            assert all("33.3%" in note for note in notes(peer)), case


def test_whatever_goes_wrong_there_is_one_note_afterwards(tmp_path: Path, settings: Settings) -> None:
    with ExitStack() as stack:
        places = Places(tmp_path, stack)
        places.switch(on=True)
        assert len(list(one_each(places))) == len(NOTED)

        tokens = {row.pk: row.token for row in Connection.objects.all()}
        for row in Connection.objects.all():  # the token is rotated at the provider
            row.token = "former"
            row.save()
        places.write_again()
        assert states() == {"waiting"}
        for row in Connection.objects.all():
            row.token = tokens[row.pk]
            row.save()
        retried(places)

        OutboxItem.objects.all().delete()  # only the marker is left to find the note
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-secret-key-" * 3
        for row in Connection.objects.all():
            row.token = tokens[row.pk]
            row.save()
        places.write_again()
        retried(places)

        for case, peer in places.places:  # somebody deletes the note
            gone = [row for row in peer.store.get("comments", []) if str(row["number"]) != "12"]
            peer.put(**({"notes": []} if case.prefix else {"comments": gone}))
        places.write_again()
        retried(places)

        for limit in (429, 503):
            for case, peer in places.places:
                headers = {"Retry-After": "600"}
                peer.trouble(
                    "status", status=limit, headers=headers, acted=limit == 503, **CHANGES[case.provider]
                )
            places.write_again()
            assert states() == {"waiting"}
            before = [writes(case, peer) for case, peer in places.places]
            pass_time(9)
            work()
            assert [writes(case, peer) for case, peer in places.places] == before, "not before Retry-After"
            retried(places)

        for case, peer in places.places:  # the issue is locked for a while
            peer.trouble("status", status=403, body={"message": "locked"}, **CHANGES[case.provider])
        places.write_again()
        assert states() == {"waiting"}
        retried(places)


def states() -> set[str]:
    return {*OutboxItem.objects.filter(kind="note").values_list("state", flat=True)}


def retried(places: Places) -> None:
    """Assert that each provider has one note, which was written, after the next attempts."""
    for _ in range(2):
        pass_time()
        work()
    assert states() == {"sent"}
    for case, peer, note in one_each(places):
        assert "0.0%" in note, case
        peer.calm()
