"""What the walker knows about the newest recorded commit, so that a push reads only the files it changed."""

from django.db import models
from django.db.models.functions import Now

from compliance.models.repository import PlanVersion


class WalkPart(models.Model):
    """A part of what a walker knows under a plan version: everything at one commit, or a step from the part
    before.

    The newest part with `is_full` and the steps after it lead to the commit `sha`. Parts that another engine
    wrote are of no use. `rows_agree` is true if the open violations' rows say what the walker says; after a
    force push, they may have outdated places.

    Steps are replaced by a full part once they are half as large as the one before, and only the active
    version of a plan has parts. A full part has about 100 bytes for each file.
    """

    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="walk_parts")
    engine = models.CharField(max_length=16)
    sha = models.CharField(max_length=64)
    is_full = models.BooleanField()
    rows_agree = models.BooleanField(default=True)
    size = models.PositiveIntegerField()
    body = models.BinaryField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("plan", "pk")
        indexes = (models.Index(fields=("plan", "id"), name="walk_parts_in_order"),)

    def __str__(self) -> str:
        return f"{'everything' if self.is_full else 'step'} at {self.sha[:10]}, {self.size:,} bytes"
