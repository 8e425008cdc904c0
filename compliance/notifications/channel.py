"""The protocol that every notification channel implements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from compliance.integrations.delivery import Message
from compliance.models import OutboxItem, Repository
from compliance.notifications.digest_content import Content


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of one repository's weekly digest."""

    repository: int
    key: str
    """Identifies the recipient within the channel. It is stored, so it must not change. At most 200
    characters.
    """
    since: datetime | None = None
    """The recipient gets no digests that were due before this time."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON data that is stored with the message. `person` is the key of a user whose name the page shows."""
    data: Any = None
    """Any other data that `send` needs. It is not stored."""


class Channel(Protocol):
    """A module in `channels`, which determines who receives the weekly digest through it, and how."""

    NAME: str
    """The name that is stored with every item, so it must not change. At most 20 characters."""

    def recipients(self, repositories: QuerySet[Repository]) -> Iterable[Recipient]:
        """Return the recipients of these repositories' digests, or none if the channel isn't configured."""
        ...

    def host(self) -> str:
        """Return the server, which gets a limited number of messages at the same time."""
        ...

    def build(self, item: OutboxItem, recipient: Recipient, content: Content) -> Message:
        """Build one digest. Its `send` returns once the digest has been accepted.

        `send` raises `RejectedError` if the recipient was permanently rejected, and any other OSError if the
        digest was not accepted and is to be sent again later.
        """
        ...
