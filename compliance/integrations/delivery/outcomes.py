"""What a sender of outbox items offers, and what it tells about an attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from compliance.models import OutboxItem


class UnacceptedError(OSError):
    """Raised if the receiver didn't accept an item, which is sent again later. The text is its reply.

    `wait` is how long the receiver asked to wait, `unreachable` is true if no connection could be established
    at all, and `may_have_arrived` if the receiver may have accepted the item without saying so. With
    `whole_host`, the wait concerns everything that is sent there.
    """

    def __init__(
        self,
        words: str,
        *,
        wait: timedelta | None = None,
        unreachable: bool = False,
        may_have_arrived: bool = False,
        whole_host: bool = False,
    ) -> None:
        super().__init__(words)
        self.whole_host = whole_host
        self.wait, self.unreachable, self.may_have_arrived = wait, unreachable, may_have_arrived


class RejectedError(UnacceptedError):
    """Raised if the receiver permanently rejected an item. It is not sent again."""


class NotNeededError(Exception):
    """Raised if an item is no longer needed, for example because an invitation was revoked."""


class PostponedError(Exception):
    """Raised if an item must not be sent before `until`. This doesn't count as an attempt."""

    def __init__(self, words: str, until: datetime) -> None:
        super().__init__(words)
        self.until = until


@dataclass(frozen=True, slots=True)
class Sent:
    """An item was accepted. `remote_id` is the receiver's id of what was created."""

    words: str = "Accepted."
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """The content of an item, ready to be sent.

    `send` returns once the receiver has accepted it, and raises OSError otherwise. If the receiver can look
    up what an earlier attempt created, `find` does so; it is called first if there may be something.
    """

    send: Callable[[], Sent]
    find: Callable[[], Sent | None] | None = None


class Sender(Protocol):
    """Builds the messages of one kind of item. One is created for each run of the job, so it may remember
    what it has read.
    """

    def build(self, item: OutboxItem) -> Message:
        """Build an item's content from the current records.

        Raises:
            NotNeededError: if the item is no longer needed.
            PostponedError: if it must not be sent yet.
        """
        ...
