"""Issues that disagree with the records are reported once, and issues are created from phases once."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from compliance.evidence import approve
from compliance.integrations import issues as states
from compliance.integrations import known_issues
from compliance.integrations.issue_notes import phase_issues, requests
from compliance.integrations.issues import IssueNews
from compliance.models import Issue, IssueNotePolicy, Job, NotificationEvent, OutboxItem, Phase, PhaseIssue
from tests.integrations.noted import Shop, notes, pass_time, work
from tests.integrations.outbound import CASES, Case, attach
from tests.integrations.peers.client import Peer
from tests.team import OLD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB, JIRA, JIRA_DC, LINEAR = CASES[0], CASES[3], CASES[4], CASES[5]
CREATING = [case for case in CASES if "issue" in case.kinds]


@pytest.fixture(autouse=True)
def permitted(settings: Settings) -> None:
    """127.0.0.1 is permitted."""
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]


def hear(shop: Shop, state: str) -> None:
    """Let the tracker report the issue in this state."""
    news = IssueNews(shop.issue.key, state, "Factory", (), (), "", timezone.now())
    states.hear(shop.repository, news)
    work()


def written(peer: Peer) -> list[str]:
    """Return the notes on any issue at a peer."""
    return [str(row) for row in peer.store.get("notes", []) + peer.store.get("comments", [])]


def reported() -> list[str]:
    rows = NotificationEvent.objects.filter(topic="issue.disagrees").order_by("pk")
    return [event.detail["warning"] for event in rows]


def test_a_disagreement_is_reported_once_after_an_hour(tmp_path: Path, admin_client: Client) -> None:
    shop = Shop(tmp_path, "#12")
    shop.fix(0)
    hear(shop, "open")
    assert shop.issue.note.disagreement == ""
    hear(shop, "closed")
    assert shop.issue.note.disagreement == "violations left"
    pass_time(30)
    requests.request_due()
    work()
    assert reported() == []
    pass_time(31)
    for _ in range(3):
        requests.request_due()
        work()
    assert reported() == ["closed with 4 violations left"]
    for address in ("issues/", "issues/%2312/", ""):
        page = admin_client.get(f"/repositories/shop/{address}").content.decode()
        assert "closed with 4 violations left" in page, address
    hear(shop, "open")
    assert shop.issue.note.disagrees_since is None
    for number in (1, 2):
        shop.fix(number)
    page = admin_client.get("/repositories/shop/issues/").content.decode()
    assert "open with no violations left" in page
    exported = b"".join(admin_client.get("/repositories/shop/issues.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "open with no violations left,off,Notes are switched off." in exported
    hear(shop, "closed")  # as the push has closed it
    pass_time(61)
    requests.request_due()
    work()
    assert reported() == ["closed with 4 violations left"]


def test_an_issue_is_rightly_open_while_its_phase_waits_for_an_approval(
    tmp_path: Path, admin_client: Client
) -> None:
    shop = Shop(
        tmp_path, "#12", parts=1, criteria="[{kind: violations, max: 0}, {kind: approval, role: manager}]"
    )
    hear(shop, "open")
    shop.fix(0)
    assert shop.issue.note.disagreement == ""
    assert "no violations left" not in admin_client.get("/repositories/shop/issues/").content.decode()
    shop.repository.refresh_from_db()
    approve(shop.repository, Phase.objects.get(), User.objects.get(username="admin"), "manager", "Fine")
    work()
    assert shop.issue.note.disagreement == "none left", "the approval has closed the phase without a commit"
    assert "open with no violations left" in admin_client.get("/repositories/shop/issues/").content.decode()


def test_a_disagreement_from_before_the_upgrade_is_not_reported(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "#12")
    old = timezone.now() - timedelta(days=3)
    Issue.objects.update(tracker_state="closed", heard_at=old, tracker_updated_at=old)
    Job.objects.all().delete()
    for _ in range(2):
        requests.request_due()
        work()
        pass_time(61)
    assert shop.issue.note.disagreement == "violations left"
    assert reported() == []


@pytest.mark.parametrize("case", CREATING, ids=str)
def test_an_issue_is_created_once_from_a_phase(case: Case, tmp_path: Path, admin_client: Client) -> None:
    with case.peer() as peer:
        shop = Shop(tmp_path, case.issue)
        shop.repository.web_url = "https://forge.example.org/team/shop"
        shop.repository.save()
        Phase.objects.update(title="[~admin] {code} @ada *Calls*")
        attach(shop.repository, case, peer.port)
        shop.fix(0)
        page = "/repositories/shop/phases/calls/"
        assert "Create issue" in admin_client.get(page).content.decode()
        peer.trouble("cut", acted=True, **case.writes)
        for _ in range(2):
            assert (
                admin_client.post(f"{page}issue/", {"prefix": case.prefix, "kind": "Task"}).status_code == 302
            )
        for _ in range(4):
            work()
            pass_time(240)
        (made,) = peer.store["issues"]
        row = PhaseIssue.objects.get()
        assert row.key
        text = str(made)
        assert "4 violations left in 2 files" in text
        assert "shop/part_1.py" in text.replace("\\\\", "").replace("\\", "")
        assert "/repositories/shop/phases/calls/" in text
        if case is JIRA_DC:
            assert "[~admin]" not in text
            assert "{code}" not in text.replace("\\\\{", "")
        shown = admin_client.get(page).content.decode()
        assert row.key in shown
        assert "Create issue" not in shown
        assert "notes on issues are switched off" in shown
        assert admin_client.post(f"{page}issue/", {"prefix": case.prefix}).status_code == 302
        assert PhaseIssue.objects.count() == 1

        Issue.objects.update(tracker_state="deleted")  # so that only the created issue gets a note
        shop.switch(on=True)
        (note,) = written(peer)
        assert "33.3%" in note
        assert "/repositories/shop/phases/calls/" in note
        assert "The progress of this phase is written on it" in admin_client.get(page).content.decode()
        pass_time()
        shop.fix(1)
        (note,) = written(peer)
        assert "66.6%" in note


def test_an_issue_is_requested_again_only_if_it_was_certainly_not_created(tmp_path: Path) -> None:
    ada = User.objects.create(username="ada")
    with JIRA.peer() as peer:
        shop = Shop(tmp_path, JIRA.issue)
        phase = Phase.objects.select_related("issue__repository").get()
        with pytest.raises(phase_issues.PhaseIssueError, match="No connection"):
            phase_issues.request_issue(phase, ada, "SHOP")
        attach(shop.repository, JIRA, peer.port)
        with pytest.raises(phase_issues.PhaseIssueError, match="The prefixes are: SHOP"):
            phase_issues.request_issue(phase, ada, "OPS")
        phase_issues.request_issue(phase, ada, "shop", "Saga")
        work()
        assert OutboxItem.objects.get(kind="issue").state == "given up"
        phase_issues.request_issue(phase, ada, "SHOP")
        work()
        assert PhaseIssue.objects.latest("pk").key.startswith("SHOP-")
        assert len(peer.store["issues"]) == 1
        with pytest.raises(phase_issues.PhaseIssueError, match="already created"):
            phase_issues.request_issue(phase, ada, "SHOP")


def test_no_issue_is_created_from_a_closed_phase(tmp_path: Path, admin_client: Client) -> None:
    ada = User.objects.create(username="ada")
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, GITHUB.issue, parts=2)
        attach(shop.repository, GITHUB, peer.port)
        shop.fix(0)
        shop.fix(1)
        phase = Phase.objects.select_related("issue__repository").get()
        assert phase.closed_at
        page = admin_client.get("/repositories/shop/phases/calls/").content.decode()
        assert "Create issue" not in page
        assert "“Calls” is closed. An issue can be created from it if it is reopened." in page
        with pytest.raises(phase_issues.PhaseIssueError, match="is closed"):
            phase_issues.request_issue(phase, ada)
        shop.team.push("Bring it back", {"shop/part_0.py": OLD})
        shop.record()
        assert "Create issue" in admin_client.get("/repositories/shop/phases/calls/").content.decode()
        phase_issues.request_issue(phase, ada)
        Phase.objects.update(closed_at=timezone.now())  # before the issue is created
        work()
        assert peer.store["issues"] == []
        page = admin_client.get("/repositories/shop/phases/calls/").content.decode()
        assert "“Calls” is closed." in page


def test_a_created_issue_is_followed_until_the_plan_takes_it_over(
    tmp_path: Path, admin_client: Client
) -> None:
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, "#99")
        attach(shop.repository, GITHUB, peer.port)
        shop.switch(on=True)
        phase_issues.request_issue(
            Phase.objects.select_related("issue__repository").get(), User.objects.get(username="ada")
        )
        work()
        row = PhaseIssue.objects.get()
        (note,) = [text for text in written(peer) if "/phases/calls/" in text]
        assert "0.0%: 0 of 6 violations fixed" in note

        report(shop, row.key, "closed")
        assert row.note.disagreement == "violations left"
        page = admin_client.get("/repositories/shop/phases/calls/").content.decode()
        assert "The issue is over, but the phase has violations left." in page
        pass_time()
        work()
        (note,) = [text for text in written(peer) if "/phases/calls/" in text]
        assert "This issue is closed with 6 violations left" in note
        pass_time(61)
        requests.request_due()
        work()
        assert reported() == ["closed with 6 violations left"]

        plan = shop.team.clone / "ssot-plan.yaml"
        former = plan.read_text()
        shop.team.push("Reference it", {"ssot-plan.yaml": former.replace("#99", row.key)})
        pass_time()
        shop.record()
        texts = [text for text in written(peer) if f"'number': '{row.key[1:]}'" in text]
        assert len(texts) == 1, "the same note is continued"
        assert "/issues/" in texts[0]
        page = admin_client.get("/repositories/shop/phases/calls/").content.decode()
        assert "The plan references it" in page

        shop.team.push("Reference another one", {"ssot-plan.yaml": former})
        pass_time()
        shop.record()
        (text,) = [text for text in written(peer) if f"'number': '{row.key[1:]}'" in text]
        assert "/phases/calls/" in text, "the figures of the phase are the same as before, but aren't there"


def report(shop: Shop, key: str, state: str) -> None:
    """Let the forge report an issue in this state."""
    known_issues.remember(shop.repository, IssueNews(key, state, "Calls", (), (), "", timezone.now()))
    work()


def test_the_settings_page_shows_a_preview_and_warns(tmp_path: Path, admin_client: Client) -> None:
    with GITHUB.peer() as peer:
        shop = Shop(tmp_path, GITHUB.issue)
        attach(shop.repository, GITHUB, peer.port)
        shop.fix(0)
        page = admin_client.get("/repositories/shop/settings/?note=%2312").content.decode()
        assert "33.3%: 2 of 6 violations fixed" in page
        assert "which nobody else can open" in page
        admin_client.post("/repositories/shop/settings/issues/", {"want": "yes"})
        assert IssueNotePolicy.objects.get().is_enabled
        work()
        (note,) = notes(peer)
        assert "33.3%" in note
        body = admin_client.get("/api/v1/repositories/shop/issue-notes")
        assert body.status_code in (200, 401)
        peer.put(comments=[])
        admin_client.post("/repositories/shop/settings/issues/again/", {"issue": "#12"})
        pass_time()
        work()
        assert len(notes(peer)) == 1
        page = admin_client.get("/repositories/shop/issues/%2312/").content.decode()
        assert "up to date" in page
