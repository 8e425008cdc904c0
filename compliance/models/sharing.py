"""Sharing: public links, and subscriptions to the weekly digest."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.repository import Repository
from compliance.models.secret import SecretField


# Excluded from the audit trail, which must never contain a key. Page views aren't actions by a person.
@pghistory.track(exclude=["key", "digest", "last_used_at"])
class PublicLink(models.Model):
    """A public link to a repository's overview, valid through a given date or until it is revoked.

    The key is stored twice: as a digest, for lookups, and encrypted, so that it can be shown again.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="public_links")
    name = models.CharField(max_length=100, blank=True)
    key = SecretField()
    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    until = models.DateField(null=True, blank=True)
    show_commits = models.BooleanField(default=False, db_default=False)
    """If the page shows the subjects and authors of commits, which may name people or internal matters."""
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=~Q(key="") & ~Q(digest=""), name="public_links_have_a_key"),
        )

    def __str__(self) -> str:
        return self.name or f"public link {self.pk}"


class Subscription(models.Model):
    """A person's subscription to a repository's weekly digest, which is sent to the account's e-mail
    address.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="subscriptions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscriptions")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("repository", "person"), name="one_subscription_per_person"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.repository_id}"
