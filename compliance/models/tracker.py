"""Issues, phases and steps, which are created from the plan and synchronized with the tracker."""

from django.db import models
from django.db.models import Q

from compliance.lib.field_types import EARLIEST, LATEST, LONGEST_REF
from compliance.models.commit import Commit
from compliance.models.history import File
from compliance.models.repository import Repository


class Issue(models.Model):
    """A linked issue. The `tracker_…` columns contain its latest known state in the tracker, and the time of
    that state.

    `selects` contains the plan's selectors for the issue's violations: lists, by name. Without selectors, the
    issue includes no violations. `checklist` is the task list in the issue's body: `[{"text": …, "done":
    true|false}, …]`, in order.

    If the tracker has subtasks, they are the checklist, and `subtasks` contains the time of each one's state
    (compliance/integrations/subtasks.py). `heard_at` is when the tracker last changed the row, so that pages
    and caches notice.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="issues")
    key = models.CharField(max_length=100)
    title = models.TextField()
    url = models.CharField(max_length=1000, blank=True)
    priority = models.CharField(max_length=40, blank=True)
    order = models.PositiveIntegerField()
    in_plan = models.BooleanField(default=True)
    selects = models.JSONField(default=dict)
    tracker_state = models.CharField(max_length=40, blank=True)
    tracker_title = models.TextField(blank=True)
    labels = models.JSONField(default=list)
    checklist = models.JSONField(default=list)
    subtasks = models.JSONField(default=dict, blank=True, db_default={})
    tracker_updated_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("repository", "order")
        constraints = (
            models.UniqueConstraint(fields=("repository", "key"), name="one_row_per_issue"),
            models.CheckConstraint(
                condition=Q(tracker_updated_at__isnull=True)
                | Q(tracker_updated_at__gte=EARLIEST, tracker_updated_at__lt=LATEST),
                name="issues_have_a_readable_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.title}"


class Phase(models.Model):
    """A phase of an issue. It is closed by the commit at which all its criteria were met.

    `selects` contains the selectors for the issue's violations; those included in earlier phases are
    excluded. `touched` is the position of the newest commit that changed the phase's violations. Evidence
    from before that commit is stale. A phase that is removed from the plan keeps its row and its approvals,
    with `in_plan` set to false.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="phases")
    key = models.CharField(max_length=100)
    title = models.TextField()
    order = models.PositiveIntegerField()
    start = models.DateField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    selects = models.JSONField(default=dict)
    criteria = models.JSONField(default=list)
    in_plan = models.BooleanField(default=True)
    touched = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("issue__order", "order")
        constraints = (models.UniqueConstraint(fields=("issue", "key"), name="one_row_per_phase"),)

    def __str__(self) -> str:
        return self.title


class Step(models.Model):
    """A step in an issue's fixed order, and the commit that completed it."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="steps")
    order = models.PositiveIntegerField()
    title = models.TextField()
    risk = models.CharField(max_length=40, blank=True)
    defines = models.TextField(blank=True)
    clean = models.JSONField(default=list)
    done_by = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("issue__order", "order")
        constraints = (models.UniqueConstraint(fields=("issue", "order"), name="steps_are_in_order"),)

    def __str__(self) -> str:
        return self.title


class PullRequest(models.Model):
    """The latest known state of a pull request to the tracked branch. `state` is open, closed or merged.

    `files` are the files on the tracked branch that it changes, provided that the mirror contains the
    commits. `base` is its target branch, and `forge_state` its state on the forge. While it targets another
    branch, `state` is closed. Both are empty in rows from before they were stored.

    `source` is the branch that it merges. If that is in a fork, `source_url` is the fork's address for
    clones, and otherwise it is empty. `head_ref` is the full name of the ref that the forge has for the head.
    `listed_at` is when the forge's API last reported it as open.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="pull_requests")
    number = models.PositiveIntegerField()
    title = models.TextField()
    url = models.CharField(max_length=1000)
    author = models.CharField(max_length=200)
    state = models.CharField(max_length=6)
    base = models.CharField(max_length=LONGEST_REF, blank=True, default="", db_default="")
    forge_state = models.CharField(max_length=6, blank=True, default="", db_default="")
    head_sha = models.CharField(max_length=64)
    source = models.CharField(max_length=LONGEST_REF, blank=True, default="", db_default="")
    source_url = models.CharField(max_length=1000, blank=True, default="", db_default="")
    head_ref = models.CharField(max_length=LONGEST_REF, blank=True, default="", db_default="")
    draft = models.BooleanField(default=False, db_default=False)
    listed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()
    files = models.ManyToManyField(File, related_name="pull_requests")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("repository", "number"), name="one_row_per_pull_request"),
            models.CheckConstraint(
                condition=Q(updated_at__gte=EARLIEST, updated_at__lt=LATEST),
                name="pull_requests_have_a_readable_time",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"
