"""Tells people that somebody else has their claim now, or that a manager released it."""

from collections.abc import Collection
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from compliance.events import emit
from compliance.models import Claim

TOPIC = "claim.taken"

REMEMBERED = timedelta(days=30)
"""Time for which the holder of a claim that expired is told if somebody else claims the file."""


def tell_of_transfer(former: Claim, taken: Claim) -> None:
    """Report to the holder of a claim that another person has accepted it."""
    _emit(former, f"{taken.pk}", "accepted", taken.person)


def tell_of_release(claim: Claim, by: User) -> None:
    """Report to the holder of a claim that somebody else released it."""
    if claim.person_id != by.pk:
        _emit(claim, f"{claim.pk} released", "released", by)


def tell_of_new_claims(claims: Collection[Claim]) -> None:
    """Report new claims on files to those whose claims on them expired not long ago, in one query."""
    holders = {claim.file_id: claim for claim in claims}
    earlier = Claim.objects.filter(file__in=holders).exclude(state=Claim.State.ACTIVE)
    newest = earlier.order_by("file_id", F("ended_at").desc(nulls_last=True)).distinct("file_id")
    since = timezone.now() - REMEMBERED
    for former in newest.select_related("file__repository", "person"):
        taken = holders[former.file_id]
        expired = former.state == Claim.State.EXPIRED and former.ended_at and former.ended_at > since
        if expired and former.person_id != taken.person_id:
            _emit(former, f"{taken.pk}", "claimed", taken.person)


def _emit(former: Claim, key: str, how: str, by: User) -> None:
    file = former.file
    emit(
        TOPIC,
        key,
        repository=file.repository,
        person=former.person,
        actor=by,
        detail={"path": file.path, "file": file.pk, "how": how, "by": by.get_username()},
    )
