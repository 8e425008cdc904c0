"""Progress on issues at each provider: real commits, real jobs, and HTTP to a peer that is strict."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from compliance.integrations.issue_notes import requests
from compliance.models import (
    Attachment,
    Connection,
    Issue,
    IssueNote,
    OutboxItem,
)
from tests.integrations.noted import Shop, notes, pass_time, work, writes
from tests.integrations.outbound import CASES, Case, attach
from tests.integrations.peers.client import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB, GITLAB, GITEA, JIRA, JIRA_DC, LINEAR, BITBUCKET, BITBUCKET_DC = CASES


@pytest.fixture(autouse=True)
def permitted(settings: Settings) -> None:
    """127.0.0.1 is permitted."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]


@pytest.mark.parametrize(
    ("case", "answers"),
    [(GITHUB, (404, 410, 301)), (GITLAB, (404,)), (JIRA, (404,)), (LINEAR, (200,))],
    ids=["github", "gitlab", "jira", "linear"],
)
def test_a_note_is_stopped_if_the_issue_is_gone(case: Case, answers: tuple[int, ...], tmp_path: Path) -> None:
    """At first, there is no note yet. Later, one that exists can't be updated any more."""
    with case.peer() as peer:
        key = "SHOP-13" if case.prefix else case.issue  # trackers' peers have only SHOP-12
        shop = Shop(tmp_path, key, parts=7)
        attach(shop.repository, case, peer.port)
        shop.fix(0)
        for number, status in enumerate(answers):
            if not case.prefix:
                peer.trouble("status", status=status, times=9, path="/issues/", body={"message": "Moved"})
            if number:
                Issue.objects.update(heard_at="2000-01-01T00:00:00Z")
                pass_time()
                shop.fix(2 * number)
            else:
                shop.switch(on=True)
            note = shop.issue.note
            assert note.stopped_at, status
            assert case.provider in note.stopped_reason.lower()
            before = len(peer.requests)
            pass_time()
            shop.fix(2 * number + 1)
            assert len(peer.requests) == before, "a stopped note isn't tried again by a push"
            peer.calm()
            if case.prefix:
                return
            Issue.objects.update(tracker_state="open", heard_at="2100-01-01T00:00:00Z")
            requests.request(shop.repository, "the tracker reports it")
            work()
            (text,) = notes(peer)
            assert f"{4 * number + 4} of 14 violations fixed" in text
            assert shop.issue.note.stopped_at is None


@pytest.mark.parametrize("state", ["deleted", "transferred"])
def test_nothing_is_written_on_an_issue_that_the_tracker_reports_as_gone(state: str, tmp_path: Path) -> None:
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, GITHUB.issue)
        attach(shop.repository, GITHUB, peer.port)
        Issue.objects.update(tracker_state=state)
        shop.fix(0)
        shop.switch(on=True)
        assert notes(peer) == []


def test_no_note_is_begun_where_nothing_is_left_to_say(tmp_path: Path) -> None:
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, GITHUB.issue, parts=1)
        attach(shop.repository, GITHUB, peer.port)
        shop.fix(0)
        Issue.objects.update(tracker_state="closed")
        shop.switch(on=True)
        assert notes(peer) == []
        shop.team.push("Bring it back", {"shop/part_9.py": "from shop.factory import get_factory\n"})
        shop.record()
        (note,) = notes(peer)
        assert "This issue is closed with 1 violation left" in note
        assert "Reopen it" in note


def test_another_connection_gets_a_note_of_its_own(tmp_path: Path) -> None:
    with JIRA.peer() as old, running("jira") as new:
        shop = Shop(tmp_path, JIRA.issue)
        attach(shop.repository, JIRA, old.port)
        shop.fix(0)
        shop.switch(on=True)
        assert len(notes(old)) == 1
        Attachment.objects.all().delete()
        Connection.objects.all().delete()
        attach(shop.repository, JIRA, new.port)
        pass_time()
        requests.request(shop.repository, "attached")
        work()
        assert [len(notes(peer)) for peer in (old, new)] == [1, 1]
        assert "33.3%" in notes(new)[0]


@pytest.mark.parametrize("case", [JIRA, LINEAR], ids=str)
def test_a_new_public_address_updates_the_link(case: Case, tmp_path: Path, settings: Settings) -> None:
    with case.peer() as peer:
        shop = Shop(tmp_path, case.issue)
        attach(shop.repository, case, peer.port)
        shop.fix(0)
        shop.switch(on=True)
        settings.PUBLIC_URL = "https://ssot.example.org"
        pass_time()
        requests.request(shop.repository, "again")
        work()
        (note,) = notes(peer)
        assert "https://ssot.example.org/repositories/shop/issues/" in note


@pytest.mark.parametrize("case", [BITBUCKET, BITBUCKET_DC], ids=str)
def test_without_issues_nothing_is_requested(case: Case, tmp_path: Path) -> None:
    with case.peer() as peer:
        shop = Shop(tmp_path, "#12")
        attach(shop.repository, case, peer.port)
        shop.fix(0)
        shop.switch(on=True)
        assert not OutboxItem.objects.filter(kind="note").exists()
        assert peer.requests == []


def test_a_scan_does_not_wait_and_history_writes_nothing(tmp_path: Path) -> None:
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, GITHUB.issue)
        attach(shop.repository, GITHUB, peer.port)
        shop.fix(0)
        shop.switch(on=True)
        pass_time()
        repository = shop.repository
        for values in ({"history_done": False}, {"history_done": True, "line_plan": None}):
            type(repository).objects.filter(pk=repository.pk).update(**values)
        type(repository).objects.filter(pk=repository.pk).update(history_done=False)
        requests.request(repository, "backfill")
        IssueNote.objects.update(figures="other")
        work()
        assert writes(GITHUB, peer) == 1
        type(repository).objects.filter(pk=repository.pk).update(history_done=True)
        requests.request(repository, "backfill")
        work()
        assert writes(GITHUB, peer) == 1, "the text is the same"


def test_the_pages_work_meanwhile(tmp_path: Path, admin_client: Client) -> None:
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, GITHUB.issue)
        attach(shop.repository, GITHUB, peer.port)
        shop.fix(0)
        shop.switch(on=True)
        page = admin_client.get("/repositories/shop/issues/%2312/").content.decode()
        assert "Note in the tracker" in page
