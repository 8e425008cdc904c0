"""The commit that a plan version's progress and regressions are measured from."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.commit import Commit
from compliance.models.repository import PlanVersion


@pghistory.track(
    # What a manager sets is in the trail; what the product chooses follows from the records.
    pghistory.UpdateEvent(
        condition=pghistory.Q(old__commit__df=pghistory.F("new__commit"), new__person__isnull=False)
    ),
    fields=["plan", "commit", "person"],
    model_name="BaselineEvent",
)
class Baseline(models.Model):
    """A plan version's baseline. One row for each version that was active, written when it is activated.

    `tip` is the position of the newest commit at that time: later commits are no candidates. `commit` is
    null until history is complete, and after a force push that removed the commit from the branch. `person`
    is the manager who set it; null where the product chose it.
    """

    plan = models.OneToOneField(PlanVersion, models.CASCADE, related_name="baseline")
    tip = models.PositiveIntegerField()
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="baselines")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"baseline of {self.plan_id}: {self.commit_id}"
