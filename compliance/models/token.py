"""API tokens: scope, repository and expiry. Secrets are stored as digests."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.lib.secret_keys import new_key
from compliance.models.repository import Repository

PREFIX = "ssot_"
_ONCE_AN_HOUR = "date_trunc('hour', OLD.used_at) IS DISTINCT FROM date_trunc('hour', NEW.used_at)"
"""Condition under which the audit trail records a token's use: at most once per hour, so that it stays
readable.
"""


def new_token() -> str:
    """Return a random 256-bit secret, with a prefix for which secret scanners can search."""
    return PREFIX + new_key()


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.UpdateEvent("used", condition=pgtrigger.Condition(_ONCE_AN_HOUR)),
    exclude=["digest", "used_at"],
)
class Token(models.Model):
    """An API token that a person created for a program. Without `repository`, it is valid for all
    repositories.

    `hint` is the beginning of the secret, which helps to tell tokens apart.
    """

    class Scope(models.TextChoices):
        READ = "read", "read"
        EVIDENCE = "evidence", "send evidence"
        WRITE = "write", "read and write everything"

    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    repository = models.ForeignKey(Repository, models.CASCADE, null=True, blank=True, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name} ({self.scope})"


class Allowance(models.Model):
    """The rate limit of a token, person or webhook. `full_at` is the time at which its bucket will be full
    again.
    """

    name = models.CharField(max_length=40, primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} is full at {self.full_at}"
