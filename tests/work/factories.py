"""Helpers that several test modules share."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User

from compliance.accounts.roles import Role, give
from compliance.models import OutboxItem, Repository, Waiver
from compliance.work.waivers import approve, request_waiver


def waive(repository: Repository, person: User, reason: str, until: date | None, **what: Any) -> Waiver:
    """Return a waiver that the person requested and that somebody else approved."""
    waiver = request_waiver(repository, person, reason, until, **what)
    if waiver.state == Waiver.State.REQUESTED:
        approver, new = User.objects.get_or_create(username="approver")
        if new:
            give(approver, Role.MANAGER)
        approve(waiver, approver, "")
    return waiver


def recipients(topic: str) -> list[str]:
    """The usernames and addresses to which e-mails about a topic were recorded, one for each e-mail."""
    items = OutboxItem.objects.filter(kind="notice", detail__about=topic)
    return sorted(item.detail.get("username") or item.target for item in items)
