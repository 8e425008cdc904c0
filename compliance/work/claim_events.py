"""Emits events about claims (compliance/notifications/topics/claims.py)."""

from compliance.events import emit
from compliance.lib.dates import written
from compliance.models import Claim


def claim_expires(claim: Claim) -> None:
    """Emit that a claim expires soon, once for each end that it has."""
    emit(
        "claim.expiring",
        f"{claim.pk}:{claim.until.isoformat()}",  # two ends of a claim may be on one day
        repository=claim.file.repository,
        person=claim.person,
        detail={
            "path": claim.file.path,
            "file": claim.file_id,
            "until": written(claim.until),
            "claim": claim.pk,
        },
    )
