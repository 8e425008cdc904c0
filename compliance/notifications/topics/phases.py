"""Phases that close, and closed phases that reopen."""

from collections.abc import Sequence
from functools import partial

from compliance.lib.wording import count_of
from compliance.models import NotificationEvent, Way
from compliance.notifications.digest_content import address
from compliance.notifications.event_texts import commit_link, repository_name, slug_of, text_of
from compliance.notifications.message import Fact, Level, Link
from compliance.notifications.topic import Audience, News, Topic


def _compose(verb: str, events: Sequence[NotificationEvent]) -> News:
    slug, first = slug_of(events), events[0]
    what = f"“{text_of(first, 'title')}”" if len(events) == 1 else count_of(len(events), "phase")
    facts = [Fact("Issue", text_of(first, "issue"))] if len(events) == 1 else []
    if len(events) == 1 and text_of(first, "sha"):
        link = commit_link(first)
        facts.append(Fact("Commit", link.text, link.url))
    return News(
        title=f"{'Phase ' if len(events) == 1 else ''}{what} {verb} in {repository_name(events)}",
        text=text_of(first, "text") if len(events) == 1 else "",
        facts=facts,
        entries=[_entry(slug, event) for event in events] if len(events) > 1 else (),
        links=(_place(slug, events),),
    )


def _entry(slug: str, event: NotificationEvent) -> Link:
    where = address("phase", slug, key) if (key := text_of(event, "phase")) else ""
    return Link(f"{text_of(event, 'title')} ({text_of(event, 'issue')}): {text_of(event, 'text')}", where)


def _place(slug: str, events: Sequence[NotificationEvent]) -> Link:
    key = text_of(events[0], "phase")
    if len(events) == 1 and key:
        return Link("Open the phase", address("phase", slug, key))
    return Link("Open the phases", address("phases", slug))


_AUDIENCE = {Audience.MANAGER: Way.INBOX}
TOPICS = (
    Topic(
        name="phase.closed",
        title="Phase closed",
        when="All criteria of a phase hold.",
        level=Level.GOOD,
        audience=_AUDIENCE,
        compose=partial(_compose, "closed"),
    ),
    Topic(
        name="phase.reopened",
        title="Phase reopened",
        when="A criterion of a closed phase no longer holds.",
        level=Level.BAD,
        audience=_AUDIENCE,
        compose=partial(_compose, "reopened"),
    ),
)
