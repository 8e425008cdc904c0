"""How many webhooks of a tracker's connection were rejected, and those to unknown addresses. `queries.scans`
lists the newest ones of a connection.
"""

from dataclasses import dataclass
from datetime import datetime

from compliance.models import Connection, RejectedDelivery, RejectedWebhook

_REASONS = {
    RejectedWebhook.Reason.PROVIDER: "The webhook's URL names another provider. Copy the URL from this page.",
    RejectedWebhook.Reason.SIGNATURE: (
        "The signature or the secret is missing, wrong or too old. Copy the secret from this page to the "
        "webhook, and check the clock of the server."
    ),
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """How often webhooks were rejected for one reason, and how to fix it."""

    count: int
    first_at: datetime
    last_at: datetime
    advice: str


def rejections(connection: Connection) -> list[Rejection]:
    """Return what was rejected, the latest reason first."""
    return [
        Rejection(row.count, row.first_at, row.last_at, _REASONS[RejectedWebhook.Reason(row.reason)])
        for row in RejectedWebhook.objects.filter(connection=connection)
    ]


def unknown_addresses() -> list[RejectedDelivery]:
    """Return the newest rejected webhooks whose addresses name no repository or connection."""
    rows = RejectedDelivery.objects.filter(repository=None, connection=None)
    return list(rows[: RejectedDelivery.MOST])
