"""Claims that somebody else has now."""

from collections.abc import Sequence

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Way
from compliance.notifications.event_messages import page
from compliance.notifications.event_texts import names_of, number_of, repository_name, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic

_VERBS = {
    "accepted": "took over the offered claim on",
    "claimed": "claimed, after the earlier claim had expired,",
    "released": "released the claim on",
}


def _compose(events: Sequence[NotificationEvent]) -> News:
    first, alone, name = events[0], len(events) == 1, repository_name(events)
    what = _sentence(first) if alone else f"{count_of(len(events), 'claim')} changed hands"
    holders = names_of(str(event.person) for event in events if event.person)
    return News(
        title=f"{what} in {name}",
        facts=(Fact("Claimed before by", holders),),
        entries=() if alone else (Link(_sentence(event), _file(events, event)) for event in events),
        links=(
            *([Link("Open the file", _file(events, first))] if alone else []),
            Link("Open my work", page(events, "my-work")),
        ),
    )


def _sentence(event: NotificationEvent) -> str:
    verb = _VERBS.get(text_of(event, "how"), _VERBS["claimed"])
    return f"{text_of(event, 'by')} {verb} {text_of(event, 'path')}"


def _file(events: Sequence[NotificationEvent], event: NotificationEvent) -> str:
    return page(events, "file", str(number_of(event, "file") or ""))


TOPICS = (
    Topic(
        name="claim.taken",
        title="Claim taken over",
        when="Somebody else accepts a claim that was offered, claims a file after the claim on it has "
        "expired, or releases a claim.",
        level=Level.NEUTRAL,
        audience={Audience.SUBJECT: Way.AT_ONCE},
        compose=_compose,
        is_personal=True,
        reasons={Audience.SUBJECT: "you had claimed the file"},
    ),
)
