"""What administrators do with a repository: rename, archive, delete and restore it."""

from datetime import datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of, require_all_repositories
from compliance.api.pagination import Page, Paged, page
from compliance.api.repositories import RepositoryOut, told_repository
from compliance.jobs.repository_removal import RESTORABLE, overdue
from compliance.lib.field_types import NO_NUL
from compliance.models import Repository
from compliance.scans import lifecycle

router = Router(tags=["repositories"])
deleted = Router(tags=["repositories"])


class RenameIn(Schema):
    """The new name and the new slug; what is omitted or empty stays."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = ""
    slug: Annotated[str, StringConstraints(max_length=50, pattern=NO_NUL)] = ""


class DeletedOut(Schema):
    """A deleted repository. It can be restored until `until`."""

    id: int
    slug: str
    name: str
    deleted_at: datetime
    until: datetime


@router.post("/{slug}/rename", response=RepositoryOut, auth=WRITE, summary="Rename a repository")
def rename(request: HttpRequest, slug: str, given: RenameIn) -> RepositoryOut:
    """Give a repository another name or slug. Its former slug remains valid. Requires the administrator
    role.
    """
    acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug, archived=True)
    lifecycle.rename(repository, given.name, given.slug)
    return told_repository(repository)


@router.post("/{slug}/archive", response=RepositoryOut, auth=WRITE, summary="Archive a repository")
def archive(request: HttpRequest, slug: str) -> RepositoryOut:
    """Stop all work for a repository. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug, archived=True)
    lifecycle.archive(repository)
    return told_repository(repository)


@router.post("/{slug}/unarchive", response=RepositoryOut, auth=WRITE, summary="Unarchive a repository")
def unarchive(request: HttpRequest, slug: str) -> RepositoryOut:
    """Continue the work for a repository. Requires the administrator role."""
    person = acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug, archived=True)
    lifecycle.unarchive(repository, person)
    return told_repository(repository)


@router.post("/{slug}/delete", response=RepositoryOut, auth=WRITE, summary="Delete a repository")
def delete(request: HttpRequest, slug: str) -> RepositoryOut:
    """Delete a repository, which can be restored for 30 days. During its first scan, that is cancelled, and
    nothing is kept. Requires the administrator role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug, archived=True)
    if lifecycle.may_cancel(repository):
        lifecycle.cancel(repository, person)
    else:
        lifecycle.delete(repository)
    return told_repository(repository)


@deleted.get("", response=Page[DeletedOut], summary="List deleted repositories", operation_id="deleted_index")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[DeletedOut]:
    """List the deleted repositories that can be restored. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    return page(request, response, _rows(request).order_by("pk"), paged, _told)


@deleted.post(
    "/{int:pk}/restore",
    response=RepositoryOut,
    auth=WRITE,
    summary="Restore a deleted repository",
    operation_id="deleted_restore",
)
def restore(request: HttpRequest, pk: int) -> RepositoryOut:
    """Restore a deleted repository. Requires the administrator role."""
    person = acting(request, Role.ADMINISTRATOR)
    found = _rows(request).filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no deleted repository {pk}.")
    lifecycle.restore(found, person)
    found.refresh_from_db()
    return told_repository(found)


def _rows(request: HttpRequest) -> QuerySet[Repository]:
    require_all_repositories(request, "Deleted repositories belong to the installation")
    gone = Repository.everything.filter(deleted_at__isnull=False)
    return gone.exclude(pk__in=overdue())


def _told(row: Repository) -> DeletedOut:
    at = row.deleted_at or row.created_at
    return DeletedOut(id=row.pk, slug=row.slug, name=row.name, deleted_at=at, until=at + RESTORABLE)
