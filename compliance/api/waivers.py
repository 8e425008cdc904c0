"""Waivers: violations accepted by a person, with a reason and an expiry date.

Waivers are created and ended on behalf of the token's owner.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.db.models import Count, Q
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


class WaiverOut(Schema):
    """A waiver. `rule` is empty if it applies to any rule. `until` is the last date on which it is valid, or
    null if it never expires. `violations` is the number of violations that it currently covers.
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


class WaiversAsked(Schema):
    """Filter: active, ended or all."""

    state: Literal["", "lasting", "ended"] = ""


class OneIn(Schema):
    """A single violation, identified by its key."""

    model_config = ConfigDict(extra="forbid")
    finding: Whole
    reason: Seen
    until: Day | None = None


class GlobIn(Schema):
    """Every violation of a rule (any rule if empty) in files that match a glob. Requires the manager role."""

    model_config = ConfigDict(extra="forbid")
    glob: Seen
    rule: Rule = ""
    reason: Seen
    until: Day | None = None


@router.get("/{slug}/waivers", response=Page[WaiverOut], summary="List waivers")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[WaiversAsked], paged: Query[Paged]
) -> Page[WaiverOut]:
    """List waivers, newest first."""
    rows = _rows(repository_of(request, slug))
    if asked.state:
        rows = rows.filter(ended_at__isnull=asked.state == "lasting")
    return page(request, response, rows, paged, _told, newest_first=True)


@router.post("/{slug}/waivers", response={201: WaiverOut}, auth=WRITE, summary="Waive violations")
def give(request: HttpRequest, slug: str, given: OneIn | GlobIn) -> Status[WaiverOut]:
    """Waive one violation or, as a manager, all those under a glob, through the date `until`."""
    person = acting(request, Role.ENGINEER)
    repository = repository_of(request, slug)
    violation = _standing(repository, given.finding) if isinstance(given, OneIn) else None
    waivers.check_scope(person, violation)
    files = {"glob": given.glob, "rule": given.rule} if isinstance(given, GlobIn) else {}
    made = waivers.waive(repository, person, given.reason, given.until, violation=violation, **files)
    return Status(201, _told(_rows(repository).get(pk=made.pk)))


@router.post("/{slug}/waivers/{int:pk}/end", response=WaiverOut, auth=WRITE, summary="End a waiver")
def end(request: HttpRequest, slug: str, pk: int) -> WaiverOut:
    """End your own waiver; managers may end any. Its violations count again."""
    person = acting(request, Role.ENGINEER)
    rows = _rows(repository_of(request, slug))
    waiver = rows.filter(pk=pk).first()
    if waiver is None:
        raise Http404(f"There is no waiver {pk}.")
    waivers.check_end(waiver, person)
    waivers.end(waiver)
    return _told(rows.get(pk=pk))


def _standing(repository: Repository, pk: int) -> Violation:
    rows = Violation.objects.filter(plan=repository.plan_id, last__isnull=True, pk=pk)
    found = rows.select_related("file").first()
    if found is None:
        raise Http404(f"There is no violation {pk} under the active plan.")
    return found


def _rows(repository: Repository) -> Any:
    standing = Count("violations", filter=Q(violations__last__isnull=True))
    rows = Waiver.objects.filter(repository=repository).select_related("person", "repository")
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
    )
