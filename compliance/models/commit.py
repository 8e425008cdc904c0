"""Commits on tracked branches, and the dates at which charts show them."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from compliance.lib.field_types import EARLIEST, LATEST, READABLE_SINCE, READABLE_UNTIL
from compliance.models.repository import Repository

_READABLE = (READABLE_SINCE, READABLE_UNTIL)


def dated_at(commit: str = "") -> Coalesce:
    """Return the expression for `Commit.dated_at`. `commit` is the lookup of the commit, ending in `__`."""
    return Coalesce(f"{commit}placed_at", f"{commit}committed_at")


class Commit(models.Model):
    """A commit on the tracked branch. `position` is null if a force push has removed it from the branch.

    `authored_at` and `committed_at` are git's dates. `placed_at` is set if `committed_at` is implausible, for
    example in 1970 or in the future. `dated_at` is the date that charts and periods use.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="commits")
    sha = models.CharField(max_length=64)
    parents = models.JSONField(default=list)
    position = models.PositiveIntegerField(null=True, blank=True)
    author_name = models.TextField()
    author_email = models.TextField()
    authored_at = models.DateTimeField()
    committed_at = models.DateTimeField()
    placed_at = models.DateTimeField(null=True, blank=True)
    subject = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("repository", "-position")
        constraints = (
            models.UniqueConstraint(fields=("repository", "sha"), name="one_row_per_commit"),
            models.UniqueConstraint(fields=("repository", "position"), name="one_commit_per_position"),
            models.CheckConstraint(
                condition=Q(authored_at__range=_READABLE, committed_at__range=_READABLE),
                name="commits_have_readable_dates",
            ),
            models.CheckConstraint(
                condition=Q(placed_at__isnull=True) | Q(placed_at__gte=EARLIEST, placed_at__lt=LATEST),
                name="commits_are_placed_in_range",
            ),
        )
        indexes = (
            models.Index("repository", dated_at(), name="commits_by_date"),
            models.Index(fields=("sha",), name="commits_by_sha", opclasses=("varchar_pattern_ops",)),
            models.Index(
                fields=("repository",), condition=Q(placed_at__isnull=False), name="commits_dated_otherwise"
            ),
        )

    def __str__(self) -> str:
        return f"{self.sha[:10]} {self.subject}"

    @property
    def dated_at(self) -> datetime:
        """Return the date that charts and periods use."""
        return self.placed_at or self.committed_at

    @property
    def height(self) -> int:
        """Return the position of a commit on the tracked branch. Raises `ValueError` for any other commit."""
        if self.position is None:
            raise ValueError(f"Commit {self.sha} is not on the tracked branch.")
        return self.position

    def removed_forms(self) -> models.QuerySet["Commit"]:
        """Return the commits that this one may be a rewritten form of: those that a force push has removed
        from the branch and that were not written before it. A rebase, an amended and a squashed commit keep
        the author's date.
        """
        removed = Commit.objects.filter(repository=self.repository_id, position=None)
        return removed.filter(authored_at__gte=self.authored_at)
