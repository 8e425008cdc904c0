"""The records that scans write: figures for each commit, the states of each file and the lifetime of each
violation.

Lifetimes are intervals of positions in the first-parent history, counted from the root, which has position 1.
A null start means “as far back as history has been read”, and a null end means “until now”, so a commit only
adds rows for its changes.
"""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Left, Now

from compliance.models.commit import Commit
from compliance.models.path_parts import PathParts
from compliance.models.path_words import PathWords
from compliance.models.repository import PlanVersion, Repository
from compliance.models.risk import Risk, risk_rank

INDEXED_PATH = 500
"""Number of characters of a path by which lists are sorted. An index has no room for the longest paths."""


class Snapshot(models.Model):
    """The figures for one commit under one version of the plan.

    The counts cover the categories that the plan counts. `by` maps each dimension (rule, risk, category,
    phase, issue) to keys, and each key to `[violations, files with violations]`. `category_files` maps each
    category to its number of readable files. `waived` contains how much of these counts the waivers of that
    time cover (see compliance/progress/waiver_figures.py), or is empty if they cover nothing; the counts
    include it. `new`, `fixed`, `newly_suppressed`, `restored` (no longer suppressed), `moved`, `moved_in` and
    `moved_out` (across the border of the counted categories), `files_added` and `files_gone` are relative to
    the first parent and cover the counted categories.

    `files_renamed` of the added and gone files are the same file under another path. `clean_added` and
    `clean_gone` count clean files among the others, and `became_clean` and `became_unclean` files that were
    counted before and after. `fixed_gone` of the fixed violations were in files that were removed. `outside`
    maps each category that isn't counted to kinds of changes, and each kind to its number of violations.
    compliance/progress/effects.py explains a commit's step from these.
    """

    commit = models.ForeignKey(Commit, models.CASCADE, related_name="snapshots")
    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="snapshots")
    files = models.PositiveIntegerField()
    clean = models.PositiveIntegerField()  # type: ignore[assignment]  # shadows a method that this model doesn't need
    violations = models.PositiveIntegerField()
    files_with_violations = models.PositiveIntegerField()
    old_sites = models.PositiveIntegerField()
    new_sites = models.PositiveIntegerField()
    suppressed = models.PositiveIntegerField()
    unparsed = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    new = models.PositiveIntegerField()
    fixed = models.PositiveIntegerField()
    newly_suppressed = models.PositiveIntegerField(default=0, db_default=0)
    restored = models.PositiveIntegerField(default=0, db_default=0)
    moved = models.PositiveIntegerField()
    moved_in = models.PositiveIntegerField(default=0, db_default=0)
    moved_out = models.PositiveIntegerField(default=0, db_default=0)
    files_added = models.PositiveIntegerField()
    files_gone = models.PositiveIntegerField()
    files_renamed = models.PositiveIntegerField(default=0, db_default=0)
    clean_added = models.PositiveIntegerField(default=0, db_default=0)
    clean_gone = models.PositiveIntegerField(default=0, db_default=0)
    fixed_gone = models.PositiveIntegerField(default=0, db_default=0)
    became_clean = models.PositiveIntegerField(default=0, db_default=0)
    became_unclean = models.PositiveIntegerField(default=0, db_default=0)
    outside = models.JSONField(default=dict, db_default={})
    by = models.JSONField()
    category_files = models.JSONField()
    waived = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("plan", "id"), name="snapshots_by_arrival"),)
        constraints = (
            models.UniqueConstraint(fields=("plan", "commit"), name="one_snapshot_per_commit_and_plan"),
            models.CheckConstraint(condition=Q(clean__lte=F("files")), name="clean_files_are_files"),
            models.CheckConstraint(
                condition=Q(files_with_violations__lte=F("violations")),
                name="violating_files_have_violations",
            ),
        )

    def __str__(self) -> str:
        return f"{self.clean} of {self.files} files at {self.commit_id}"

    @property
    def waived_violations(self) -> int:
        """Return how many of the counted violations are waived."""
        return int(self.waived.get("violations", 0))

    @property
    def unclean_unparsed(self) -> int:
        """Return the number of files that have no violations but aren't clean, because they can't be parsed
        and contain names from the plan.
        """
        return max(0, self.files - self.clean - self.files_with_violations)

    @property
    def clean_with_waivers(self) -> int:
        """Return the number of files that would be clean if the waived violations were fixed."""
        return self.clean - int(self.waived.get("clean", 0))


