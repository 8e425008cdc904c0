"""Waivers: violations accepted with a reason until a date. They are requested, approved, rejected and ended
on behalf of the token's owner. Figures include waived violations.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import NO_NUL, Day, Seen, Whole
from compliance.models import Repository, Violation, Waiver
from compliance.work import waivers

router = Router(tags=["waivers"])

Rule = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Comment = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]
State = Waiver.State


class WaiverOut(Schema):
    """A waiver. `rule` is empty if it applies to any rule. `until` is the last date on which it is valid, or
    null if it never expires. `violations` is the number of violations that it currently covers; only an
    approved one covers any.

    `state` is “requested”, “approved”, “rejected”, “ended” or “expired”. `person` requested it, and
    `decided_by` approved or rejected it with `comment`. Both are the same person if nobody else could decide.
    """

    id: int
    glob: str
    rule: str
    fingerprint: str
    reason: str
    person: str | None
    until: date | None
    created_at: datetime
    ended_at: datetime | None
    violations: int
    state: str
    decided_by: str | None
    decided_at: datetime | None
    comment: str


class WaiversAsked(Schema):
    """Filter by state. `lasting` is the same as `approved`, and `ended` includes the expired ones."""

    state: Literal["", "lasting", "ended", "requested", "approved", "rejected", "expired"] = ""


class OneIn(Schema):
    """A single violation, identified by its key."""

    model_config = ConfigDict(extra="forbid")
    finding: Whole
    reason: Seen
    until: Day | None = None


class GlobIn(Schema):
    """Every violation of a rule (any rule if empty) in files that match a glob."""

    model_config = ConfigDict(extra="forbid")
    glob: Seen
    rule: Rule = ""
    reason: Seen
    until: Day | None = None


class WaiverApprovalIn(Schema):
    """An optional comment for the person who requested the waiver."""

    model_config = ConfigDict(extra="forbid")
    comment: Comment = ""


class WaiverRejectionIn(Schema):
    """The reason for the person who requested the waiver."""

    model_config = ConfigDict(extra="forbid")
    comment: Seen


@router.get("/{slug}/waivers", response=Page[WaiverOut], summary="List waivers")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[WaiversAsked], paged: Query[Paged]
) -> Page[WaiverOut]:
    """List waivers, newest first."""
    rows = _rows(repository_of(request, slug))
    if asked.state == "ended":
        rows = rows.filter(state__in=(State.ENDED, State.EXPIRED))
    elif asked.state:
        rows = rows.filter(state=State.APPROVED if asked.state == "lasting" else asked.state)
    return page(request, response, rows, paged, _told, newest_first=True)


@router.post("/{slug}/waivers", response={201: WaiverOut}, auth=WRITE, summary="Request a waiver")
def give(request: HttpRequest, slug: str, given: OneIn | GlobIn) -> Status[WaiverOut]:
    """Request a waiver for one violation or for all those under a glob, through the date `until`.

    It waits for somebody else's approval. If you may approve and nobody else could, it is approved at once.
    """
    person = acting(request, Role.ENGINEER)
    repository = repository_of(request, slug)
    violation = _standing(repository, given.finding) if isinstance(given, OneIn) else None
    files = {"glob": given.glob, "rule": given.rule} if isinstance(given, GlobIn) else {}
    made = waivers.request_waiver(repository, person, given.reason, given.until, violation=violation, **files)
    return Status(201, _told(_rows(repository).get(pk=made.pk)))


@router.post("/{slug}/waivers/{int:pk}/end", response=WaiverOut, auth=WRITE, summary="End a waiver")
def end(request: HttpRequest, slug: str, pk: int) -> WaiverOut:
    """End your own waiver or withdraw your request; managers may end any."""
    person = acting(request, Role.ENGINEER)
    rows = _rows(repository_of(request, slug))
    waiver = _waiver(rows, pk)
    waivers.check_end(waiver, person)
    waivers.end(waiver)
    return _told(rows.get(pk=pk))


@router.post("/{slug}/waivers/{int:pk}/approve", response=WaiverOut, auth=WRITE, summary="Approve a waiver")
def approve(request: HttpRequest, slug: str, pk: int, given: WaiverApprovalIn) -> WaiverOut:
    """Approve a requested waiver. Nobody may approve their own, except where nobody else could."""
    person = acting(request, waivers.approver_role())
    rows = _rows(repository_of(request, slug))
    waivers.approve(_waiver(rows, pk), person, given.comment)
    return _told(rows.get(pk=pk))


@router.post("/{slug}/waivers/{int:pk}/reject", response=WaiverOut, auth=WRITE, summary="Reject a waiver")
def reject(request: HttpRequest, slug: str, pk: int, given: WaiverRejectionIn) -> WaiverOut:
    """Reject a requested waiver with a comment that says why."""
    person = acting(request, waivers.approver_role())
    rows = _rows(repository_of(request, slug))
    waivers.reject(_waiver(rows, pk), person, given.comment)
    return _told(rows.get(pk=pk))


def _waiver(rows: Any, pk: int) -> Waiver:
    waiver: Waiver | None = rows.filter(pk=pk).first()
    if waiver is None:
        raise Http404(f"There is no waiver {pk}.")
    return waiver


def _standing(repository: Repository, pk: int) -> Violation:
    rows = Violation.objects.filter(plan=repository.plan_id, last__isnull=True, pk=pk)
    found = rows.select_related("file").first()
    if found is None:
        raise Http404(f"There is no violation {pk} under the active plan.")
    return found


def _rows(repository: Repository) -> Any:
    now = Q(violations__last__isnull=True, violations__plan=F("repository__plan"))
    standing = Count("violations", filter=now)
    rows = Waiver.objects.filter(repository=repository)
    rows = rows.select_related("person", "decided_by", "repository")
    return rows.annotate(standing=standing)


def _told(row: Any) -> WaiverOut:
    return WaiverOut(
        id=row.pk,
        glob=row.glob,
        rule=row.rule,
        fingerprint=row.fingerprint,
        reason=row.reason,
        person=row.person.get_username() if row.person else None,
        until=row.until,
        created_at=row.created_at,
        ended_at=row.ended_at,
        violations=row.standing,
        state=row.state,
        decided_by=row.decided_by.get_username() if row.decided_by else None,
        decided_at=row.decided_at,
        comment=row.comment,
    )
