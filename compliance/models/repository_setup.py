"""Repositories that are about to be added, and the slugs that renamed ones had before."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.lib.field_types import LONGEST_REF
from compliance.models.connection import Connection
from compliance.models.repository import Repository
from compliance.models.secret import SecretField


class RepositorySetup(models.Model):
    """An address that an administrator has entered, from the check of the address until the repository is
    added.

    `access` is what `Repository.access` will be, unless the credentials of `connection` are used. `branches`
    has the names of the first branches, and `branch_count` is the number of all. `estimate` has the size and
    the numbers of commits for each choice of a history (`compliance.scans.repository_setup`). `repository` is
    the repository that was added. A row is deleted 7 days after it was made.
    """

    class State(models.TextChoices):
        CHECKING = "checking"
        READY = "ready"
        FAILED = "failed"
        ADDED = "added"

    url = models.CharField(max_length=1000)
    access = SecretField(blank=True, default="")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, blank=True, related_name="+")
    is_confined = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECKING)
    trouble = models.TextField(blank=True, default="")
    trouble_kind = models.CharField(max_length=12, choices=Repository.Trouble.choices, blank=True, default="")
    branches = models.JSONField(default=list)
    branch_count = models.PositiveIntegerField(default=0)
    default_branch = models.CharField(max_length=LONGEST_REF, blank=True, default="")
    estimate = models.JSONField(default=dict)
    repository = models.ForeignKey(Repository, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.url} ({self.state})"


class UnreadHistory(models.Model):
    """The commits of a tracked branch that are older than those that are read.

    `months` has a pair of a month (`2024-01`) and the number of its commits, the newest month first, for the
    estimates that are shown before history is read further back. A repository whose whole history is read
    has no row.
    """

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="unread_history")
    months = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{sum(number for _, number in self.months):,} commits of {self.repository_id}"


class FormerSlug(models.Model):
    """A slug that a repository had before it was renamed. Its pages redirect, and webhooks and the API still
    accept it, until the repository is removed.
    """

    slug = models.SlugField(unique=True)
    repository = models.ForeignKey(Repository, models.CASCADE, related_name="former_slugs")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug
