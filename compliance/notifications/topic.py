"""What a module in `topics` describes: the topics about which people and channels are notified."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from compliance.accounts.roles import Role
from compliance.models import NotificationEvent, Way
from compliance.notifications.event_texts import slug_of
from compliance.notifications.message import Fact, Level, Link, Message


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
    """To whom a message is written: `reason` says why they get it, and `stop` leads to where that is stopped.
    `choices` leads a person to their preferences.

    All are passed on to the Message.
    """

    reason: str
    stop: Link
    choices: Link | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What a topic says about its events: the parts of their Message that depend on the topic.

    Facts without a value are left out. `level` replaces that of the topic.
    """

    title: str
    text: str = ""
    facts: Iterable[Fact | None] = ()
    entries: Iterable[Link] = ()
    links: Iterable[Link] = ()
    level: Level | None = None


Composer = Callable[[Sequence[NotificationEvent]], News]
"""Composes the news about all events of a topic that are routed together, at least one, the oldest first.
They belong to the same repository."""

Selector = Callable[[Sequence[NotificationEvent]], Sequence[NotificationEvent]]
"""Selects those of some events of a topic that are still news, in the same order."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of events.

    Args:
        name: the name in rules, preferences and the API, which must not change. At most 40 characters.
        title: what lists and settings call it.
        when: a sentence that says when it happens.
        level: how its messages are coloured.
        audience: who is told without any preference, and how. Of several ways, the strongest is taken.
        compose: composes what its messages say.
        is_personal: true if it is only meant for those whom it directly concerns, so that it isn't sent to
            whoever watches the repository.
        least_role: the role that a person must have to be told.
        reasons: replaces entries of REASONS.
        current: selects the events that are still news when a message is sent, by default all. A request that
            somebody has decided on, for example, needs nobody's attention any more.
    """

    name: str
    title: str
    when: str
    level: Level
    audience: Mapping[Audience, Way]
    compose: Composer
    is_personal: bool = False
    least_role: Role = Role.VIEWER
    reasons: Mapping[Audience, str] = field(default_factory=dict)
    current: Selector = lambda events: events

    def write(self, events: Sequence[NotificationEvent], to: Addressee) -> Message:
        """Return the message about events of this topic in one repository, the oldest first."""
        news = self.compose(events)
        return Message(
            topic=self.name,
            title=news.title,
            text=news.text,
            facts=tuple(fact for fact in news.facts if fact is not None and fact.value),
            entries=tuple(news.entries),
            links=tuple(news.links),
            reason=to.reason,
            stop=to.stop,
            choices=to.choices,
            repository=slug_of(events),
            level=news.level or self.level,
            happened_at=events[-1].happened_at,
        )

    def reason(self, audience: Audience) -> str:
        """Return why a person of this audience is told."""
        return self.reasons.get(audience, REASONS[audience])

    def ways(self) -> Mapping[Audience, Way]:
        """Return the audience with those who watch the repository, if the topic isn't personal."""
        return self.audience if self.is_personal else {Audience.WATCHER: Way.INBOX, **self.audience}


class TopicModule(Protocol):
    """A module in `topics`, which describes one or more topics."""

    TOPICS: Sequence[Topic]
