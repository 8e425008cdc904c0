"""Stores measurements and the commits to which they belong. For each name, the newest measurement on the
tracked branch counts.
"""

from datetime import datetime

from django.db import transaction

from compliance.evidence.intake import commit_of, received_at
from compliance.evidence.timeline import reevaluate_since
from compliance.lib.locks import lock_records
from compliance.models import Measurement, Repository, Token


def receive_measurement(
    repository: Repository,
    sha: str,
    name: str,
    value: float,
    unit: str = "",
    *,
    token: Token | None = None,
    at: datetime | None = None,
) -> tuple[Measurement, bool]:
    """Store a value measured at the commit with this full SHA, and re-evaluate the phases. Return true if it
    is new.

    A value that equals the newest one for the same name and commit is not stored again. `at` is the time of
    the measurement.
    """
    with transaction.atomic():
        lock_records(repository.pk)
        known = Measurement.objects.filter(repository=repository, sha=sha, name=name)
        last = known.order_by("-received_at", "-pk").first()
        if last is not None and (last.value, last.unit) == (value, unit):
            return last, False
        measurement = Measurement.objects.create(
            repository=repository,
            sha=sha,
            commit=commit_of(repository, sha),
            name=name,
            value=value,
            unit=unit,
            token=token,
            received_at=received_at(at),
        )
        reevaluate_since(repository, at)
    return measurement, True
