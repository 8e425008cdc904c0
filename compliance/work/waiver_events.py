"""Emits events about waivers (compliance/notifications/topics/waivers.py)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User

from compliance.events import emit
from compliance.lib.dates import written
from compliance.models import NotificationEvent, Waiver

EXPIRING = "waiver.expiring"


def waiver_requested(waiver: Waiver, approvers: Iterable[User]) -> None:
    """Emit that a request waits for a decision. It concerns everybody who may decide."""
    emit(
        "waiver.requested",
        str(waiver.pk),
        repository=waiver.repository,
        people=[person.pk for person in approvers],
        actor=waiver.person,
        detail=_detail(waiver),
    )


def waiver_decided(waiver: Waiver) -> None:
    """Emit that a request was approved or rejected."""
    emit(
        "waiver.decided",
        str(waiver.pk),
        repository=waiver.repository,
        person=waiver.person,
        actor=waiver.decided_by,
        detail=_detail(waiver),
    )


def waivers_expire(waivers: Iterable[Waiver]) -> None:
    """Emit that waivers expire soon, once for each last day that they have."""
    keys = {f"{waiver.pk}:{waiver.until}": waiver for waiver in waivers}
    known = NotificationEvent.objects.filter(topic=EXPIRING, key__in=list(keys))
    for key in keys.keys() - set(known.values_list("key", flat=True)):
        waiver = keys[key]
        emit(EXPIRING, key, repository=waiver.repository, person=waiver.person, detail=_detail(waiver))


def waiver_expired(waiver: Waiver) -> None:
    """Emit that a waiver has expired, or a request on which nobody decided."""
    emit(
        "waiver.expired",
        str(waiver.pk),
        repository=waiver.repository,
        person=waiver.person,
        detail=_detail(waiver),
    )


def _detail(waiver: Waiver) -> dict[str, Any]:
    return {
        "waiver": waiver.pk,
        "path": waiver.glob,
        "rule": waiver.rule,
        "reason": waiver.reason,
        "until": written(waiver.until) if waiver.until else "",
        "state": waiver.state,
        "requested_by": str(waiver.person or ""),
        "decided_by": str(waiver.decided_by or ""),
        "comment": waiver.comment,
    }
