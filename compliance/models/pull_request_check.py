"""Checks of pull requests: what the head of each one adds to its target branch, and the verdict on it."""

from collections.abc import Mapping

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Now

from compliance.lib.field_types import LONGEST_REF
from compliance.models.repository import PlanVersion, Repository
from compliance.models.risk import Risk
from compliance.models.tracker import PullRequest
from compliance.models.work import Waiver

MOST_FINDINGS = 500
"""Number of findings of each kind that a check stores. Its counts are exact."""

OF_NEWEST_HEAD = Q(head_sha=F("pull_request__head_sha"))
"""The condition for checks of the newest heads of their pull requests."""


@pghistory.track(
    pghistory.UpdateEvent("given", condition=pghistory.AnyChange("overridden_at")),
    obj_field=pghistory.ObjForeignKey(related_name="override_events"),
    fields=["repository", "pull_request", "head_sha", "overridden_by", "override_reason", "overridden_at"],
    model_name="OverrideEvent",
)
class PullRequestCheck(models.Model):
    """The judgement of one head of a pull request, or of a group in a forge's merge queue (`merge_group` is
    the group's ref, and `pull_request` is null).

    The head is compared with `base_sha`, which `base_reason` explains, under the version `plan` of the target
    branch's plan, when the target was at `target_sha`. `cause` is what it was judged for the last time.
    `reason` says why there was an error, or in one line what blocks. The counts are exact; the findings are
    limited (MOST_FINDINGS). Of the new and restored ones, `uncounted` don't count as new, because the policy
    is off for their risk or only a date ended their suppression; of the others, waivers cover `waived`.
    `ignored` has the numbers of suppressed findings, of those moved out and of those that are there only
    together with newer commits for whose risk the policy is off: `{"suppressed": 2}`. `clean_before` of
    `files_before` files were clean at the base, and `clean_after` of `files_after` at the head. `notes` are
    sentences about the head, and `phases` has the numbers of fixed and new violations of each phase: `{"…":
    [fixed, new]}`. If `overridden_at` is set, a manager accepted the verdict for `override_reason`;
    `override_covers` has the keys of what blocked then, and their number: `{"keys": […], "total": 3,
    "accepts_error": false}`, as compliance/pull_requests/verdict.py says. Each override is an entry of the
    audit trail.

    There is one row for each head, which is updated when it is judged again. `prune` deletes those of earlier
    heads and of groups after 90 days (docs/storage.md).
    """

    class State(models.TextChoices):
        PENDING = "pending"
        PASSED = "passed"
        FAILED = "failed"
        ERROR = "error"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="pull_request_checks")
    pull_request = models.ForeignKey(
        PullRequest, models.CASCADE, null=True, blank=True, related_name="checks"
    )
    merge_group = models.CharField(max_length=LONGEST_REF, blank=True, default="")
    head_sha = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    reason = models.TextField(blank=True, default="")
    base_sha = models.CharField(max_length=64, blank=True, default="")
    base_reason = models.TextField(blank=True, default="")
    target_sha = models.CharField(max_length=64, blank=True, default="")
    plan = models.ForeignKey(PlanVersion, models.SET_NULL, null=True, blank=True, related_name="+")
    cause = models.TextField(blank=True, default="")
    new = models.PositiveIntegerField(default=0)
    fixed = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    moved_out = models.PositiveIntegerField(default=0, db_default=0)
    suppressed = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    doubts = models.PositiveIntegerField(default=0)
    together = models.PositiveIntegerField(default=0, db_default=0)
    blocking = models.PositiveIntegerField(default=0)
    uncounted = models.PositiveIntegerField(default=0, db_default=0)
    waived = models.PositiveIntegerField(default=0, db_default=0)
    ignored = models.JSONField(default=dict, blank=True, db_default={})
    clean_before = models.PositiveIntegerField(null=True, blank=True)
    files_before = models.PositiveIntegerField(null=True, blank=True)
    clean_after = models.PositiveIntegerField(null=True, blank=True)
    files_after = models.PositiveIntegerField(null=True, blank=True)
    notes = models.JSONField(default=list, blank=True)
    merge_note = models.TextField(blank=True, default="", db_default="")
    phases = models.JSONField(default=dict, blank=True)
    requested_at = models.DateTimeField(db_default=Now())
    judged_at = models.DateTimeField(null=True, blank=True)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    override_reason = models.TextField(blank=True, default="")
    overridden_at = models.DateTimeField(null=True, blank=True)
    override_covers = models.JSONField(default=dict, blank=True, db_default={})

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("pull_request", "head_sha"),
                condition=Q(pull_request__isnull=False),
                name="one_check_per_head",
            ),
            # A ref can be too long for an index entry, so its digest is indexed instead.
            models.UniqueConstraint(
                "repository",
                MD5("merge_group"),
                "head_sha",
                condition=Q(pull_request__isnull=True),
                name="one_check_per_merge_group",
            ),
            models.CheckConstraint(
                condition=Q(pull_request__isnull=False, merge_group="")
                | (Q(pull_request__isnull=True) & ~Q(merge_group="")),
                name="checks_are_of_a_pull_request_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(judged_at__isnull=False), name="verdicts_say_when"
            ),
            models.CheckConstraint(
                condition=Q(overridden_at__isnull=True) | ~Q(override_reason=""),
                name="overrides_have_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=("pull_request", "-id"), name="checks_of_a_pull_request"),
            models.Index(fields=("repository", "-id"), name="checks_of_a_repository"),
        )

    def __str__(self) -> str:
        return f"{self.merge_group or self.pull_request_id} at {self.head_sha[:10]}: {self.state}"

    @property
    def overridden_by_name(self) -> str:
        """Return the user name of the person who overrode the verdict."""
        return self.overridden_by.get_username() if self.overridden_by else "a former user"


