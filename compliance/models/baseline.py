"""The commit from which a plan version's progress and regressions are measured."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.commit import Commit
from compliance.models.repository import PlanVersion


@pghistory.track(
    # The audit trail contains only baselines that a manager set, because those that the product chooses can
    # be derived from the records.
    pghistory.UpdateEvent(
        condition=pghistory.Q(old__commit__df=pghistory.F("new__commit"), new__person__isnull=False)
    ),
    fields=["plan", "commit", "person"],
    model_name="BaselineEvent",
)
class Baseline(models.Model):
    """A plan version's baseline. There is one row for each version that has been active, created on
    activation.

    `tip` is the position of the newest commit at that time. Later commits can't become the baseline. `commit`
    is null until history is complete, and after a force push has removed the commit from the branch. `person`
    is the manager who set the baseline, or null if the product chose it, among the commits from the position
    `floor` on.

    A force push can be taken back. `activated` is therefore the newest commit at activation, for which `tip`
    stands while it is on the branch, and `removed` the baseline that a force push removed, with the manager
    who had set it. Both are null if they are unknown or nothing was removed.
    """

    plan = models.OneToOneField(PlanVersion, models.CASCADE, related_name="baseline")
    tip = models.PositiveIntegerField()
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="baselines")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    floor = models.PositiveIntegerField(default=1, db_default=1)
    activated = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="+")
    removed = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="+")
    removed_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"baseline of {self.plan_id}: {self.commit_id}"
