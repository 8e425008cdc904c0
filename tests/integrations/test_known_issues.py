"""An issue that a plan references only after its last event has the state that the tracker reported."""

import threading
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.test import Client

from compliance import scans
from compliance.integrations import connections, known_issues
from compliance.models import Connection, Issue, KnownIssue, Repository
from tests.integrations.sender import send
from tests.integrations.tracker_payloads import (
    Hook,
    jira,
    jira_subtask,
    linear,
    moment,
    sent_now,
    signed,
    tracker,
    using,
)
from tests.processes import wait
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, PLAN, tracked
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def post(address: str, hook: Hook) -> None:
    answer = Client().post(f"/webhooks/{address}/", hook.body, "application/json", headers=hook.headers)
    assert answer.status_code in (200, 202), answer.content


def plan_with(repository: Repository, key: str) -> Issue:
    """Activate a plan that references this issue instead of #1."""
    assert '"#1"' in PLAN
    scans.track(repository.url, slug=repository.slug, plan=PLAN.replace('"#1"', f'"{key}"'))
    run_jobs()
    return Issue.objects.get(repository=repository, key=key, in_plan=True)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    write_history(tmp_path / "up.git", HISTORY)
    return tracked(tmp_path / "up.git")


def attached(repository: Repository, provider: str = "jira", *prefixes: str) -> Connection:
    found = tracker("work", provider, *(prefixes or ("SHOP",)))
    connections.attach(repository, found)
    return found


@pytest.mark.parametrize("order", list(permutations(range(3)))[::2])
def test_a_plan_that_is_activated_after_the_events_has_the_newest_state(
    shop: Repository, order: tuple[int, ...]
) -> None:
    attached(shop)
    life: list[dict[str, Any]] = [
        jira("created", "SHOP-12", 0),
        jira("updated", "SHOP-12", 1, summary="One each", subtasks=[jira_subtask("SHOP-13", "Write it")]),
        jira(
            "updated",
            "SHOP-12",
            2,
            summary="One each",
            done=True,
            subtasks=[jira_subtask("SHOP-13", "Do it")],
        ),
    ]
    for place in order:
        post("jira/work", signed(life[place]))
    kind, parent = {"name": "Sub-task", "subtask": True}, {"id": "1", "key": "SHOP-12"}
    post("jira/work", signed(jira("updated", "SHOP-13", 3, done=True, issuetype=kind, parent=parent)))

    issue = plan_with(shop, "shop-12")
    assert (issue.tracker_state, issue.tracker_title) == ("closed", "One each")
    assert issue.tracker_updated_at == moment(2)
    assert issue.checklist == [{"text": "SHOP-13 A session for each request", "done": True}]
    post("jira/work", signed(jira("updated", "SHOP-12", 4)))
    issue.refresh_from_db()
    assert issue.tracker_state == "open"


def test_a_deletion_is_kept_and_an_issue_that_is_known_already_is_left_alone(shop: Repository) -> None:
    found = attached(shop, "linear", "ENG")
    post("linear/work", sent_now(linear("remove", "ENG-1", 3, trashed=True)))
    post("linear/work", sent_now(linear("update", "ENG-1", 3)))
    assert plan_with(shop, "ENG-1").tracker_state == "deleted"
    KnownIssue.objects.filter(connection=found).update(state="open")
    known_issues.catch_up(shop)
    assert Issue.objects.get(key="ENG-1").tracker_state == "deleted"


def test_an_issue_that_was_moved_has_ended_under_its_former_key(shop: Repository) -> None:
    attached(shop, "jira", "SHOP", "PAY")
    post("jira/work", signed(jira("updated", "PAY-7", 1, moved_from="SHOP-12")))
    post("jira/work", signed(jira("updated", "PAY-7", 2)))
    assert plan_with(shop, "SHOP-12").tracker_state == "transferred"
    assert plan_with(shop, "PAY-7").tracker_state == "open"


def test_an_issue_of_the_forge_is_remembered_too(shop: Repository) -> None:
    assert send(shop, "issues__closed").status_code == 202
    assert plan_with(shop, "#183").tracker_state == "closed"


def test_a_repository_that_is_attached_later_has_the_states_and_no_others() -> None:
    found, other = tracker("work", "jira", "SHOP"), tracker("other", "jira", "OPS")
    for key in ("SHOP-12", "SHOP-14"):
        post("jira/work", signed(jira("updated", key, 1)))
    post("jira/other", signed(jira("updated", "OPS-1", 1, done=True)))
    late = using(other, "late", "SHOP-12", "OPS-1", "SHOP-99")
    connections.attach(late, found)
    states = dict(Issue.objects.filter(repository=late).values_list("key", "tracker_state"))
    assert states == {"SHOP-12": "open", "OPS-1": "closed", "SHOP-99": ""}


def test_a_prefix_that_now_belongs_to_another_tracker_is_not_used() -> None:
    found = tracker("work", "jira", "SHOP", "OPS")
    post("jira/work", signed(jira("updated", "OPS-1", 1)))
    found.prefixes = ["SHOP"]
    found.save()
    late = using(tracker("other", "jira", "OPS"), "late", "OPS-1")
    connections.attach(late, found)
    assert Issue.objects.get(repository=late).tracker_state == ""


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_issues, "MOST", 3)
    found = tracker("work", "jira", "SHOP")
    for number in range(1, 8):
        post("jira/work", signed(jira("updated", f"SHOP-{number}", number)))
    post("jira/work", signed(jira("updated", "OPS-1", 1)))
    keys = KnownIssue.objects.filter(connection=found).order_by("key").values_list("key", flat=True)
    assert list(keys) == ["shop-5", "shop-6", "shop-7"]


def test_an_event_that_arrives_while_the_plan_becomes_active_is_not_lost() -> None:
    found = tracker("work", "jira", "SHOP")
    shop = using(found, "shop")
    sent = threading.Thread(target=_send_and_close, args=(signed(jira("updated", "SHOP-12", 1)),))
    with transaction.atomic():
        known_issues.lock(shop)
        Issue.objects.create(repository=shop, key="SHOP-12", title="New", order=0)
        known_issues.catch_up(shop)
        sent.start()
        wait(_is_somebody_waiting)
    sent.join()
    assert Issue.objects.get(repository=shop).tracker_state == "open"


def _send_and_close(hook: Hook) -> None:
    try:
        post("jira/work", hook)
    finally:
        database.close()


def _is_somebody_waiting() -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])
