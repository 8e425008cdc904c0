"""Requests a comparison of a repository's issues with its records, after either has changed.

A scan only queues the job after its transaction; everything else happens in the job.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from compliance import jobs
from compliance.jobs import Priority
from compliance.lib.field_types import one_line
from compliance.models import Issue, IssueNote, IssueNotePolicy, Job, PhaseIssue, Repository

KIND = "issues"
"""The kind of the job. Its requests for one repository merge while it waits."""

LASTS_FOR = timedelta(hours=1)
"""Time for which an issue and the records must disagree before that is reported. A push that fixes the last
violation often closes the issue, too, a moment earlier or later.
"""

CHECKED_AFTER = timedelta(days=1)
"""Time after which issues with notes are compared although nothing was reported. Forecasts change without a
commit, and a request is lost if a process ends just after the transaction that caused it.
"""


def request(repository: Repository, cause: str, person: User | None = None) -> None:
    """Queue the job after the caller's transaction, whose row would otherwise stay locked until its end."""
    transaction.on_commit(partial(_queue, repository, cause, person), robust=True)


def _queue(repository: Repository, cause: str, person: User | None = None) -> None:
    jobs.enqueue(KIND, repository, priority=Priority.LOW, cause=one_line(cause, 200), person=person)


def request_due() -> None:
    """Queue the job where time alone requires it. This is called every few minutes."""
    in_plan = Issue.objects.filter(repository=OuterRef("pk"), in_plan=True)
    created = PhaseIssue.objects.filter(phase__issue__repository=OuterRef("pk"))
    untold = {"note__disagrees_since__lt": Now() - LASTS_FOR, "note__disagreement_told": False}
    lasting = Q(Exists(in_plan.filter(**untold))) | Q(Exists(created.filter(**untold)))
    unknown = in_plan.exclude(tracker_state="").filter(note__compared_at=None)
    recent = Job.objects.filter(repository=OuterRef("pk"), kind=KIND, created_at__gt=Now() - CHECKED_AFTER)
    ready = Repository.objects.tracked().filter(history_done=True)
    for repository in ready.filter(lasting):
        _queue(repository, "an issue and the records disagree")
    for repository in ready.filter(Exists(_ENABLED) | Exists(unknown)).exclude(Exists(recent)):
        _queue(repository, "daily comparison of the issues")


_ENABLED = IssueNotePolicy.objects.filter(repository=OuterRef("pk"), is_enabled=True)
_HEARD = Issue.objects.filter(repository=OuterRef("pk"), in_plan=True).exclude(tracker_state="")
_WRITTEN = IssueNote.objects.filter(issue__repository=OuterRef("pk"), written_at__isnull=False)
_CREATED = PhaseIssue.objects.filter(phase__issue__repository=OuterRef("pk")).exclude(key="")
_IS_WANTED = Q(Exists(_ENABLED)) | Q(Exists(_HEARD)) | Q(Exists(_WRITTEN)) | Q(Exists(_CREATED))


def on_records_changed(sender: Repository, **_: Any) -> None:
    """Request the comparison if there is something to compare. Receives the signals of scans and waivers."""
    if Repository.objects.filter(_IS_WANTED, pk=sender.pk).exists():
        request(sender, "the figures have changed")


def on_issue_heard(sender: Repository, key: str, **_: Any) -> None:
    """Request the comparison after the tracker has reported an issue. Receives `issue_heard`."""
    request(sender, f"the tracker has reported {key}")