class CheckFinding(models.Model):
    """One finding of a check: what the head adds, removes, moves or hides, or why the check is in doubt.

    Findings that the head moves to where the plan doesn't count them, or doesn't see them at all, are moved
    out. `former_path` and `former_line` are where a moved finding was. `is_locked` is true if its file was
    clean or migrated at the base. `ran_out` is true if the date alone ended the suppression of a restored
    finding. `waiver` is an approved one that covers it. `patch` is a patch, or empty.
    `reason` is the one in the comment that suppresses it.

    What breaks only together with the target's newer commits has the commit that causes it in `cause_sha`,
    and the pull request that the commit comes from in `other`; both are empty if unknown. That pull request's
    check has a row about it too, with `in_other` set: there, `other` is the pull request that still has to be
    merged.

    A check has at most MOST_FINDINGS rows of each kind, which are replaced when it is judged again.
    """

    class Kind(models.TextChoices):
        NEW = "new"
        FIXED = "fixed"
        MOVED = "moved"
        MOVED_OUT = "moved out"
        SUPPRESSED = "suppressed"
        RESTORED = "restored"
        DOUBT = "doubt"
        TOGETHER = "together"

    pull_request_check = models.ForeignKey(PullRequestCheck, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    path = models.TextField()
    line = models.PositiveIntegerField(default=0)
    column = models.PositiveIntegerField(default=0)
    rule = models.CharField(max_length=200, blank=True, default="")
    role = models.CharField(max_length=40, blank=True, default="")
    symbol = models.TextField(blank=True, default="")
    scope = models.TextField(blank=True, default="")
    snippet = models.TextField(blank=True, default="")
    message = models.TextField(blank=True, default="")
    risk = models.CharField(max_length=8, choices=Risk.choices, blank=True, default="")
    category = models.CharField(max_length=100, blank=True, default="")
    phases = models.JSONField(default=list, blank=True)
    issues = models.JSONField(default=list, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    former_path = models.TextField(blank=True, default="")
    former_line = models.PositiveIntegerField(default=0)
    is_blocking = models.BooleanField(default=False)
    is_locked = models.BooleanField(default=False)
    ran_out = models.BooleanField(default=False)
    waiver = models.ForeignKey(Waiver, models.SET_NULL, null=True, blank=True, related_name="+")
    other = models.ForeignKey(PullRequest, models.CASCADE, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True, default="", db_default="")
    cause_sha = models.CharField(max_length=64, blank=True, default="", db_default="")
    in_other = models.BooleanField(default=False, db_default=False)
    patch = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("pull_request_check", "kind", "id"), name="findings_of_a_check"),
            models.Index(fields=("other",), condition=Q(in_other=True), name="findings_in_others"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.path}:{self.line}"


COUNT_COLUMNS: Mapping[CheckFinding.Kind, str] = {
    CheckFinding.Kind.NEW: "new",
    CheckFinding.Kind.FIXED: "fixed",
    CheckFinding.Kind.MOVED: "moved",
    CheckFinding.Kind.MOVED_OUT: "moved_out",
    CheckFinding.Kind.SUPPRESSED: "suppressed",
    CheckFinding.Kind.RESTORED: "restored",
    CheckFinding.Kind.DOUBT: "doubts",
    CheckFinding.Kind.TOGETHER: "together",
}
"""The columns of a check that count findings, by kind, except what breaks in another pull request."""
