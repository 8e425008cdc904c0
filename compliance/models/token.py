"""Tokens of programs that use the API: what each may do, where, until when. Secrets are kept as digests."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.lib.secret_keys import new_key
from compliance.models.repository import Repository

PREFIX = "ssot_"
_ONCE_AN_HOUR = "date_trunc('hour', OLD.used_at) IS DISTINCT FROM date_trunc('hour', NEW.used_at)"
"""How often the trail notes that a token is used: often enough to ask about it, seldom enough to be read."""


def new_token() -> str:
    """A token's secret: 256 bits of chance behind a prefix by which leaked ones can be searched for."""
    return PREFIX + new_key()


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.UpdateEvent("used", condition=pgtrigger.Condition(_ONCE_AN_HOUR)),
    exclude=["digest", "used_at"],
)
class Token(models.Model):
    """The right of a program to use the API, given by a person; for all repositories without `repository`.

    `hint` is the beginning of the secret, by which people tell their tokens apart.
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
    """How often a token, a person or a webhook may still come: `full_at` is when nothing of it is used up."""

    name = models.CharField(max_length=40, primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} is full at {self.full_at}"
