"""Proposed plans: what a repository's own code suggests to migrate."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.repository import Repository


class PlanProposal(models.Model):
    """The newest proposal for a repository, made from the commit `sha`.

    `candidates` has the format of `scanner.Candidate`, best first, and `head` the lines of a plan up to its
    rules. `trouble` says why nothing could be proposed; it is empty if the search succeeded.
    """

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="proposal")
    sha = models.CharField(max_length=64, blank=True)
    head = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    trouble = models.TextField(blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"proposal for {self.repository_id}"
