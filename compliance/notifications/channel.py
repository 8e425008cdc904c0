"""The protocol that every kind of channel implements, as a module in `channels`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from compliance.integrations.delivery import RejectedError, Sent
from compliance.notifications.message import Message


class ChannelGoneError(RejectedError):
    """Raised if a channel no longer exists at the receiver, so that nothing more can be sent to it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one message goes.

    `id` is the same for all attempts to send it. `secrets` sign it, the current one first, and
    `recorded_at` is when the message was recorded.
    """

    url: str
    id: str
    recorded_at: datetime
    secrets: tuple[str, ...] = ()


class ChannelKind(Protocol):
    """A module in `channels`, which renders messages for one kind of receiver and sends them there."""

    NAME: str
    """The name that is stored with every channel and item, so it must not change. At most 20 characters."""

    LABEL: str
    """The name that pages show."""

    ADDRESS: str
    """The label of the field for the address."""

    INSTRUCTIONS: str
    """How one gets the address, in a sentence or two."""

    SIGNS: bool
    """True if messages are signed with a secret."""

    def check(self, address: str) -> str:
        """Return an address as it is stored. Raises ValueError, with the reason, if it can't be one."""
        ...

    def show(self, address: str) -> str:
        """Return the part of an address that isn't secret."""
        ...

    def host(self, address: str) -> str:
        """Return the server, which gets a limited number of messages at the same time."""
        ...

    def prepare(self, to: Destination, message: Message) -> Callable[[], Sent]:
        """Render a message, and return the function that sends it.

        It returns once the message has been accepted, and raises `ChannelGoneError` if the channel no longer
        exists, `RejectedError` if the message was permanently rejected, and any other OSError if it is to be
        sent again later.
        """
        ...
