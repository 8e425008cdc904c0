"""Trials of a rule that is being written, before the plan is previewed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.repository import Repository


class PlanTrial(models.Model):
    """A trial of one rule of an edited plan at the newest commit. A repository keeps its latest ones only.

    `text` is the plan's text and `rule` the id of the rule. `outcome` has the format of
    `compliance.scans.plan_trial.Outcome`. Until the trial has ended, it is null, or what was found so far.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="trials")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    rule = models.CharField(max_length=100)
    outcome = models.JSONField(null=True, blank=True)
    trouble = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"trial of {self.rule} in {self.repository_id}"
