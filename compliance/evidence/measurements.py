"""Measurements: kept with their commit; the newest of a name on the line counts."""

from datetime import datetime

from django.db import transaction

from compliance.evidence.intake import commit_of, received_at
from compliance.evidence.timeline import reevaluate_since
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
    """Keep a measured value of a commit by its whole SHA, and evaluate the phases anew; whether it is new.

    The same value as the newest of that name and commit is kept once. `at` is when it was measured.
    """
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).only("pk").get(pk=repository.pk)
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
