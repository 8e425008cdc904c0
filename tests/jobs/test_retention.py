"""What is older than its retention is deleted, and nothing that is kept for ever."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from compliance import tasks
from compliance.jobs import retention
from compliance.models import (
    Change,
    CheckFinding,
    Commit,
    Delivery,
    DigestEntry,
    FileState,
    InboxEntry,
    Job,
    NotificationEvent,
    OutboxItem,
    PlanVersion,
    PullRequest,
    PullRequestCheck,
    Repository,
    SharedReport,
    Snapshot,
    Violation,
)
from tests.scanner.history import write_history
from tests.scans.factories import OTHER
from tests.scans.upstream import HISTORY, NEW, PLAN, again, push, tracked
from tests.scans.verify import check_against_cold_scans

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def repository() -> Repository:
    return Repository.objects.create(slug="r", name="r", url="/nowhere")


def ago(row: Model, field: str, days: float) -> None:
    """Let a row's time be so many days ago."""
    rows = type(row).objects.filter(pk=row.pk)  # type: ignore[attr-defined]  # every model has one
    rows.update(**{field: timezone.now() - timedelta(days=days)})


def test_the_body_of_a_webhook_goes_after_a_week_and_its_id_after_90_days(repository: Repository) -> None:
    made = [
        Delivery.objects.create(
            repository=repository, source="github", delivery_id=str(days), payload={"a": 1}
        )
        for days in (6, 8, 89, 91)
    ]
    for row in made:
        ago(row, "received_at", int(row.delivery_id))
    assert retention.prune()["delivery_body"] == 3
    left = Delivery.objects.order_by("pk").values_list("delivery_id", "source", "payload")
    assert list(left) == [("6", "github", {"a": 1}), ("8", "github", {}), ("89", "github", {})]


def test_the_newest_check_of_a_pull_request_stays_and_its_findings_go_once_it_has_ended(
    repository: Repository,
) -> None:
    now = timezone.now()
    ends = {"open": timedelta(), "merged": timedelta(91), "closed": timedelta(89)}
    for number, (state, age) in enumerate(ends.items(), 1):
        pull = PullRequest.objects.create(
            repository=repository, number=number, head_sha="b", state=state, updated_at=now - age
        )
        for head in ("a", "b", "c", "overridden"):
            accepted = {"overridden_at": now, "override_reason": "urgent"} if head == "overridden" else {}
            row = PullRequestCheck.objects.create(
                repository=repository, pull_request=pull, head_sha=head, **accepted
            )
            CheckFinding.objects.create(pull_request_check=row, kind="new", path=f"{head}.py")
            ago(row, "requested_at", 91)
    group = PullRequestCheck.objects.create(repository=repository, merge_group="refs/heads/g", head_sha="a")
    ago(group, "requested_at", 91)
    pruned = retention.prune()
    # The current head may have been checked before a later one, to which a force push goes back.
    assert (pruned["check_finding"], pruned["pull_request_check"]) == (4 + 2 + 2, 2 * 3 + 1)
    left = CheckFinding.objects.values_list("pull_request_check__pull_request__state", "path")
    assert sorted(left) == [
        (state, path) for state in ("closed", "open") for path in ("b.py", "overridden.py")
    ]
    assert set(PullRequestCheck.objects.values_list("head_sha", flat=True)) == {"b", "overridden"}


def test_shared_reports_go_after_a_week_or_if_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (1, 2, 3, 8):
        ago(SharedReport.objects.create(key=uuid4(), body=bytes([days])), "stored_at", days)
    assert retention.prune()["shared_report"] == 1
    monkeypatch.setattr(retention, "MOST_SHARED_REPORTS", 2)
    assert retention.prune()["shared_report"] == 1
    assert retention.prune()["shared_report"] == 0
    left = SharedReport.objects.order_by("-stored_at").values_list("body", flat=True)
    assert [bytes(body) for body in left] == [b"\1", b"\2"]


def test_jobs_and_notices_go_after_their_time(repository: Repository) -> None:
    kept, states = [], Job.State
    for number, (state, days, stays) in enumerate(
        [
            (states.DONE, 89, True),
            (states.DONE, 91, False),
            (states.REPLACED, 91, False),
            (states.BURIED, 91, True),
            (states.BURIED, 181, False),
            (states.WAITING, 400, True),
        ]
    ):
        job = Job.objects.create(repository=repository, kind="update", key=str(number), state=state)
        ago(job, "finished_at", days)
        kept += [job.pk] if stays else []
    for days in (179, 181):
        notice = OutboxItem.objects.create(
            repository=repository, kind="letter", channel="e-mail", key=str(days)
        )
        ago(notice, "created_at", days)
    retention.prune()
    assert list(Job.objects.order_by("pk").values_list("pk", flat=True)) == kept
    assert list(OutboxItem.objects.values_list("key", flat=True)) == ["179"]


