"""Jobs and their leases, people's claims on files, waivers and patches."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from compliance.lib.queues import Queue
from compliance.models.commit import Commit
from compliance.models.history import File
from compliance.models.job_total import ENDED
from compliance.models.repository import PlanVersion, Repository


class Job(models.Model):
    """A job in the queue. The row is authoritative, and messages are only wake-ups.

    A worker claims a due job with one conditional update that sets `lease_until` and increments `attempts`.
    Its final write is fenced by that number. A job that failed `max_attempts` times is kept as a dead letter.
    If an identical job was already waiting when it failed, that job replaces it. Each repository runs at most
    one job at a time, and identical waiting jobs share one row. `queue` decides which workers may claim it.
    `doing` is what a running job is busy with, if that isn't counted in steps.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        BURIED = "buried"
        REPLACED = "replaced"

    repository = models.ForeignKey(Repository, models.CASCADE, null=True, blank=True, related_name="jobs")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    queue = models.CharField(max_length=12, default=Queue.SCANS.value, db_default=Queue.SCANS.value)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    merged = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    done_steps = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    doing = models.CharField(max_length=200, blank=True, default="", db_default="")
    error = models.TextField(blank=True)
    cause = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-priority", "due_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "kind", "key"),
                condition=Q(state="waiting"),
                nulls_distinct=False,
                name="equal_waiting_jobs_are_one",
            ),
            models.UniqueConstraint(
                fields=("repository",), condition=Q(state="running"), name="one_running_job_per_repository"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="running_jobs_have_a_lease"
            ),
        )
        indexes = (
            models.Index(fields=("state", "-priority", "due_at"), name="jobs_to_do"),
            models.Index(fields=("repository", "-id"), name="jobs_of_a_repository"),
            models.Index(
                fields=("repository", "-finished_at"),
                condition=Q(finished_at__isnull=False),
                name="jobs_by_end",
            ),
            models.Index(
                fields=("finished_at",), condition=Q(state__in=("done", "replaced")), name="jobs_to_delete"
            ),
        )
        triggers = (ENDED,)

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.state})"


class Heartbeat(models.Model):
    """The last heartbeat of a process, which health checks and the supervisor read.

    `engine` is the release of the scanner that a worker runs. Queue maintenance deletes rows that are older
    than a day or whose time is in the future.
    """

    name = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=200, blank=True, default="", db_default="")
    engine = models.CharField(max_length=16, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.name


class ScheduledTask(models.Model):
    """The time at which a periodic task is due next. Every beat reads it, and one of them claims it.

    There is one row for each task in `CELERY_BEAT_SCHEDULE`, so the table remains as small as the schedule.
    """

    name = models.CharField(max_length=100, primary_key=True)
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Claim(models.Model):
    """A person's lease on a file until a given date.

    The person in `offered_to` may take it over. `renewed_by` is the newest commit that renewed it, and
    `completed_by` is the commit that fixed the file.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        COMPLETED = "completed"
        RELEASED = "released"
        EXPIRED = "expired"

    file = models.ForeignKey(File, models.CASCADE, related_name="claims")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="claims")
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    until = models.DateTimeField()
    note = models.TextField(blank=True)
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="offers"
    )
    renewed_by = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="renewals")
    completed_by = models.ForeignKey(
        Commit, models.SET_NULL, null=True, blank=True, related_name="completions"
    )
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("file",), condition=Q(state="active"), name="one_active_claim_per_file"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("created_at")), name="claims_run_forward"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} has {self.file_id} until {self.until}"


@pghistory.track()
class Waiver(models.Model):
    """The violations of a rule (any rule if empty) in files that match a glob, accepted for a reason until a
    given date.

    With a fingerprint, it covers only that violation, and `glob` is the violation's path at the time it was
    approved or, before that, requested. `person` requested it. `decided_by` approved or rejected it: nobody
    if the release in which it was created had no approvals, and the person who requested it if nobody else
    could decide. Only approved ones cover anything. `until` is the last day in the installation's time zone,
    and `ended_at` is set for those that have ended or expired. Rows are kept for ever: there are as many as
    people have requested.
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        REJECTED = "rejected"
        ENDED = "ended"
        EXPIRED = "expired"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="waivers")
    rule = models.CharField(max_length=200, blank=True)
    glob = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="waivers_have_a_reason"),
            models.CheckConstraint(condition=~Q(glob="", fingerprint=""), name="waivers_name_a_place"),
            models.CheckConstraint(
                condition=Q(state__in=("ended", "expired"), ended_at__isnull=False)
                | Q(state__in=("requested", "approved", "rejected"), ended_at__isnull=True),
                name="over_waivers_say_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "rejected")) | Q(decided_at__isnull=False),
                name="decided_waivers_say_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} at {self.glob or self.fingerprint}"


class Patch(models.Model):
    """The patch for one file at one commit under one plan, with the remaining work to do by hand.

    `text` is input for `git apply`, or empty if nothing can be changed safely. `refused` and `guides` are
    lists of objects in the engine's format. `fixed` is the number of violations that the patch fixes, and
    `fixes` has the fingerprints of those in the file itself; it is null if an earlier release created the
    patch.
    """

    file = models.ForeignKey(File, models.CASCADE, related_name="patches")
    commit = models.ForeignKey(Commit, models.CASCADE, related_name="+")
    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="+")
    text = models.BinaryField()
    fixed = models.PositiveIntegerField()
    fixes = models.JSONField(null=True, blank=True)
    refused = models.JSONField()
    guides = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("file", "commit", "plan"), name="one_patch_per_file_and_commit"),
        )

    def __str__(self) -> str:
        return f"{self.file_id} at {self.commit_id}"
