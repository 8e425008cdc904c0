"""Phase approvals: list, give and withdraw them on behalf of the token's owner."""

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance import evidence
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import NO_NUL, SAID, Name
from compliance.models import Approval
from compliance.queries.phases import find

router = Router(tags=["phases"])


class ApprovalOut(Schema):
    """An approval of a phase. `commit` was the newest commit when the approval was given."""

    id: int
    phase: str
    role: str
    person: str | None
    comment: str
    commit: str | None
    created_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class ApprovalsAsked(Schema):
    """Filter: the key of the phase."""

    phase: str = Field("", max_length=100, pattern=NO_NUL)


class ApprovalIn(Schema):
    """A new approval. `role` must be a role that one of the phase's criteria requires; the comment says what
    was reviewed.
    """

    model_config = ConfigDict(extra="forbid")
    role: Name
    comment: Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=SAID)]


@router.get("/{slug}/approvals", response=Page[ApprovalOut], summary="List approvals")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[ApprovalsAsked], paged: Query[Paged]
) -> Page[ApprovalOut]:
    """List approvals, newest first, including withdrawn ones."""
    rows = Approval.objects.filter(phase__issue__repository=repository_of(request, slug))
    rows = rows.filter(phase__key=asked.phase) if asked.phase else rows
    return page(request, response, rows.select_related(*_RELATED), paged, _told, newest_first=True)


@router.post(
    "/{slug}/phases/{str:key}/approvals",
    response={201: ApprovalOut},
    auth=WRITE,
    summary="Approve a phase",
)
def give(request: HttpRequest, slug: str, key: str, given: ApprovalIn) -> Status[ApprovalOut]:
    """Approve a phase at the newest commit, in a role that one of its criteria requires."""
    person = acting(request, Role.VIEWER)
    repository = repository_of(request, slug)
    made = evidence.approve(repository, find(repository, key), person, given.role, given.comment)
    return Status(201, _again(made.pk))


@router.post(
    "/{slug}/approvals/{int:pk}/withdraw", response=ApprovalOut, auth=WRITE, summary="Withdraw an approval"
)
def withdraw(request: HttpRequest, slug: str, pk: int) -> ApprovalOut:
    """Withdraw your own approval; managers may withdraw any. Withdrawing an approval twice has no effect."""
    repository = repository_of(request, slug)
    found = Approval.objects.filter(phase__issue__repository=repository, pk=pk).first()
    if found is None:
        raise Http404(f"There is no approval {pk}.")
    evidence.withdraw(repository, found, acting(request, Role.VIEWER))
    return _again(pk)


_RELATED = ("phase", "person", "commit", "withdrawn_by")


def _again(pk: int) -> ApprovalOut:
    return _told(Approval.objects.select_related(*_RELATED).get(pk=pk))


def _told(row: Approval) -> ApprovalOut:
    return ApprovalOut(
        id=row.pk,
        phase=row.phase.key,
        role=row.role,
        person=row.person.get_username() if row.person else None,
        comment=row.comment,
        commit=row.commit.sha if row.commit else None,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by.get_username() if row.withdrawn_by else None,
    )