def test_a_run_of_the_task_is_bounded_and_the_command_is_not(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MOST_BATCHES", 2)
    old = [
        OutboxItem(repository=repository, kind="letter", channel="e-mail", key=str(number))
        for number in range(11)
    ]
    OutboxItem.objects.bulk_create(old)
    OutboxItem.objects.update(created_at=timezone.now() - timedelta(days=400))
    tasks.prune()
    assert OutboxItem.objects.count() == 7
    out = StringIO()
    call_command("prune", stdout=out)
    assert OutboxItem.objects.count() == 0
    assert (
        "        7  Items of the outbox: e-mails, digests and whatever else was sent."
        in out.getvalue().splitlines()
    )


@pytest.mark.slow
def test_figures_of_superseded_versions_go_and_the_version_can_be_activated_again(tmp_path: Path) -> None:
    folder = tmp_path / "r.git"
    write_history(folder, list(HISTORY))
    first = tracked(folder).plan
    assert first is not None
    repository = tracked(folder, OTHER)
    second = repository.plan
    assert second is not None
    PlanVersion.objects.update(created_at=timezone.now() - timedelta(days=89))
    assert retention.prune()["superseded_plan"] == 0
    PlanVersion.objects.update(created_at=timezone.now() - timedelta(days=91))
    before = Snapshot.objects.filter(plan=second).count()
    lifetimes = Violation.objects.filter(plan=first).count(), Change.objects.filter(plan=first).count()
    assert retention.prune(1)["superseded_plan"] > 0
    for table in (Snapshot, FileState):
        assert not table.objects.filter(plan=first).exists()
    assert Snapshot.objects.filter(plan=second).count() == before == Commit.objects.count()
    assert (
        Violation.objects.filter(plan=first).count(),
        Change.objects.filter(plan=first).count(),
    ) == lifetimes

    repository = tracked(folder, PLAN)
    assert repository.plan is not None
    assert repository.plan.pk not in {first.pk, second.pk}
    assert repository.plan.digest == first.digest
    push(folder, "Change", app__b=NEW)
    repository = again(repository)
    check_against_cold_scans(repository)


def test_the_documentation_names_every_setting() -> None:
    text = (Path(__file__).parents[2] / "docs" / "storage.md").read_text()
    for limit in retention.limits():
        if limit.setting:
            assert f"`{limit.setting}`" in text
            assert f"{limit.days} days" in text
        assert getattr(settings.ENVIRONMENT, f"{limit.name}_days", limit.days) == limit.days


def test_events_go_after_180_days_with_their_entries_unless_they_wait_to_be_routed(
    repository: Repository,
) -> None:
    ada, now = User.objects.create_user("ada"), timezone.now()
    for key, days, routed in (("old", 181, now), ("recent", 179, now), ("waiting", 181, None)):
        event = NotificationEvent.objects.create(
            repository=repository, topic="regression", key=key, happened_at=now, routed_at=routed
        )
        ago(event, "recorded_at", days)
        InboxEntry.objects.create(person=ada, event=event)
        DigestEntry.objects.create(person=ada, event=event, cadence="daily", due_at=now)
    assert retention.prune()["notification_event"] == 1
    left = ["recent", "waiting"]
    assert list(NotificationEvent.objects.values_list("key", flat=True)) == left
    assert sorted(InboxEntry.objects.values_list("event__key", flat=True)) == left
    assert sorted(DigestEntry.objects.values_list("event__key", flat=True)) == left


def test_inbox_entries_go_90_days_after_they_were_read(repository: Repository) -> None:
    ada, now = User.objects.create_user("ada"), timezone.now()
    for key, days in (("unread", None), ("read", 89), ("forgotten", 91)):
        event = NotificationEvent.objects.create(
            repository=repository, topic="regression", key=key, happened_at=now, routed_at=now
        )
        read_at = None if days is None else now - timedelta(days=days)
        InboxEntry.objects.create(person=ada, event=event, read_at=read_at)
    assert retention.prune()["inbox_entry"] == 1
    assert sorted(InboxEntry.objects.values_list("event__key", flat=True)) == ["read", "unread"]
