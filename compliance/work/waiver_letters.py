"""E-mails about waivers. They are recorded in the caller's transaction; the outbox sends them after it."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from compliance.integrations import delivery
from compliance.lib.dates import written
from compliance.models import Waiver
from compliance.work.claim_letters import letter


def tell_of_request(waiver: Waiver, approvers: Iterable[User]) -> None:
    """Record the e-mails about a request to everybody who may decide on it."""
    _record(waiver, "waiver requested", approvers)


def tell_of_decision(waiver: Waiver) -> None:
    """Record the e-mail to the person who requested a waiver that somebody else has approved or rejected."""
    if waiver.person_id != waiver.decided_by_id:
        _record(waiver, "waiver decided", [waiver.person])


def tell_of_coming_expiry(waiver: Waiver) -> None:
    """Record the e-mail to the person who requested a waiver that expires soon."""
    _record(waiver, "waiver ends", [waiver.person])


def tell_of_expiry(waiver: Waiver) -> None:
    """Record the e-mail to the person who requested a waiver that has expired, approved or not."""
    about = "waiver expired" if waiver.decided_at else "waiver request expired"
    _record(waiver, about, [waiver.person])


def _record(waiver: Waiver, about: str, people: Iterable[User | None]) -> None:
    detail = {
        "about": about,
        "path": waiver.glob,
        "commit": "",
        "until": written(waiver.until) if waiver.until else "",
        "waiver": waiver.pk,
        "state": waiver.state,
        "by": str(waiver.decided_by or ""),
        "comment": waiver.comment,
    }
    addresses = sorted({person.email for person in people if person and person.is_active} - {""})
    delivery.record(
        [
            letter(waiver.repository_id, f"{about}:{waiver.pk}:{address}", {**detail, "to": address})
            for address in addresses
        ]
    )
