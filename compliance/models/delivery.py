"""Received webhooks and outgoing notifications."""

from django.db import models
from django.db.models.functions import Now

from compliance.models.repository import Repository
from compliance.models.work import Job


class Delivery(models.Model):
    """A received webhook. A redelivery has the same delivery id and therefore the same row."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="deliveries")
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
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "source", "delivery_id"), name="one_row_per_delivery"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.event} {self.delivery_id}"


class Notice(models.Model):
    """A message to send through a channel. `key` identifies its subject, so that it is sent only once."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    detail = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("repository", "channel", "key"), name="one_row_per_notice"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"