class File(models.Model):
    """A path in a repository. `status` is derived from the records and never entered by hand.

    `violations` is the number of violations that currently count, and `waived` says how many of them are
    waived. Suppressed ones don't count and have their own number.
    """

    class Status(models.TextChoices):
        CLEAN = "clean"
        OPEN = "open"
        CLAIMED = "claimed"
        IN_PROGRESS = "in progress"
        MIGRATED = "migrated"
        REGRESSED = "regressed"
        WAIVED = "waived"
        SUPPRESSED = "suppressed"
        GONE = "gone"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="files")
    path = models.TextField()
    renamed_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="renamed_from"
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CLEAN)
    category = models.CharField(max_length=100, blank=True)
    violations = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(default=0)
    waived = models.PositiveIntegerField(default=0)
    worst_risk = models.CharField(max_length=8, choices=Risk.choices, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # A path can be too long for an index entry, so its digest is indexed instead.
        constraints = (models.UniqueConstraint("repository", MD5("path"), name="one_row_per_path"),)
        indexes = (
            HashIndex(fields=("path",), name="files_by_path"),
            GinIndex(PathWords("path"), name="files_by_words"),
            GinIndex(PathParts("path"), name="files_by_parts"),
            models.Index(fields=("repository", "status", "-violations"), name="files_by_status"),
            models.Index(
                F("repository"),
                0 - F("violations"),
                Left("path", INDEXED_PATH),
                F("id"),
                condition=~Q(status="gone"),
                name="files_by_violations",
            ),
        )

    def __str__(self) -> str:
        return self.path

    @property
    def left_to_fix(self) -> int:
        """Return the number of violations that nobody has accepted."""
        return self.violations - self.waived


class FileState(models.Model):
    """The state of a file from one position to another (both inclusive). Each change to the file adds a
    row.
    """

    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="file_states")
    file = models.ForeignKey(File, models.CASCADE, related_name="states")
    first = models.PositiveIntegerField(null=True, blank=True)
    last = models.PositiveIntegerField(null=True, blank=True)
    category = models.CharField(max_length=100)
    violations = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(default=0)
    old_sites = models.PositiveIntegerField(default=0)
    new_sites = models.PositiveIntegerField(default=0)
    tainted = models.BooleanField(default=False)
    unparsed = models.TextField(blank=True)
    unparsed_line = models.PositiveIntegerField(default=0)
    skipped = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "file"), condition=Q(last__isnull=True), name="one_current_state_per_file"
            ),
            models.CheckConstraint(
                condition=Q(first__isnull=True) | Q(last__isnull=True) | Q(first__lte=F("last")),
                name="file_states_run_forward",
            ),
        )
        indexes = (
            models.Index(fields=("plan", "first"), name="file_states_by_start"),
            models.Index(fields=("plan", "last"), name="file_states_by_end"),
            models.Index(
                fields=("plan",), condition=~Q(unparsed="") | ~Q(skipped=""), name="file_states_with_faults"
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_id}: {self.violations} from {self.first} to {self.last}"


_REPLACED = pgtrigger.UpdateOf("file_id", "last")  # type: ignore[no-untyped-call]  # the library lacks the type
_OPEN = Q(last__isnull=True, suppressed=False)


class Violation(models.Model):
    """A violation of a rule, from the commit that introduced it to the commit that resolved it.

    `file`, `line` and similar columns give its location at the newest commit of its lifetime, and
    `origin_path` and `origin_fingerprint` its location at the oldest recorded one. `introduced` is null until
    the backfill has reached that commit. `resolved` is the first commit without the violation. If a comment
    suppresses the violation, its lifetime ends as `silenced` (which doesn't mean fixed) and a suppressed one
    begins. When it counts again, a `restored` one begins, which `ran_out` if no commit but the date ended the
    suppression. All rows in such a sequence have the same `thread`.

    `path_key` is the beginning of the file's path while the violation is current. A trigger sets it, so that
    lists of current violations are sorted by an index.
    """

    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="violations")
    file = models.ForeignKey(File, models.CASCADE, related_name="violations_rows")
    introduced = models.ForeignKey(
        Commit, models.SET_NULL, null=True, blank=True, related_name="introductions"
    )
    resolved = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="resolutions")
    first = models.PositiveIntegerField(null=True, blank=True)
    last = models.PositiveIntegerField(null=True, blank=True)
    rule = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    symbol = models.TextField(blank=True)
    scope = models.TextField(blank=True)
    risk = models.CharField(max_length=8, choices=Risk.choices)
    category = models.CharField(max_length=100)
    message = models.TextField(blank=True)
    snippet = models.TextField(blank=True)
    line = models.PositiveIntegerField()
    column = models.PositiveIntegerField()
    end_line = models.PositiveIntegerField()
    end_column = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    origin_path = models.TextField()
    origin_fingerprint = models.CharField(max_length=64)
    issues = models.JSONField(default=list)
    phases = models.JSONField(default=list)
    counted = models.BooleanField()
    suppressed = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    silenced = models.BooleanField(default=False, db_default=False)
    restored = models.BooleanField(default=False, db_default=False)
    ran_out = models.BooleanField(default=False, db_default=False)
    thread = models.UUIDField(null=True, blank=True)
    waiver = models.ForeignKey("Waiver", models.SET_NULL, null=True, blank=True, related_name="violations")
    path_key = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "file", "fingerprint"),
                condition=Q(last__isnull=True),
                name="one_current_violation_per_fingerprint",
            ),
            models.CheckConstraint(
                condition=Q(first__isnull=True) | Q(last__isnull=True) | Q(first__lte=F("last")),
                name="violations_run_forward",
            ),
        )
        indexes = (
            models.Index(fields=("plan", "first"), name="violations_by_start"),
            models.Index(fields=("plan", "last"), name="violations_by_end"),
            models.Index(fields=("thread",), condition=Q(thread__isnull=False), name="violations_by_thread"),
            models.Index(
                F("plan"),
                risk_rank("risk"),
                F("path_key"),
                F("line"),
                F("id"),
                condition=_OPEN,
                name="open_violations_by_risk",
            ),
            models.Index(
                fields=("plan", "suppressed"),
                condition=Q(last__isnull=True) & (Q(suppressed=True) | Q(waiver__isnull=False)),
                name="accepted_violations",
            ),
            GinIndex(
                fields=("phases", "issues"),
                opclasses=("jsonb_path_ops", "jsonb_path_ops"),
                condition=_OPEN,
                name="open_violations_by_slice",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="set_path_key",
                operation=pgtrigger.Insert | _REPLACED,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__last__isnull=True),
                func=f"""
                    NEW.path_key := (
                        SELECT left(path, {INDEXED_PATH}) FROM compliance_file WHERE id = NEW.file_id
                    );
                    RETURN NEW;
                """,  # noqa: S608  (made of a constant)
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} at {self.file_id}:{self.line}"


