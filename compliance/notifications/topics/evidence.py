"""Test reports and measurements that don't meet a criterion."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Way
from compliance.notifications.event_messages import page, texts_of
from compliance.notifications.event_texts import commit_link, names_of, repository_name, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose(events: Sequence[NotificationEvent]) -> News:
    first, alone = events[0], len(events) == 1
    what = (
        f"“{text_of(first, 'requirement')}” fails"
        if alone
        else f"{count_of(len(events), 'criterion', 'criteria')} fail"
    )
    commit = commit_link(first, text_of(first, "sha")[:10])
    return News(
        title=f"{what} in {repository_name(events)}",
        text=text_of(first, "explanation") if alone else "",
        facts=(
            Fact("Phases", names_of(texts_of(first, "titles"))) if alone else None,
            Fact("Tests", names_of(texts_of(first, "tests"))) if alone else None,
            Fact("Commit", commit.text, commit.url) if alone else None,
            Fact("Sent by", text_of(first, "by")) if alone else None,
        ),
        entries=() if alone else (_line(events, event) for event in events),
        links=(Link("Open the phases", _phase(events, first) if alone else page(events, "phases")),),
    )


def _line(events: Sequence[NotificationEvent], event: NotificationEvent) -> Link:
    words = f"{text_of(event, 'requirement')}: {text_of(event, 'explanation')}"
    return Link(words, _phase(events, event))


def _phase(events: Sequence[NotificationEvent], event: NotificationEvent) -> str:
    return page(events, "phase", event.phases[0]) if event.phases else page(events, "phases")


TOPICS = (
    Topic(
        name="evidence.failed",
        title="Evidence failed",
        when="A test report or a measurement doesn't meet a criterion of a phase. It is reported once until "
        "the criterion holds.",
        level=Level.BAD,
        audience={Audience.MANAGER: Way.INBOX},
        compose=_compose,
    ),
)
