"""The protocol that a notification channel implements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from compliance.models import Notice, Repository
from compliance.notifications.digest_content import Content


class UnacceptedError(OSError):
    """The channel's server did not accept a message, which is sent again later; the text is its answer."""


class RejectedError(UnacceptedError):
    """The channel's server rejected the recipient for good: the message is not sent again."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of one repository's weekly digest."""

    repository: int
    key: str
    """Identifies the recipient within the channel; stored, so it must not change. At most 200 characters."""
    since: datetime | None = None
    """The recipient gets no digest that was due before this time."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON that is stored with the message; `person`, a user's key, shows that user's name on the page."""
    data: Any = None
    """What else `send` needs; not stored."""


class Channel(Protocol):
    """One module of `channels`: whom it sends the weekly digest to, and how."""

    NAME: str
    """Stored with every message, so it must not change. At most 20 characters."""

    def recipients(self, repositories: QuerySet[Repository]) -> Iterable[Recipient]:
        """Return the recipients of these repositories' digests; none if the channel isn't configured."""
        ...

    def send(self, notice: Notice, recipient: Recipient, content: Content) -> None:
        """Send one digest, and return once it was accepted.

        Raises:
            RejectedError: the recipient was rejected for good.
            OSError: it was not accepted; it is sent again later.
        """
        ...
