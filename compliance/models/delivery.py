"""Received webhooks."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.connection import Connection
from compliance.models.repository import Repository
from compliance.models.work import Job


class Delivery(models.Model):
    """A received webhook. A redelivery has the same delivery id and therefore the same row.

    A forge's webhook belongs to a repository, and a tracker's to a connection, which several repositories
    use.

    `prune` empties `payload` after a week and deletes the row after 90 days (docs/storage.md).
    """

    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    connection = models.ForeignKey(
        Connection,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,  # the index of the constraint begins with it
    )
    source = models.CharField(max_length=20)
    delivery_id = models.CharField(max_length=200)
    event = models.CharField(max_length=60)
    outcome = models.TextField(blank=True)
    payload = models.JSONField(default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="deliveries")
    received_at = models.DateTimeField(db_default=Now())
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ("-received_at",)
        # The newest one is part of the state of every open page.
        indexes = (models.Index(fields=("repository", "-received_at"), name="deliveries_by_arrival"),)
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "source", "delivery_id"), name="one_row_per_delivery"
            ),
            models.UniqueConstraint(
                fields=("connection", "source", "delivery_id"),
                condition=Q(connection__isnull=False),
                name="one_row_per_tracker_delivery",
            ),
            models.CheckConstraint(
                condition=Q(repository__isnull=True) ^ Q(connection__isnull=True),
                name="deliveries_have_one_receiver",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.event} {self.delivery_id}"


class RejectedWebhook(models.Model):
    """How often webhooks for a repository or a connection were rejected with status 401, and when last.

    There is one row for each of them and each reason, so a flood makes the table no larger. Nothing of the
    request is stored. Both are null for unknown addresses, so that their responses take as long.
    """

    class Reason(models.TextChoices):
        PROVIDER = "provider", "The webhook's URL names an unknown provider. Copy the URL from Settings."
        SIGNATURE = (
            "signature",
            "The signature is missing or wrong. Copy the secret from Settings to the webhook.",
        )

    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="rejected_webhooks"
    )
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="rejected_webhooks"
    )
    reason = models.CharField(max_length=9, choices=Reason.choices)
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-last_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "connection", "reason"), nulls_distinct=False, name="one_row_per_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.count} rejected: {self.reason}"


class RejectedDelivery(models.Model):
    """One of the newest webhooks for a repository or connection that were rejected. Nothing of their bodies
    is stored.

    `keep_newest` limits the rows to 100 for each repository or connection, and for all unknown addresses
    together, for which both are null. `address` is the path of the URL, without its query.
    """

    MOST = 100

    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="rejected_deliveries"
    )
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="rejected_deliveries"
    )
    provider = models.CharField(max_length=50)
    address = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "rejected deliveries"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}"

    def keep_newest(self) -> None:
        """Delete the rows of the same repository or connection that are older than the newest 100."""
        same = RejectedDelivery.objects.filter(repository=self.repository_id, connection=self.connection_id)
        older = same.order_by("-pk").values("pk")[self.MOST :]
        RejectedDelivery.objects.filter(pk__in=list(older.values_list("pk", flat=True))).delete()
