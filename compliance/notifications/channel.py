"""The protocol that every notification channel implements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from compliance.models import Notice, Repository
from compliance.notifications.digest_content import Content


class UnacceptedError(OSError):
    """Raised if the channel's server didn't accept a message, which will be sent again later. The text is the
    server's reply.
    """


class RejectedError(UnacceptedError):
    """Raised if the channel's server permanently rejected the recipient. The message is not sent again."""


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
    """The name that is stored with every message, so it must not change. At most 20 characters."""

    def recipients(self, repositories: QuerySet[Repository]) -> Iterable[Recipient]:
        """Return the recipients of these repositories' digests, or none if the channel isn't configured."""
        ...

    def send(self, notice: Notice, recipient: Recipient, content: Content) -> None:
        """Send one digest, and return once it has been accepted.

        Raises:
            RejectedError: if the recipient was permanently rejected.
            OSError: if the digest was not accepted; it is sent again later.
        """
        ...