class Change(models.Model):
    """The effect of a commit on a violation. It contains all details, so it can be kept after the violation's
    row is deleted.

    `ran_out` is true for a violation that counts again because the comment's last day is over. The file's
    text is the same, so that is nobody's work. `file_gone` is true for a fixed one whose file was removed.
    """

    class Kind(models.TextChoices):
        NEW = "new"
        FIXED = "fixed"
        MOVED = "moved"
        SUPPRESSED = "suppressed"
        RESTORED = "restored", "Counts again"

    commit = models.ForeignKey(Commit, models.CASCADE, related_name="changes")
    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="+")
    violation = models.ForeignKey(Violation, models.SET_NULL, null=True, blank=True, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    rung = models.CharField(max_length=12, blank=True)
    rule = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    symbol = models.TextField(blank=True)
    risk = models.CharField(max_length=8, choices=Risk.choices)
    category = models.CharField(max_length=100)
    counted = models.BooleanField()
    path = models.TextField()
    line = models.PositiveIntegerField()
    snippet = models.TextField(blank=True)
    old_path = models.TextField(blank=True)
    old_line = models.PositiveIntegerField(null=True, blank=True)
    old_snippet = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    old_fingerprint = models.CharField(max_length=64, blank=True)
    regression = models.BooleanField(default=False)
    ran_out = models.BooleanField(default=False, db_default=False)
    file_gone = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("commit", "kind", "path", "line")
        indexes = (
            models.Index(fields=("plan", "commit", "kind"), name="changes_of_a_commit"),
            models.Index(
                fields=("plan", "commit"), condition=Q(regression=True), name="regressions_by_commit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.rule} at {self.path}:{self.line}"
