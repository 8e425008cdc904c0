"""Items of the outbox as pages and the API show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from compliance.integrations.apis import APIS
from compliance.integrations.delivery import FAILED, PENDING
from compliance.lib.wording import count_of
from compliance.models import OutboxItem, Repository
from compliance.notifications.digest_messages import DIGEST
from compliance.notifications.topics import TOPICS

State = OutboxItem.State

TITLES: Mapping[str, str] = {
    **{name: topic.title for name, topic in TOPICS.items()},
    "digest": "Weekly digest",
    "claim ends": "Claim that expires soon",
    "waiver requested": "Request for a waiver",
    "waiver decided": "Decision on a waiver",
    "waiver ends": "Waiver that expires soon",
    "waiver expired": "Expired waiver",
    "waiver request expired": "Expired request for a waiver",
    "invitation": "Invitation",
    "reset": "Password reset link",
    "status": "Status of commit",
    "comment": "Comment on pull request",
    "note": "Note on issue",
    "issue": "New issue",
    "channel.test": "Test message",
    DIGEST: "Digest of notifications",
}
"""Titles by the topic of an item."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One entry of an item's log."""

    at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item and what is said about it. An e-mail address is shortened unless all are shown."""

    item: OutboxItem
    title: str
    recipient: str
    summary: str
    attempts: list[Attempt]

    @property
    def route(self) -> str:
        """Return by which channel the item is sent, and to whom. A forge is its own recipient."""
        api = APIS.get(self.item.channel)
        return api.LABEL if api else f"{self.item.channel} to {self.recipient or 'nobody'}"

    @property
    def can_be_sent_again(self) -> bool:
        """Return true if the item failed, was given up or waits for its next attempt."""
        return self.item.state in (*FAILED, State.WAITING)


def outbox(repository: Repository | None = None) -> QuerySet[OutboxItem]:
    """Return the items of a repository, or all of them, the newest first."""
    rows = OutboxItem.objects.select_related("repository").defer("secret").order_by("-pk")
    return rows.filter(repository=repository) if repository else rows


def failed_of(rows: QuerySet[OutboxItem]) -> QuerySet[OutboxItem]:
    """Return the items that had too many attempts or were given up."""
    return rows.filter(state__in=FAILED)


def pending_of(rows: QuerySet[OutboxItem]) -> QuerySet[OutboxItem]:
    """Return the items that wait or are being sent."""
    return rows.filter(state__in=PENDING)


def describe(item: OutboxItem, *, with_address: bool) -> Row:
    """Return what is shown of an item."""
    return Row(
        item=item,
        title=_title(item),
        recipient=item.detail.get("channel") or item.detail.get("username") or _target(item, with_address),
        summary=_summary(item),
        attempts=[_attempt(entry) for entry in reversed(item.log)],
    )


def _title(item: OutboxItem) -> str:
    about = str(item.detail.get("about", ""))
    what = TITLES.get(about, item.kind.capitalize())
    of = item.detail.get("path") or item.detail.get("week") or ""
    match about:
        case "status" if of:
            return f"{what} {of[:10]}"
        case "comment" if of:
            return f"{what} #{of}"
        case "note" if of:
            return f"{what} {of}"
    return f"{what}: {of}" if of else what


def _target(item: OutboxItem, with_address: bool) -> str:
    return item.target if with_address else _shortened(item)


def _shortened(item: OutboxItem) -> str:
    name, at, host = item.target.rpartition("@")
    return f"{name[:1]}…{at}{host}" if at else item.target


def _summary(item: OutboxItem) -> str:
    attempts = count_of(item.attempts, "attempt")
    match item.state:
        case State.SENDING:
            return f"Being sent, attempt {item.attempts}"
        case State.WAITING if item.attempts:
            return f"Waiting for the next attempt after {attempts}"
        case State.WAITING:
            return "Waiting to be sent"
        case State.FAILED:
            return f"Failed after {attempts}"
        case State.GIVEN_UP:
            return f"Given up after {attempts}"
    return f"Sent after {attempts}"


def _attempt(entry: Mapping[str, Any]) -> Attempt:
    return Attempt(parse_datetime(str(entry.get("at", ""))), str(entry.get("outcome", "")))
