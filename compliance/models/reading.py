"""Reading that machines do for each other: which files of a history or of a tree, and the reports on them."""

from django.db import models
from django.db.models.functions import Now

from compliance.models.repository import PlanVersion


class ReadingRange(models.Model):
    """Files that a machine may read for the job that records a repository's history or its first commit.

    Of a history, these are the files that `count` commits change, going backwards from the commit `sha`. Of a
    tree, they are `count` of its files, beginning with number `first`. A machine that reads a range holds it
    until `taken_until`. The recording job deletes ranges when it reaches them, so a repository has about a
    hundred at most.
    """

    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="reading_ranges")
    engine = models.CharField(max_length=16)
    sha = models.CharField(max_length=64)
    is_tree = models.BooleanField()
    first = models.PositiveIntegerField(default=0)
    count = models.PositiveIntegerField()
    taken_until = models.DateTimeField(null=True, blank=True)
    is_read = models.BooleanField(default=False)

    class Meta:
        ordering = ("plan", "pk")
        indexes = (models.Index(fields=("plan", "id"), name="reading_ranges_in_order"),)

    def __str__(self) -> str:
        return f"{self.count} {'files' if self.is_tree else 'commits'} from {self.sha[:10]}"


class SharedReport(models.Model):
    """A report on a file that a machine has read for another one.

    The key is a digest of the path, the blob, the rules and the release of the scanner. Reports are pruned by
    age and by number (docs/storage.md).
    """

    key = models.UUIDField(primary_key=True)
    body = models.BinaryField()
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("key",)
        indexes = (models.Index(fields=("stored_at",), name="shared_reports_by_age"),)

    def __str__(self) -> str:
        return f"report {self.key}, {len(self.body):,} bytes"
