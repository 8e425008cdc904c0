"""The badge, and public links that show the overview to people without an account."""

from datetime import date, datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance.accounts import public_links
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import NO_NUL, Day
from compliance.models import PublicLink
from compliance.progress.badge import badge as badge_of
from compliance.progress.badge import shields
from compliance.progress.summary import summaries
from compliance.queries.public_links import addresses

router = Router(tags=["links"])


class BadgeOut(Schema):
    """The badge in the format of a shields.io endpoint."""

    schemaVersion: int  # noqa: N815  (shields' name)
    label: str
    message: str
    color: str
    isError: bool  # noqa: N815
    cacheSeconds: int  # noqa: N815


class LinkOut(Schema):
    """A public link. Anyone with the URL can read the overview through the date `until`. The URL fields of a
    revoked link are empty.
    """

    id: int
    name: str
    person: str | None
    created_at: datetime
    until: date | None
    show_commits: bool
    last_used_at: datetime | None
    revoked_at: datetime | None
    page: str
    shields: str
    markdown: str


class LinkIn(Schema):
    """A new link: its name, the last date on which it works, and if its page shows the subjects and authors
    of commits.
    """

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL, strip_whitespace=True)] = ""
    until: Day | None = None
    show_commits: bool = False


@router.get("/{slug}/badge", response=BadgeOut, summary="Show the badge")
def badge(request: HttpRequest, slug: str) -> dict[str, object]:
    """Show the text and colour of the badge."""
    repository = repository_of(request, slug)
    return shields(badge_of(repository, summaries([repository])[repository.pk]))


@router.get("/{slug}/links", response=Page[LinkOut], summary="List public links")
def index(request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]) -> Page[LinkOut]:
    """List all public links, newest first. Requires the manager role."""
    acting(request, Role.MANAGER)
    rows = PublicLink.objects.filter(repository=repository_of(request, slug)).select_related("person")

    def shown(row: PublicLink) -> LinkOut:
        return _told(request, row)

    return page(request, response, rows, paged, shown, newest_first=True)


@router.post("/{slug}/links", response={201: LinkOut}, auth=WRITE, summary="Create a public link")
def make(request: HttpRequest, slug: str, given: LinkIn) -> Status[LinkOut]:
    """Create a link that works through the date `until`. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    if given.until and given.until < timezone.localdate():
        raise HttpError(409, "“until” is in the past; give today's date or a later one.")
    repository = repository_of(request, slug)
    made = public_links.make(
        repository, person, name=given.name, until=given.until, show_commits=given.show_commits
    )
    made.refresh_from_db()
    return Status(201, _told(request, made))


@router.post("/{slug}/links/{int:pk}/revoke", response=LinkOut, auth=WRITE, summary="Revoke a public link")
def revoke(request: HttpRequest, slug: str, pk: int) -> LinkOut:
    """Revoke a link permanently, with immediate effect. Requires the manager role."""
    acting(request, Role.MANAGER)
    rows = PublicLink.objects.filter(repository=repository_of(request, slug)).select_related("person")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no link {pk}.")
    public_links.revoke(found)
    return _told(request, rows.get(pk=pk))


def _told(request: HttpRequest, row: PublicLink) -> LinkOut:
    ways = dict.fromkeys(("page", "shields", "markdown"), "") if row.revoked_at else addresses(request, row)
    return LinkOut(
        id=row.pk,
        name=row.name,
        person=row.person.get_username() if row.person else None,
        created_at=row.created_at,
        until=row.until,
        show_commits=row.show_commits,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        **ways,
    )
