"""Deletes what is kept for a limited time only. docs/storage.md lists what is kept for ever.

Every statement changes at most `BATCH` rows, which it finds by primary key, so that nothing waits for long.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from compliance.jobs import repository_removal
from compliance.lib.batches import BATCH
from compliance.lib.locks import lock_records
from compliance.models import (
    OF_NEWEST_HEAD,
    AccessChange,
    CheckFinding,
    CheckResult,
    Delivery,
    DigestEntry,
    FileState,
    InboxEntry,
    Job,
    NotificationEvent,
    OutboxItem,
    Patch,
    PlanDraft,
    PlanProposal,
    PlanTrial,
    PlanVersion,
    PullRequestCheck,
    Repository,
    RepositorySetup,
    SharedReport,
    Snapshot,
)

MOST_BATCHES = 50
"""Number of batches of each kind that the periodic task deletes at once. The rest is left to the next run."""

MOST_SHARED_REPORTS = 2_000_000
"""Number of shared reports that are kept, whatever their age. They take about 500 MB."""

PRUNED = "pruned"
"""The engine of a plan version whose figures were deleted. If it is activated again, it is recorded anew."""

Change = Callable[[QuerySet[Any]], int]


@dataclass(frozen=True, slots=True)
class Limit:
    """What is deleted, after how many days, and the setting with this number."""

    name: str
    what: str
    days: int
    setting: str


def _limit(setting: str, what: str) -> Limit:
    days: int = getattr(settings.ENVIRONMENT, setting)
    return Limit(setting.removesuffix("_days"), what, days, setting.upper())


def limits() -> list[Limit]:
    """Return what is deleted."""
    return [
        _limit("delivery_body_days", "The bodies of received webhooks. Their sources and ids stay."),
        _limit("delivery_days", "Received webhooks, with their sources and ids."),
        Limit("check_result", "Results of CI systems.", settings.ENVIRONMENT.delivery_days, "DELIVERY_DAYS"),
        Limit(
            "check_finding",
            "Findings in earlier heads of pull requests, and in pull requests that are no longer open.",
            settings.ENVIRONMENT.delivery_days,
            "DELIVERY_DAYS",
        ),
        Limit(
            "pull_request_check",
            "Checks of earlier heads of pull requests and of merge groups.",
            settings.ENVIRONMENT.delivery_days,
            "DELIVERY_DAYS",
        ),
        _limit("notice_days", "Items of the outbox: e-mails, digests and whatever else was sent."),
        Limit(
            "notification_event",
            "Events about which people and channels were notified, with their inbox and digest entries.",
            settings.ENVIRONMENT.notice_days,
            "NOTICE_DAYS",
        ),
        Limit("inbox_entry", "Inbox entries, after they were read.", 90, ""),
        _limit("job_days", "Jobs that have ended."),
        _limit("failed_job_days", "Jobs that have failed for good."),
        _limit("patch_days", "Patches, which are made again on request."),
        _limit(
            "superseded_plan_days", "Figures and file states under plan versions that are no longer used."
        ),
        _limit("shared_report_days", "Reports on files that machines have read for each other."),
        Limit("plan_draft", "Plan drafts that were not activated.", 30, ""),
        Limit("plan_proposal", "Proposed plans, which are made again on request.", 30, ""),
        Limit("plan_trial", "Trials of rules.", 1, ""),
        Limit("repository_setup", "Addresses of repositories that were checked.", 7, ""),
        Limit("access_change", "Other credentials for repositories that are not in use yet.", 7, ""),
        Limit(
            "deleted_repository",
            "Deleted repositories, with all their rows and mirrors.",
            repository_removal.RESTORABLE.days,
            "",
        ),
        Limit("session", "Sessions that have expired.", 0, ""),
    ]


def prune(most: int | None = None) -> dict[str, int]:
    """Delete what is older than its limit, in at most `most` batches of each kind. Return the number of
    changed rows by the names of the limits.
    """
    days = {limit.name: timedelta(days=limit.days) for limit in limits()}
    over = Job.objects.filter(finished_at__lt=Now() - days["job"])
    failed = Job.objects.filter(finished_at__lt=Now() - days["failed_job"], state=Job.State.BURIED)
    drafts = PlanDraft.objects.filter(version=None, created_at__lt=Now() - days["plan_draft"])
    received = Delivery.objects.filter(received_at__lt=Now() - days["delivery_body"])
    sent = OutboxItem.objects.filter(created_at__lt=Now() - days["notice"])
    chosen: dict[str, tuple[QuerySet[Any], Change]] = {
        "delivery_body": (received.exclude(payload={}), lambda rows: rows.update(payload={})),
        "delivery": (Delivery.objects.filter(received_at__lt=Now() - days["delivery"]), _delete),
        "check_result": (
            CheckResult.objects.filter(updated_at__lt=Now() - days["check_result"]),
            _delete,
        ),
        "check_finding": (_old_findings(days["check_finding"]), _delete),
        "pull_request_check": (
            # Those that still have findings are left to the next run, so that nothing is deleted at once.
            _old_checks(days["pull_request_check"]).exclude(
                Exists(CheckFinding.objects.filter(pull_request_check=OuterRef("pk")))
            ),
            _delete,
        ),
        "notice": (sent.exclude(state=OutboxItem.State.SENDING), _delete),
        "notification_event": (
            NotificationEvent.objects.filter(
                recorded_at__lt=Now() - days["notification_event"], routed_at__isnull=False
            ),
            _delete_events,
        ),
        "inbox_entry": (InboxEntry.objects.filter(read_at__lt=Now() - days["inbox_entry"]), _delete),
        "job": (over.filter(state__in=(Job.State.DONE, Job.State.REPLACED)), _delete),
        "failed_job": (failed, _delete),
        "patch": (Patch.objects.filter(made_at__lt=Now() - days["patch"]), _delete),
        "shared_report": (_old_reports(days["shared_report"]), _delete),
        "plan_draft": (drafts, _delete),
        "plan_proposal": (PlanProposal.objects.filter(made_at__lt=Now() - days["plan_proposal"]), _delete),
        "plan_trial": (PlanTrial.objects.filter(created_at__lt=Now() - days["plan_trial"]), _delete),
        "access_change": (
            AccessChange.objects.filter(created_at__lt=Now() - days["access_change"]),
            _delete,
        ),
        "repository_setup": (
            RepositorySetup.objects.filter(created_at__lt=Now() - days["repository_setup"]),
            _delete,
        ),
        "session": (Session.objects.filter(expire_date__lt=Now()), _delete),
    }
    found = {name: _in_batches(rows, change, most) for name, (rows, change) in chosen.items()}
    if most is None:  # otherwise, a job does it
        removed = [repository_removal.remove_rows(gone) for gone in repository_removal.overdue()]
        found["deleted_repository"] = len(removed)
    return {**found, "superseded_plan": _prune_versions(days["superseded_plan"], most)}


def _old_checks(age: timedelta) -> QuerySet[PullRequestCheck]:
    """Return the checks that are too old. The check of a pull request's current head, the newest one, and
    those that a manager overrode stay.
    """
    newer = PullRequestCheck.objects.filter(pull_request=OuterRef("pull_request"), pk__gt=OuterRef("pk"))
    earlier = ~OF_NEWEST_HEAD & Q(Exists(newer))
    return PullRequestCheck.objects.filter(
        Q(pull_request__isnull=True) | earlier, requested_at__lt=Now() - age, overridden_at=None
    )


def _old_findings(age: timedelta) -> QuerySet[CheckFinding]:
    """Return the findings of checks that are too old, and of pull requests that ended so long ago."""
    ended = ~Q(pull_request_check__pull_request__state="open") & Q(
        pull_request_check__pull_request__updated_at__lt=Now() - age
    )
    return CheckFinding.objects.filter(Q(pull_request_check__in=_old_checks(age)) | ended)


def _delete_events(rows: QuerySet[NotificationEvent]) -> int:
    """Delete events, after the entries of everybody who was told about them, at most `BATCH` rows at once."""
    keys = list(rows.values_list("pk", flat=True))
    for table in (InboxEntry, DigestEntry):
        _in_batches(table.objects.filter(event__in=keys), _delete, None)
    return _delete(rows)


def _old_reports(age: timedelta) -> QuerySet[SharedReport]:
    """Return the shared reports that are too old, or older than so many others."""
    newest_first = SharedReport.objects.order_by("-stored_at").values_list("stored_at", flat=True)
    over = newest_first[MOST_SHARED_REPORTS : MOST_SHARED_REPORTS + 1].first()
    old = Q(stored_at__lt=Now() - age)
    return SharedReport.objects.filter(old | Q(stored_at__lte=over) if over is not None else old)


def _delete(rows: QuerySet[Any]) -> int:
    return int(rows.delete()[0])


def _in_batches(rows: QuerySet[Any], change: Change, most: int | None) -> int:
    """Change rows until none is left, or in at most so many batches."""
    changed = 0
    for keys in _batches(rows, most):
        changed += change(rows.model.objects.filter(pk__in=keys))
    return changed


def _batches(rows: QuerySet[Any], most: int | None) -> Iterator[list[Any]]:
    number = 0
    while most is None or number < most:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        yield keys
        number += 1


def _prune_versions(age: timedelta, most: int | None) -> int:
    """Delete the figures and the file states of plan versions that no repository has used for so long."""
    deleted = 0
    for repository in Repository.objects.filter(plan__created_at__lt=Now() - age).only("pk"):
        for version in _superseded(repository.pk):
            if _retire(repository.pk, version):
                for table in (FileState, Snapshot):
                    rows = table.objects.filter(plan=version)
                    deleted += _in_batches(rows, _delete, most)
    return deleted


def _superseded(repository: int) -> list[PlanVersion]:
    """Return the versions that are neither active, charted nor chosen, and have figures."""
    row = Repository.objects.get(pk=repository)
    used = [pk for pk in (row.plan_id, row.line_plan_id, row.chosen_plan_id) if pk is not None]
    others = PlanVersion.objects.filter(repository=repository).exclude(pk__in=used)
    return [version for version in others if version.snapshots.exists() or version.file_states.exists()]


def _retire(repository: int, version: PlanVersion) -> bool:
    """Let nobody continue a version's records. Return False if a job might be using it."""
    if version.engine == PRUNED:
        return True
    with transaction.atomic():
        lock_records(repository)
        busy = Job.objects.filter(repository=repository, state=Job.State.RUNNING).exists()
        if busy or version not in _superseded(repository):
            return False
        return bool(PlanVersion.objects.filter(pk=version.pk).update(engine=PRUNED))
