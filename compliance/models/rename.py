"""File renames in the recorded commits."""

from django.db import models

from compliance.models.history import File
from compliance.models.repository import PlanVersion


class Rename(models.Model):
    """A file that the commit at `position` renamed, under one version of the plan.

    `File.renamed_to` is derived from these rows, because a path can be renamed, recreated and renamed again,
    and a force push can undo each of these steps. The table has one row for each rename on the branch. If a
    force push removes a commit, its rows are deleted.
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
