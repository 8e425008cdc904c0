"""What blocks a pull request in a repository."""

import pghistory
from django.db import models

from compliance.models.repository import Repository


@pghistory.track()
class GatePolicy(models.Model):
    """What a repository's checks do about new violations: block the pull request, warn, or nothing.

    `by_risk` has the levels of risks that differ from `level`: `{"critical": "block"}`. `suppressions` is
    about violations that the head suppresses. With `locks`, a new violation in a file that was clean or
    migrated at the base blocks unless the level is off. With `comments`, what was found is also written as a
    comment on the pull request.

    There is at most one row for each repository. Without one, the defaults apply.
    """

    class Level(models.TextChoices):
        BLOCK = "block"
        WARN = "warn"
        OFF = "off"

    class Suppressions(models.TextChoices):
        ALLOW = "allow"
        WARN = "warn"
        BLOCK = "block"

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="gate_policy")
    level = models.CharField(max_length=5, choices=Level.choices, default=Level.WARN)
    by_risk = models.JSONField(default=dict, blank=True)
    suppressions = models.CharField(max_length=5, choices=Suppressions.choices, default=Suppressions.WARN)
    locks = models.BooleanField(default=True)
    comments = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"policy of {self.repository_id}: {self.level}"
