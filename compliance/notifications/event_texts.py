"""What writers of messages share: names and links that events have in their details."""

from collections.abc import Iterable, Sequence
from typing import Any

from compliance.lib.field_types import cut
from compliance.lib.wording import count_of, join_names
from compliance.models import NotificationEvent
from compliance.notifications.digest_content import address
from compliance.notifications.message import Link

MOST_NAMES = 5


def repository_name(events: Sequence[NotificationEvent]) -> str:
    """Return the name of the repository of events, or an empty text if they belong to none."""
    repository = events[0].repository
    return repository.name if repository else ""


def slug_of(events: Sequence[NotificationEvent]) -> str:
    """Return the slug of the repository of events, or an empty text if they belong to none."""
    repository = events[0].repository
    return repository.slug if repository else ""


def commit_link(event: NotificationEvent, text: str = "") -> Link:
    """Return a link to the commit that an event's detail names with `sha`, `subject` and `author`."""
    sha, subject = text_of(event, "sha"), text_of(event, "subject") or "(no subject)"
    author = text_of(event, "author")
    shown = text or f"{sha[:10]} {cut(subject, 120)}" + (f" by {author}" if author else "")
    slug = event.repository.slug if event.repository else ""
    return Link(shown, address("commit", slug, sha) if sha and slug else "")


def text_of(event: NotificationEvent, name: str) -> str:
    """Return a text of an event's detail, or an empty text if there is none."""
    value = event.detail.get(name)
    return value if isinstance(value, str) else ""


def number_of(event: NotificationEvent, name: str) -> int:
    """Return a number of an event's detail, or 0 if there is none."""
    value: Any = event.detail.get(name)
    return value if isinstance(value, int) else 0


def total(events: Iterable[NotificationEvent], name: str) -> int:
    """Return the sum of a number of the events' details."""
    return sum(number_of(event, name) for event in events)


def names_of(values: Iterable[str]) -> str:
    """Return distinct names in a list that ends with the number of those that are left out."""
    names = list(dict.fromkeys(value for value in values if value))
    more = len(names) - MOST_NAMES
    return join_names([*names[:MOST_NAMES], f"{more:,} more"] if more > 0 else names)


def in_commits(events: Sequence[NotificationEvent]) -> str:
    """Return `a commit` or the number of commits."""
    return "a commit" if len(events) == 1 else count_of(len(events), "commit")
