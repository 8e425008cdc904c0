"""What a module in `topics` describes: the topics about which people and channels are notified."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from compliance.accounts.roles import Role
from compliance.models import NotificationEvent, Way
from compliance.notifications.message import Level, Link, Message


class Audience(StrEnum):
    """Why a person may be told about an event: how they are involved in it."""

    SUBJECT = "whoever it directly concerns"
    CLAIMANT = "whoever claims one of the files"
    OWNER = "the owners of the files"
    MANAGER = "managers"
    ADMINISTRATOR = "administrators"
    WATCHER = "whoever watches the repository"


REASONS: Mapping[Audience, str] = {
    Audience.SUBJECT: "it directly concerns you",
    Audience.CLAIMANT: "you claim one of the files",
    Audience.OWNER: "you or your team own the files",
    Audience.MANAGER: "you are a manager",
    Audience.ADMINISTRATOR: "you are an administrator",
    Audience.WATCHER: "you watch this repository",
}
"""Completes the sentence "Sent because …"."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a message is written: `reason` says why they get it, and `stop` leads to where that is changed.

    Both are passed on to the Message.
    """

    reason: str
    stop: Link


Writer = Callable[[Sequence[NotificationEvent], Addressee], Message]
"""Writes one message about all events of a topic that are routed together, at least one, the oldest first.
They belong to the same repository."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of events.

    Args:
        name: the name in rules, preferences and the API, which must not change. At most 40 characters.
        title: what lists and settings call it.
        when: a sentence that says when it happens.
        level: how its messages are coloured.
        audience: who is told without any preference, and how. Of several ways, the strongest is taken.
        write: writes its messages.
        is_personal: true if it is only meant for those whom it directly concerns, so that it isn't sent to
            whoever watches the repository.
        least_role: the role that a person must have to be told.
        reasons: replaces entries of REASONS.
    """

    name: str
    title: str
    when: str
    level: Level
    audience: Mapping[Audience, Way]
    write: Writer
    is_personal: bool = False
    least_role: Role = Role.VIEWER
    reasons: Mapping[Audience, str] = field(default_factory=dict)

    def reason(self, audience: Audience) -> str:
        """Return why a person of this audience is told."""
        return self.reasons.get(audience, REASONS[audience])

    def ways(self) -> Mapping[Audience, Way]:
        """Return the audience with those who watch the repository, if the topic isn't personal."""
        return self.audience if self.is_personal else {Audience.WATCHER: Way.INBOX, **self.audience}


class TopicModule(Protocol):
    """A module in `topics`, which describes one or more topics."""

    TOPICS: Sequence[Topic]
