"""Pull requests that have been blocked for more than a day."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import Alert, NotificationEvent, Way
from compliance.notifications.event_messages import page
from compliance.notifications.event_texts import names_of, number_of, repository_name, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose(events: Sequence[NotificationEvent]) -> News:
    first, alone = events[0], len(events) == 1
    name = repository_name(events)
    return News(
        title=f"Pull request {_number(first)} in {name} has been blocked for more than a day"
        if alone
        else f"{count_of(len(events), 'pull request')} in {name} have been blocked for more than a day",
        text=text_of(first, "reason") if alone else "",
        facts=(
            Fact("Pull request", f"{_number(first)} {text_of(first, 'title')}", _place(events, first)),
            Fact("Author", text_of(first, "author")),
            Fact("Blocking", _blocking(first)),
            Fact("Highest risk", first.risk),
            Fact("Owners", names_of(first.owners)),
        )
        if alone
        else (),
        entries=() if alone else (Link(_line(event), _place(events, event)) for event in events),
        links=(
            Link("Open the pull request", _place(events, first))
            if alone
            else Link("Open the pull requests", page(events, "pull-requests")),
        ),
    )


def _number(event: NotificationEvent) -> str:
    return f"#{number_of(event, 'number')}"


def _blocking(event: NotificationEvent) -> str:
    if text_of(event, "state") == "error":
        return "it can't be judged"
    return count_of(number_of(event, "blocking"), "violation")


def _line(event: NotificationEvent) -> str:
    author = text_of(event, "author")
    return (
        f"{_number(event)} {text_of(event, 'title')}{f' by {author}' if author else ''}: {_blocking(event)}"
    )


def _place(events: Sequence[NotificationEvent], event: NotificationEvent) -> str:
    return page(events, "pull-request", str(number_of(event, "number") or ""))


def _blocked(events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the events about pull requests that are still blocked, for each of which there is an alert."""
    rows = Alert.objects.filter(topic="pull.blocked", repository=events[0].repository_id)
    blocked = set(rows.values_list("subject", flat=True))
    return [
        event
        for event in events
        if "number" not in event.detail or str(number_of(event, "number")) in blocked
    ]


TOPICS = (
    Topic(
        name="pull.blocked",
        title="Pull request blocked",
        when="An open pull request has been blocked for more than a day. It is reported once until it "
        "passes.",
        level=Level.WARNING,
        audience={Audience.SUBJECT: Way.AT_ONCE, Audience.MANAGER: Way.INBOX},
        compose=_compose,
        reasons={Audience.SUBJECT: "you opened the pull request"},
        current=_blocked,
    ),
)
