"""What the product writes on issues, and the issues that it has created from phases."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.connection import Connection
from compliance.models.repository import Repository
from compliance.models.tracker import Issue, Phase


@pghistory.track()
class IssueNotePolicy(models.Model):
    """The switch for writing progress on the issues that a repository's plan references.

    There is at most one row for each repository. Without one, nothing is written.
    """

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="issue_note_policy")
    is_enabled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"notes on issues of {self.repository_id}: {'on' if self.is_enabled else 'off'}"


class IssueNote(models.Model):
    """The note on one issue: what was written last, and whether the issue and the records disagree.

    The issue is one that the plan references, or one that was created from a phase. `figures` is the digest
    of the figures that were written last, and `text` that of the whole note; both are empty before the first
    one. `connection` is the one with which it was written. A note that the provider has refused is stopped,
    with its answer as the reason, until somebody or the tracker says otherwise.

    `disagreement` is empty if the tracker's state and the records agree; they were compared first at
    `compared_at`. `disagrees_since` is when it began, and `disagreement_told` is true once it was reported.

    There is at most one row for each issue, which is deleted with it.
    """

    issue = models.OneToOneField(Issue, models.CASCADE, null=True, blank=True, related_name="note")
    created = models.OneToOneField("PhaseIssue", models.CASCADE, null=True, blank=True, related_name="note")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, blank=True, related_name="+")
    figures = models.CharField(max_length=64, blank=True, default="")
    text = models.CharField(max_length=64, blank=True, default="")
    written_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_reason = models.TextField(blank=True, default="")
    compared_at = models.DateTimeField(null=True, blank=True)
    disagreement = models.CharField(max_length=20, blank=True, default="")
    disagrees_since = models.DateTimeField(null=True, blank=True)
    disagreement_told = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True, stopped_reason="")
                | models.Q(stopped_at__isnull=False) & ~models.Q(stopped_reason=""),
                name="stopped_notes_have_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(issue__isnull=True) ^ models.Q(created__isnull=True),
                name="notes_are_on_one_issue",
            ),
        )

    def __str__(self) -> str:
        return f"note on issue {self.issue_id or self.created_id}"


class PhaseIssue(models.Model):
    """An issue that the product has created, or is to create, from a phase.

    `prefix` is the tracker's project, and empty at a forge. `number` counts the requests of one phase: after
    one that was refused, another may follow. `key` and `url` are empty until the provider has answered.
    People create these rows, and they are kept with the phase.
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="created_issues")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, blank=True, related_name="+")
    prefix = models.CharField(max_length=50, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    number = models.PositiveIntegerField(default=1)
    title = models.TextField()
    key = models.CharField(max_length=200, blank=True, default="")
    url = models.CharField(max_length=1000, blank=True, default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("phase", "number"), name="one_created_issue_per_request"),
        )

    def __str__(self) -> str:
        return f"{self.key or 'an issue'} from phase {self.phase_id}"
