"""Phases and targets that are forecast after their due dates, and targets that are reached."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Way
from compliance.notifications.event_messages import day_of, page
from compliance.notifications.event_texts import commit_link, number_of, repository_name, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose_late(events: Sequence[NotificationEvent]) -> News:
    first, alone = events[0], len(events) == 1
    what = _name(first) if alone else _count(events)
    return News(
        title=f"{what} in {repository_name(events)} {'is' if alone else 'are'} forecast after the due date",
        text=_sentence(first) if alone else "",
        facts=(
            Fact("Due", day_of(first, "due")) if alone else None,
            Fact("Forecast", _range(first)) if alone else None,
            Fact("Left", _left(first)) if alone else None,
            Fact("Issue", text_of(first, "issue")) if alone else None,
        ),
        entries=() if alone else (Link(_line(event), _place(events, event)) for event in events),
        links=(
            *([Link("Open the phase", _place(events, first))] if alone and text_of(first, "phase") else []),
            Link("Open the forecast", page(events, "forecast")),
        ),
    )


def _name(event: NotificationEvent) -> str:
    title = text_of(event, "title")
    return f"Phase “{title}”" if title else f"The target of {_target(event)}"


def _target(event: NotificationEvent) -> str:
    value = event.detail.get("target")
    return f"{value:g}%" if isinstance(value, int | float) else "the plan"


def _count(events: Sequence[NotificationEvent]) -> str:
    phases = sum(bool(text_of(event, "phase")) for event in events)
    words = count_of(phases, "phase")
    return words if phases == len(events) else f"{words} and the target" if phases else "The target"


def _left(event: NotificationEvent) -> str:
    unit = "violation" if text_of(event, "phase") else "file"
    return count_of(number_of(event, "left"), unit)


def _range(event: NotificationEvent) -> str:
    earliest, latest = day_of(event, "earliest"), day_of(event, "latest")
    return f"{earliest} to {latest}" if earliest and latest else "no date can be given"


def _sentence(event: NotificationEvent) -> str:
    if day_of(event, "earliest"):
        return "Even the earliest date of the forecast is after the due date."
    return "The due date has come, and no date can be forecast."


def _line(event: NotificationEvent) -> str:
    due = day_of(event, "due")
    return f"{_name(event)}: due {due}, forecast {_range(event)}, {_left(event)} left"


def _place(events: Sequence[NotificationEvent], event: NotificationEvent) -> str:
    phase = text_of(event, "phase")
    return page(events, "phase", phase) if phase else page(events, "forecast")


def _compose_reached(events: Sequence[NotificationEvent]) -> News:
    last = events[-1]
    share = last.detail.get("percent")
    link = commit_link(last)
    return News(
        title=f"{repository_name(events)} has reached the target of {_target(last)}",
        facts=(
            Fact("Compliance", f"{share:.1f}%" if isinstance(share, int | float) else ""),
            Fact("Clean files", f"{number_of(last, 'clean'):,} of {number_of(last, 'files'):,}"),
            Fact("Commit", link.text, link.url),
        ),
        links=(Link("Open the overview", page(events, "overview")),),
    )


TOPICS = (
    Topic(
        name="forecast.late",
        title="Forecast after the due date",
        when="The whole range of the forecast for a phase or the target is after its due date, or that date "
        "has passed. It is reported once until the forecast is back in time.",
        level=Level.WARNING,
        audience={Audience.MANAGER: Way.DAILY},
        compose=_compose_late,
    ),
    Topic(
        name="target.reached",
        title="Target reached",
        when="A commit on the tracked branch reaches the plan's target percentage, at most once a week.",
        level=Level.GOOD,
        audience={Audience.MANAGER: Way.AT_ONCE},
        compose=_compose_reached,
    ),
)
