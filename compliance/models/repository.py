"""Tracked repositories and the versions of their migration plans."""

from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from compliance.lib.field_types import LONGEST_REF
from compliance.lib.secret_keys import new_key
from compliance.models.secret import SecretField


def new_secret() -> str:
    """Return a random webhook secret of 256 bits."""
    return new_key()


class RepositoryManager(models.Manager["Repository"]):
    """The repositories that have not been deleted. Django reads the row that a foreign key refers to without
    it, so the rows of a deleted repository still find theirs.
    """

    def get_queryset(self) -> models.QuerySet["Repository"]:
        """Return the repositories."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    def tracked(self) -> models.QuerySet["Repository"]:
        """Return those that are not archived either: they are scanned and polled."""
        return self.get_queryset().filter(archived_at__isnull=True)


def _when(column: str, *, begins: bool) -> Any:
    before, after = (f"{side}__{column}__isnull" for side in ("old", "new"))
    return pghistory.Q(**{before: begins, after: not begins})


@pghistory.track(
    pghistory.InsertEvent("added"),
    pghistory.UpdateEvent("renamed", condition=pghistory.AnyChange("name", "slug")),
    pghistory.UpdateEvent("archived", condition=_when("archived_at", begins=True)),
    pghistory.UpdateEvent("unarchived", condition=_when("archived_at", begins=False)),
    pghistory.UpdateEvent("deleted", condition=_when("deleted_at", begins=True)),
    pghistory.UpdateEvent("restored", condition=_when("deleted_at", begins=False)),
    pghistory.DeleteEvent("removed for good"),
    pghistory.UpdateEvent("history depth", condition=pghistory.AnyChange("history_since", "history_commits")),
    pghistory.ManualEvent("host key accepted"),  # type: ignore[no-untyped-call]
    pghistory.ManualEvent("credentials"),  # type: ignore[no-untyped-call]
    fields=["name", "slug"],
    model_name="RepositoryEvent",
)
@pghistory.track(fields=["plan_path", "plan", "chosen_plan", "chosen_by"], model_name="PlanChoiceEvent")
class Repository(models.Model):
    """A git repository with one tracked branch and one active plan.

    `head` is the newest recorded commit on the tracked branch. `history_done` is true once the first-parent
    history has been recorded down to `history_floor`, the position of the oldest commit that is read. That is
    1, the root, unless a limit was chosen: `history_since`, a day, or `history_commits`, a number of commits.
    The floor is 0 until a job has derived it from the limit.

    `trouble` is the error that prevents the product from reading the repository (empty if there is none), and
    `trouble_kind` is its kind. If a job other than an update found it, or failed unexpectedly, `trouble_job`
    is the kind of that job. `tags_digest` identifies the state of the tags when they were last read.
    `unplanned` names the tip, and the release of the scanner, for which an update found no valid plan; polls
    that find the same request no other update.

    `missing_on` names the machines that lack the folder, if a local folder is tracked; its jobs run on the
    others. `engine_release` is the number of the newest release of the scanner that has evaluated the
    repository, or is about to; workers of older releases leave its jobs alone. `default_branch` was the
    origin's default branch when it was last the tracked one. `owners_digest` identifies the stored CODEOWNERS
    files. `pulls_listed_at` is when the forge was last asked for the open pull requests.

    `url` contains no password. Credentials are stored encrypted in `access`: `user:password` for https, and
    for ssh a private key with the keys of its host (`scanner.SshAccess`). With `uses_connection`, those of
    the attached forge are used instead. `is_confined` marks a folder that was added on a page, which must be
    below one of REPOSITORY_FOLDERS each time it is read.

    An archived repository is shown, but not scanned, polled or changed. A deleted one is shown nowhere
    (`objects` leaves it out, `everything` doesn't) and is removed with all its rows 30 days after
    `deleted_at`.

    `plan` is the active version, under which the newest commit and every push are evaluated. `line_plan` is
    the version whose trend is charted; it differs from `plan` while history is being re-evaluated. If
    `plan_path` is empty, the plan is stored in the product, in the version `chosen_plan`, which was selected
    by `chosen_by`. Otherwise, the plan is read from that file in the repository.
    """

    class Trouble(models.TextChoices):
        """The kind of an error. Its label is the title that pages show."""

        UNREACHABLE = "unreachable", "The repository cannot be reached"
        REFUSED = "refused", "The repository refuses access"
        HOST_KEY = "host key", "The server's ssh key is not the accepted one"
        OWNER = "owner", "The repository belongs to another user"
        NOT_FOUND = "not found", "The repository was not found"
        MOVED = "moved", "The repository has moved"
        NO_ANSWER = "no answer", "The repository timed out"
        ADDRESS = "address", "The repository's address is not allowed"
        EMPTY = "empty", "The repository has no commit yet"
        BRANCH = "branch", "The tracked branch no longer exists"
        SHALLOW = "shallow", "The repository is a shallow clone"
        UNSAFE = "unsafe", "The repository has unsafe objects"
        DAMAGED = "damaged", "The repository is damaged"
        NO_PLAN = "no plan", "There is no plan"
        PLAN = "plan", "The plan has errors"
        DISK = "disk full", "The disk is full"
        FAILED = "failed", "A job failed unexpectedly"
        OTHER = "other", "The repository cannot be read"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=1000)
    access = SecretField(blank=True, default="")
    uses_connection = models.BooleanField(default=False, db_default=False)
    is_confined = models.BooleanField(default=False, db_default=False)
    web_url = models.CharField(max_length=1000, blank=True)
    branch = models.CharField(max_length=LONGEST_REF, blank=True)
    default_branch = models.CharField(max_length=LONGEST_REF, blank=True, default="", db_default="")
    missing_on = ArrayField(models.CharField(max_length=200), blank=True, default=list, db_default=[])
    engine_release = models.PositiveIntegerField(default=0, db_default=0)
    owners_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    webhook_secret = SecretField(default=new_secret)
    former_webhook_secret = SecretField(blank=True, default="")
    plan = models.ForeignKey("PlanVersion", models.SET_NULL, null=True, blank=True, related_name="+")
    line_plan = models.ForeignKey("PlanVersion", models.SET_NULL, null=True, blank=True, related_name="+")
    chosen_plan = models.ForeignKey(
        "PlanVersion", models.SET_NULL, null=True, blank=True, related_name="chosen_for"
    )
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    plan_path = models.CharField(max_length=1000, default="ssot-plan.yaml", blank=True)
    head = models.ForeignKey("Commit", models.SET_NULL, null=True, blank=True, related_name="+")
    history_done = models.BooleanField(default=False)
    history_since = models.DateField(null=True, blank=True)
    history_commits = models.PositiveIntegerField(null=True, blank=True)
    history_floor = models.PositiveIntegerField(default=1, db_default=1)
    line_length = models.PositiveIntegerField(default=0)
    poll = models.BooleanField(default=True)
    poll_failures = models.PositiveSmallIntegerField(default=0)
    tags_digest = models.CharField(max_length=64, blank=True, default="")
    unplanned = models.CharField(max_length=100, blank=True, default="", db_default="")
    polled_at = models.DateTimeField(null=True, blank=True)
    hooked_at = models.DateTimeField(null=True, blank=True)
    pulls_listed_at = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)
    trouble_kind = models.CharField(
        max_length=12, choices=Trouble.choices, blank=True, default="", db_default=""
    )
    trouble_job = models.CharField(max_length=20, blank=True, default="", db_default="")
    claim_days = models.PositiveSmallIntegerField(default=14)
    claim_limit = models.PositiveSmallIntegerField(default=10)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = RepositoryManager()
    everything = models.Manager()  # noqa: DJ012  (a manager, which the linter takes for a field)

    class Meta:
        verbose_name_plural = "repositories"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def trouble_title(self) -> str:
        """Return the title of the current error, or an empty string if there is none."""
        kind = self.trouble_kind or self.Trouble.OTHER
        return str(self.Trouble(kind).label) if self.trouble else ""

    @property
    def unread_commits(self) -> int:
        """Return the number of commits that are older than those that are read, as far as it is known."""
        return max(0, self.history_floor - 1)

    @property
    def needs_access(self) -> bool:
        """Return true if the current error may be over once the repository is read with other credentials."""
        return bool(self.trouble) and self.trouble_kind in {
            self.Trouble.REFUSED,
            self.Trouble.HOST_KEY,
            self.Trouble.NOT_FOUND,
        }

    @property
    def drawn_plan_id(self) -> int | None:
        """Return the id of the version whose trend is charted, without a query."""
        return self.line_plan_id or self.plan_id

    def next_plan_number(self) -> int:
        """Return the number for the repository's next plan version. The caller must lock the repository's row
        first.
        """
        highest: int = self.plans.aggregate(highest=models.Max("number"))["highest"] or 0
        return highest + 1

    @property
    def rejudging(self) -> bool:
        """Return true if history is being re-evaluated, in which case the trend still shows an older
        version.
        """
        return self.plan_id is not None and self.drawn_plan_id != self.plan_id


@pghistory.track()
class PlanVersion(models.Model):
    """One version of the plan, identified by the digest of its content. The text is stored as it was given.

    `engine` is the scanner release that evaluates it; if a newer release has different results, it gets a
    version of its own. `counted` are the categories included in the percentage. `suites` maps each test suite
    to a Python regular expression that must match the entire path.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="plans")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    engine = models.CharField(max_length=16, blank=True, default="")
    name = models.CharField(max_length=300)
    text = models.TextField()
    counted = models.JSONField(default=list)
    target_percent = models.DecimalField(max_digits=4, decimal_places=1)
    suites = models.JSONField(default=dict)
    source = models.CharField(max_length=1100)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("repository", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "digest", "engine"), name="one_version_per_plan_and_engine"
            ),
            models.UniqueConstraint(fields=("repository", "number"), name="plan_versions_are_numbered"),
        )

    def __str__(self) -> str:
        return f"{self.name} (version {self.number})"
