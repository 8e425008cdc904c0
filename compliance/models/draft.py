"""Plan drafts, which exist from the preview until they are activated or expire."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.repository import PlanVersion, Repository


class PlanDraft(models.Model):
    """A valid plan text with a preview of its effect.

    `base` is the version that was edited. `outcome` is null until the preview exists, and then has the format
    of `compliance.scans.preview.Outcome`. `files` contains `[change, path, category before, category after,
    violations before, violations after]` for each file whose status differs. `version` is the plan version
    that the draft became.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="drafts")
    base = models.ForeignKey(PlanVersion, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.JSONField(null=True, blank=True)
    files = models.JSONField(default=list)
    trouble = models.TextField(blank=True)
    version = models.ForeignKey(PlanVersion, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.repository_id}"
