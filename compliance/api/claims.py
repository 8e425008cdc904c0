"""Claims: list, claim, release, extend and hand over files on behalf of the token's owner."""

from datetime import datetime
from typing import Literal

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import NO_NUL, Name, Note, PathText
from compliance.models import Claim, File
from compliance.work import claims

router = Router(tags=["claims"])


class ClaimOut(Schema):
    """A claim. `state` is active, completed, released or expired. Only the person in `offered_to` may accept
    it.
    """

    id: int
    file: int
    path: str
    person: str
    state: str
    until: datetime
    note: str
    offered_to: str | None
    renewed_by: str | None
    completed_by: str | None
    created_at: datetime
    ended_at: datetime | None


class ClaimsAsked(Schema):
    """Filters: the state, the person's name, and the key of the file."""

    state: Literal["", "active", "completed", "released", "expired"] = ""
    person: str = Field("", max_length=150, pattern=NO_NUL)
    file: int | None = Field(None, ge=1, le=2**63 - 1)


class PathsIn(Schema):
    """Files given by their paths. Either all of them are claimed or none."""

    model_config = ConfigDict(extra="forbid")
    paths: list[PathText] = Field(min_length=1, max_length=200)
    note: Note = ""


class FolderIn(Schema):
    """Every unclaimed file in a folder that has violations."""

    model_config = ConfigDict(extra="forbid")
    folder: PathText
    note: Note = ""


class OfferIn(Schema):
    """The name of the person to offer the claim to."""

    model_config = ConfigDict(extra="forbid")
    to: Name


@router.get("/{slug}/claims", response=Page[ClaimOut], summary="List claims")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[ClaimsAsked], paged: Query[Paged]
) -> Page[ClaimOut]:
    """List claims, newest first."""
    rows = Claim.objects.filter(file__repository=repository_of(request, slug)).select_related(*CLAIM_RELATED)
    exact = {"state": asked.state, "person__username": asked.person, "file": asked.file}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return page(request, response, rows, paged, claim_out, newest_first=True)


@router.post("/{slug}/claims", response={201: list[ClaimOut]}, auth=WRITE, summary="Claim files")
def take(request: HttpRequest, slug: str, wanted: PathsIn | FolderIn) -> Status[list[ClaimOut]]:
    """Claim files for the token's owner. If any is already claimed, none are, and the 409 response names
    those files.
    """
    person = acting(request, Role.ENGINEER)
    repository = repository_of(request, slug)
    if isinstance(wanted, FolderIn):
        chosen = claims.free_under(repository, wanted.folder)
    else:
        paths = set(wanted.paths)
        rows = File.objects.filter(repository=repository, path__in=paths).select_related("repository")
        chosen = list(rows)
        missing = sorted(paths - {file.path for file in chosen})
        if missing:
            raise Http404(f"There is no file {', '.join(missing[:5])}. Nothing was claimed.")
    keys = [row.pk for row in claims.claim(chosen, person, wanted.note)]
    found = Claim.objects.filter(pk__in=keys).select_related(*CLAIM_RELATED).order_by("pk")
    return Status(201, [claim_out(row) for row in found])


@router.post("/{slug}/claims/{int:pk}/release", response=ClaimOut, auth=WRITE, summary="Release a claim")
def release(request: HttpRequest, slug: str, pk: int) -> ClaimOut:
    """Release your own claim; managers may release any."""
    row, person = _asked(request, slug, pk)
    claims.release(row, person)
    return _again(pk)


@router.post("/{slug}/claims/{int:pk}/extend", response=ClaimOut, auth=WRITE, summary="Extend a claim")
def extend(request: HttpRequest, slug: str, pk: int) -> ClaimOut:
    """Extend your own claim by the repository's full claim period, starting now."""
    row, person = _asked(request, slug, pk)
    claims.extend(row, person)
    return _again(pk)


@router.post("/{slug}/claims/{int:pk}/offer", response=ClaimOut, auth=WRITE, summary="Offer a claim")
def offer(request: HttpRequest, slug: str, pk: int, offered: OfferIn) -> ClaimOut:
    """Offer your own claim to another person. The claim is transferred when that person accepts the offer."""
    row, person = _asked(request, slug, pk)
    to = User.objects.filter(username=offered.to, is_active=True).first()
    if to is None:
        raise claims.ClaimError(f"There is no user called “{offered.to}”.")
    claims.offer(row, person, to)
    return _again(pk)


@router.post("/{slug}/claims/{int:pk}/accept", response=ClaimOut, auth=WRITE, summary="Take over a claim")
def accept(request: HttpRequest, slug: str, pk: int) -> ClaimOut:
    """Accept a claim that was offered to you, and return the new claim."""
    row, person = _asked(request, slug, pk)
    return _again(claims.accept(row, person).pk)


@router.post("/{slug}/claims/{int:pk}/decline", response=ClaimOut, auth=WRITE, summary="Decline an offer")
def decline(request: HttpRequest, slug: str, pk: int) -> ClaimOut:
    """Decline a claim that was offered to you, or withdraw your own offer. The claim stays with its owner."""
    row, person = _asked(request, slug, pk)
    claims.decline(row, person)
    return _again(pk)


CLAIM_RELATED = ("file", "person", "offered_to", "renewed_by", "completed_by")


def _asked(request: HttpRequest, slug: str, pk: int) -> tuple[Claim, User]:
    person = acting(request, Role.ENGINEER)
    rows = Claim.objects.filter(file__repository=repository_of(request, slug), pk=pk)
    row = rows.select_related("file__repository", "person", "offered_to").first()
    if row is None:
        raise Http404(f"There is no claim {pk}.")
    return row, person


def _again(pk: int) -> ClaimOut:
    return claim_out(Claim.objects.select_related(*CLAIM_RELATED).get(pk=pk))


def claim_out(row: Claim) -> ClaimOut:
    """Return a claim in its API format. It must have been loaded with CLAIM_RELATED."""
    return ClaimOut(
        id=row.pk,
        file=row.file_id,
        path=row.file.path,
        person=row.person.get_username(),
        state=row.state,
        until=row.until,
        note=row.note,
        offered_to=row.offered_to.get_username() if row.offered_to else None,
        renewed_by=row.renewed_by.sha if row.renewed_by else None,
        completed_by=row.completed_by.sha if row.completed_by else None,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
