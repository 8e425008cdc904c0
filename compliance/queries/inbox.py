"""A person's inbox as pages and the API show it, and its number of unread entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet, Subquery
from django.db.models.functions import Now
from pydantic import StringConstraints

from compliance.lib.addresses import public_address
from compliance.lib.field_types import LARGEST_BIGINT, NO_NUL
from compliance.models import InboxEntry, NotificationEvent, Repository
from compliance.notifications.message import DETAILS, Level, Link, Message, shaped
from compliance.notifications.topic import Addressee
from compliance.notifications.topics import TOPICS
from compliance.queries.filters import Choices, Control, ListFilter, OneOf
from compliance.queries.keyset import Order

ORDER: Order[InboxEntry] = Order.by("-pk")
POLL_SECONDS = 5
MOST_COUNTED = 100
"""The number of unread entries from which they are no longer counted for the badge."""

_NEWEST = InboxEntry.objects.order_by("-pk")
_LAST_READ = InboxEntry.objects.exclude(read_at=None).order_by("-read_at")


class InboxFilter(ListFilter):
    """Filters: the repository's slug, the topic's name, and `all` for read entries as well."""

    repository: Annotated[
        str, StringConstraints(max_length=50, pattern=NO_NUL), Control("Repository", "repositories")
    ] = ""
    topic: Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL), Control("Topic", "topics")] = ""
    show: Annotated[str, OneOf(("unread", "all"))] = ""

    def rows(self, person: User) -> QuerySet[InboxEntry]:
        """Return the entries of a person that match, without an order."""
        rows = self.of_any_state(person)
        return rows if self.show == "all" else rows.filter(read_at=None)

    def of_any_state(self, person: User) -> QuerySet[InboxEntry]:
        """Return the entries of a person that match, read or not."""
        if self.matches_nothing:
            return InboxEntry.objects.none()
        rows = InboxEntry.objects.filter(person=person).order_by()
        if self.repository:
            rows = rows.filter(event__repository__slug=self.repository)
        return rows.filter(event__topic=self.topic) if self.topic else rows


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry and what is said about it. `place` is the URL that it leads to, or empty; it has no host if it
    is a page of this product.
    """

    row: InboxEntry
    topic: str
    title: str
    text: str
    level: Level
    place: str

    @property
    def is_read(self) -> bool:
        """Return true if the entry was read."""
        return self.row.read_at is not None


def described(rows: QuerySet[InboxEntry]) -> QuerySet[InboxEntry]:
    """Return the rows with what `describe` needs."""
    return rows.select_related("event__repository", "event__person", "event__actor")


def describe(row: InboxEntry) -> Entry:
    """Return an entry with the texts of the message about its event."""
    event = row.event
    topic = TOPICS.get(event.topic)
    if topic is None:  # of another release
        return Entry(row, event.topic, event.topic, "", Level.NEUTRAL, "")
    message = shaped(topic.write([event], Addressee(row.reason, Link(""))), DETAILS[0])
    return Entry(row, topic.title, message.title, _text(message), message.level, _place(message))


def _text(message: Message) -> str:
    """Return what is told besides the title: the only entry, or else the text."""
    only = message.entries[0].text if len(message.entries) == 1 else ""
    return only or message.text


def _place(message: Message) -> str:
    links = (*message.entries[:1], *message.links) if len(message.entries) == 1 else message.links
    url = next((link.url for link in links if link.url), "")
    here = public_address("/")
    return url.removeprefix(here.rstrip("/")) if url.startswith(here) else url


def newest_unread(person: User) -> int:
    """Return the id of a person's newest unread entry, or 0."""
    rows = InboxEntry.objects.filter(person=person, read_at=None)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def inbox_state() -> str:
    """Return a token that changes whenever anybody gets or reads an entry, in two index look-ups."""
    newest = _NEWEST.values_list("pk", flat=True).first()
    return _token(newest, _LAST_READ.values_list("read_at", flat=True).first())


def badge_context(person: User) -> dict[str, Any]:
    """Return what the badge shows, in one query with four index look-ups."""
    own = InboxEntry.objects.filter(person=person, read_at=None).order_by("-pk")
    found = User.objects.filter(pk=person.pk).values_list(
        Subquery(_NEWEST.values("pk")[:1]),
        Subquery(_LAST_READ.values("read_at")[:1]),
        ArraySubquery(own.values("pk")[:MOST_COUNTED]),
    )
    newest, last_read, unread = found.first() or (None, None, [])
    return {
        "seen": _token(newest, last_read),
        "unread": len(unread),
        "unread_text": f"{MOST_COUNTED - 1}+" if len(unread) == MOST_COUNTED else str(len(unread)),
        "shown": f"{len(unread)}.{unread[0] if unread else 0}",
        "poll_seconds": POLL_SECONDS,
    }


def _token(newest: int | None, last_read: datetime | None) -> str:
    read = int(last_read.timestamp() * 1_000_000) if last_read else 0
    return f"{newest or 0:x}-{read:x}"


def mark_read(rows: QuerySet[InboxEntry], until: int = LARGEST_BIGINT) -> int:
    """Mark the unread ones of some entries as read, up to the id `until`, and return their number."""
    return rows.filter(read_at=None, pk__lte=until).update(read_at=Now())


def mark_unread(rows: QuerySet[InboxEntry]) -> int:
    """Mark entries as unread, and return the number of those that were read."""
    return rows.exclude(read_at=None).update(read_at=None)


def choices(person: User) -> dict[str, Choices]:
    """Return the options of the filters: the repositories and topics of the person's entries."""
    events = NotificationEvent.objects.filter(inbox_entries__person=person)
    found = set(events.values_list("repository", "topic").distinct())
    names = Repository.objects.filter(pk__in={pk for pk, _ in found}).order_by("name")
    return {
        "repositories": list(names.values_list("slug", "name")),
        "topics": sorted(_titled({topic for _, topic in found}), key=lambda pair: pair[1]),
    }


def _titled(topics: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, TOPICS[name].title if name in TOPICS else name) for name in topics]
