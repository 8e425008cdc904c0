"""One message about events of several topics and repositories."""

from collections.abc import Sequence
from itertools import groupby

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent
from compliance.notifications.message import Level, Link, Message
from compliance.notifications.topic import Addressee, Topic
from compliance.notifications.topics import TOPICS

DIGEST = "notifications.digest"
"""The topic of these messages in the outbox."""

_URGENCY = {Level.BAD: 0, Level.WARNING: 1, Level.GOOD: 2, Level.NEUTRAL: 3}


def write_digest(
    events: Sequence[NotificationEvent], to: Addressee, rest: Link, elsewhere: str = ""
) -> Message:
    """Write a digest of events, at least one. If they have one topic and repository, it is an ordinary
    message about them.

    Args:
        events: the events, the oldest first.
        to: to whom it is written.
        rest: leads to what is left out of a long digest, whose bad news come first.
        elsewhere: says where that is, as in "and 5 more in your inbox".
    """
    parts = [topic.write(group, to) for topic, group in grouped(events)]
    if len(parts) == 1:
        return parts[0]
    parts.sort(key=lambda part: _URGENCY[part.level])
    return Message(
        topic=DIGEST,
        title=f"{count_of(len(events), 'notification')}: {_summary(parts)}",
        entries=tuple(Link(part.title, next((link.url for link in part.links), "")) for part in parts),
        elsewhere=elsewhere,
        links=(rest,),
        reason=to.reason,
        stop=to.stop,
        choices=to.choices,
        level=Level.NEUTRAL,
        happened_at=max(event.happened_at for event in events),
    )


def still_current(events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the events that are still news, in the same order."""
    kept = {event.pk for topic, group in grouped(events) for event in topic.current(group)}
    return [event for event in events if event.pk in kept]


def grouped(events: Sequence[NotificationEvent]) -> list[tuple[Topic, list[NotificationEvent]]]:
    """Return events by repository and topic, each group in the order of the events. Events of topics that
    this release doesn't have are left out.
    """

    def key(event: NotificationEvent) -> tuple[int, str]:
        return event.repository_id or 0, event.topic

    known = sorted((event for event in events if event.topic in TOPICS), key=key)
    return [(TOPICS[topic], list(group)) for (_, topic), group in groupby(known, key)]


def _summary(parts: Sequence[Message]) -> str:
    names = list(dict.fromkeys(TOPICS[part.topic].title.lower() for part in parts if part.topic in TOPICS))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
