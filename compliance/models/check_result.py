"""Results of CI systems, as forges report them."""

from django.db import models
from django.db.models import Q

from compliance.lib.field_types import EARLIEST, LATEST
from compliance.models.repository import Repository


class CheckResult(models.Model):
    """The newest state of one check of one commit in a CI system. `key` identifies the check.

    A commit has at most 50 checks, and `prune` deletes the rows after 90 days (docs/storage.md).
    """

    class State(models.TextChoices):
        PENDING = "pending", "running"
        PASSED = "passed", "passed"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="check_results")
    sha = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=State.choices)
    url = models.CharField(max_length=1000, blank=True, default="")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "key")
        constraints = (
            models.UniqueConstraint(fields=("repository", "sha", "key"), name="one_row_per_check"),
            models.CheckConstraint(
                condition=Q(updated_at__gte=EARLIEST, updated_at__lt=LATEST),
                name="check_results_have_a_readable_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
