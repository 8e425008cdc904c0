"""Sends what is in the outbox, as a worker does."""

from django.db.models.functions import Now

from compliance import jobs, tasks
from compliance.integrations import delivery
from compliance.models import OutboxItem


def send_outbox() -> None:
    """Send every item that waits, as if it were due."""
    OutboxItem.objects.filter(state="waiting").update(next_at=Now())
    delivery.resume()
    jobs.work(tasks.KINDS, "test")
