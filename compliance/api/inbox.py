"""The inbox of the token's owner."""

from datetime import datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from compliance.api.authentication import WRITE, person_of, repositories_of, token_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.addresses import public_address
from compliance.lib.field_types import LARGEST_BIGINT
from compliance.models import InboxEntry, Token
from compliance.queries.inbox import InboxFilter, describe, described, mark_read, mark_unread

router = Router(tags=["notifications"])

EntryId = Annotated[int, Field(ge=1, le=LARGEST_BIGINT)]


class EntryOut(Schema):
    """A notification. `title` and `text` say what happened, `reason` completes the sentence “You are told
    because …”, and `url` leads to the place. `read_at` is null as long as it is unread.
    """

    id: int
    topic: str
    repository: str | None
    title: str
    text: str
    reason: str
    url: str
    happened_at: datetime
    created_at: datetime
    read_at: datetime | None


class NotificationCount(Schema):
    """The number of notifications."""

    count: int


class ReadIn(Schema):
    """Which unread notifications to mark: those up to the id `until`, in a repository and about a topic."""

    model_config = ConfigDict(extra="forbid")
    until: EntryId
    repository: str = Field("", max_length=50, pattern=r"^[\w-]*$")
    topic: str = Field("", max_length=40, pattern=r"^[\w.]*$")


@router.get("", response=Page[EntryOut], summary="List notifications")
def index(
    request: HttpRequest, response: HttpResponse, asked: Query[InboxFilter], paged: Query[Paged]
) -> Page[EntryOut]:
    """List the unread notifications of the token's owner, newest first, or all with `show=all`."""
    rows = _visible(request, described(asked.rows(person_of(request))))
    return page(request, response, rows, paged, _told, newest_first=True)


@router.get("/unread", response=NotificationCount, summary="Count unread notifications")
def count_unread(request: HttpRequest) -> NotificationCount:
    """Return the number of unread notifications of the token's owner."""
    rows = InboxEntry.objects.filter(person=person_of(request), read_at=None)
    return NotificationCount(count=_visible(request, rows).count())


@router.post("/read", response=NotificationCount, auth=WRITE, summary="Mark notifications as read")
def mark_all(request: HttpRequest, given: ReadIn) -> NotificationCount:
    """Mark notifications as read, and return their number."""
    asked = InboxFilter(repository=given.repository, topic=given.topic)
    rows = _visible(request, asked.of_any_state(person_of(request)))
    return NotificationCount(count=mark_read(rows, given.until))


@router.post("/{int:pk}/read", response=EntryOut, auth=WRITE, summary="Mark a notification as read")
def mark_one(request: HttpRequest, pk: int) -> EntryOut:
    """Mark a notification as read. Doing so twice is not an error."""
    mark_read(_one(request, pk))
    return _told(_found(request, pk))


@router.post("/{int:pk}/unread", response=EntryOut, auth=WRITE, summary="Mark a notification as unread")
def unmark_one(request: HttpRequest, pk: int) -> EntryOut:
    """Mark a notification as unread. Doing so twice is not an error."""
    mark_unread(_one(request, pk))
    return _told(_found(request, pk))


def _visible(request: HttpRequest, rows: QuerySet[InboxEntry]) -> QuerySet[InboxEntry]:
    """Return the rows that the token may read: those of its repository, if it is limited to one."""
    known = token_of(request)
    if isinstance(known, Token) and known.repository_id:
        return rows.filter(event__repository__in=repositories_of(request).values("pk"))
    return rows


def _one(request: HttpRequest, pk: int) -> QuerySet[InboxEntry]:
    found = _visible(request, InboxEntry.objects.filter(person=person_of(request), pk=pk))
    if not found.exists():
        raise Http404(f"There is no notification {pk} in your inbox.")
    return found


def _found(request: HttpRequest, pk: int) -> InboxEntry:
    return described(_one(request, pk)).get()


def _told(row: InboxEntry) -> EntryOut:
    entry, event = describe(row), row.event
    return EntryOut(
        id=row.pk,
        topic=event.topic,
        repository=event.repository.slug if event.repository else None,
        title=entry.title,
        text=entry.text,
        reason=row.reason,
        url=public_address(entry.place) if entry.place.startswith("/") else entry.place,
        happened_at=event.happened_at,
        created_at=row.created_at,
        read_at=row.read_at,
    )
