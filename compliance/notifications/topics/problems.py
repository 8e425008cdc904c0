"""Repositories that can't be read, and connections and channels that don't work."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Way
from compliance.notifications.event_messages import is_over, page, place
from compliance.notifications.event_texts import number_of, repository_name, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose_trouble(events: Sequence[NotificationEvent]) -> News:
    last, name = events[-1], repository_name(events)
    over = is_over(last)
    return News(
        title=f"{name} is recorded again" if over else f"{name}: {text_of(last, 'title')}",
        level=Level.GOOD if over else None,
        text=f"The problem is over: {text_of(last, 'title')}." if over else text_of(last, "problem"),
        links=(
            Link("Open the overview", page(events, "overview")),
            Link("Open the scans", page(events, "scans")),
        ),
    )


def _compose_failing(events: Sequence[NotificationEvent]) -> News:
    newest = _newest(events)
    first, alone = newest[0], len(newest) == 1
    return News(
        title=_sentence(first) if alone else _counts(newest),
        level=Level.GOOD if all(is_over(event) for event in newest) else None,
        text=text_of(first, "problem") if alone and not is_over(first) else "",
        facts=(Fact("Repository", repository_name(events), page(events, "overview")),)
        if events[0].repository
        else (),
        entries=() if alone else (Link(_sentence(event), _place(event)) for event in newest),
        links=(Link(f"Open the {text_of(first, 'kind')}", _place(first)),) if alone else (),
    )


def _newest(events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the newest event about each connection or channel."""
    return list({(_place(event), text_of(event, "name")): event for event in events}.values())


def _sentence(event: NotificationEvent) -> str:
    name = f"{text_of(event, 'kind').capitalize()} {text_of(event, 'name')}"
    if is_over(event):
        return f"{name} works again"
    if event.detail.get("is_disabled") is True:
        return f"{name} was disabled, because it no longer exists"
    return f"{name} has been failing for more than an hour"


def _counts(events: Sequence[NotificationEvent]) -> str:
    failing = sum(not is_over(event) for event in events)
    words = f"{count_of(failing, 'connection or channel', 'connections or channels')} failing"
    return words if failing == len(events) else f"{words}, {len(events) - failing:,} working again"


def _place(event: NotificationEvent) -> str:
    if text_of(event, "kind") == "channel":
        return place("channel", str(number_of(event, "channel")))
    return place("connection", text_of(event, "slug"))


TOPICS = (
    Topic(
        name="repository.trouble",
        title="Repository in trouble",
        when="A repository can't be read, or its jobs fail, for more than ten minutes. There is another "
        "message when it is over.",
        level=Level.BAD,
        audience={Audience.ADMINISTRATOR: Way.AT_ONCE, Audience.MANAGER: Way.INBOX},
        compose=_compose_trouble,
    ),
    Topic(
        name="connection.failing",
        title="Connection or channel failing",
        when="A connection or channel fails for more than an hour, or a channel is disabled because it no "
        "longer exists. There is another message when it works again.",
        level=Level.BAD,
        audience={Audience.ADMINISTRATOR: Way.AT_ONCE, Audience.MANAGER: Way.INBOX},
        compose=_compose_failing,
    ),
)
