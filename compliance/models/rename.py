"""The renames of files that the recorded commits contain."""

from django.db import models

from compliance.models.history import File
from compliance.models.repository import PlanVersion


class Rename(models.Model):
    """One file that the commit at `position` renamed, under one version of the plan.

    `File.renamed_to` is derived from these rows: a path can be renamed, come back and be renamed again, and a
    force push can undo each. One row for each rename of the branch; a force push deletes those it removes.
    """

    plan = models.ForeignKey(PlanVersion, models.CASCADE, related_name="+")
    old = models.ForeignKey(File, models.CASCADE, related_name="+")
    new = models.ForeignKey(File, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "old", "position"), name="one_rename_per_file_and_commit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.old_id} to {self.new_id} at {self.position}"
