"""Editing the plan: drafts with the preview of what they would change, put in force; versions restored."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance import scans
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.plans import PlanOut, plan_out
from compliance.lib.text_fields import Path, Whole
from compliance.models import PlanDraft, Repository
from compliance.queries.plans import draft_of, standing, touched, version_of

router = Router(tags=["plans"])

LONGEST = 500_000
"""Characters of a plan's text."""


class TextIn(Schema):
    """The plan as YAML; docs/plan.md says what stands in it."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class HomeIn(Schema):
    """Whether the plan is kept here from now on, where a file of the repository has said what holds."""

    model_config = ConfigDict(extra="forbid")
    keep_here: bool = Field(False, strict=True)


class RestoreIn(HomeIn):
    """`base` is the number of the version that holds as far as you know; another one is a conflict."""

    base: Whole


class SourceIn(Schema):
    """The plan's file as it lies in the repository, such as ssot-plan.yaml."""

    model_config = ConfigDict(extra="forbid")
    path: Path


class DraftOut(Schema):
    """`state` is in the making (ask again in some seconds), made, failed (`trouble` says why) or in force.

    `base` is the version that it was begun from; `stale` says that another one holds by now, `moved` that
    there are commits that the preview has not seen. `outcome` compares the newest commit under both: figures
    `before` and `after`, `words` that say what is new in the plan, `idle` parts that take nothing, `by` each
    phase, issue, rule, risk and category, and how many files are `changed` in which way.
    """

    id: int
    state: Literal["in the making", "made", "failed", "in force"]
    person: str | None
    base: int | None
    version: int | None
    stale: bool
    moved: bool
    trouble: str
    outcome: dict[str, Any] | None
    created_at: datetime


class ChangedOut(Schema):
    """A file that the draft judges otherwise."""

    change: str
    path: str
    category_before: str | None
    category_after: str | None
    violations_before: int | None
    violations_after: int | None


class ChangedPage(Schema):
    """`files` in all have this change; `items` are those from `offset` on."""

    files: int
    items: list[ChangedOut]


class ChangedAsked(Schema):
    """Files with one kind of change; a preview's list stays as it is, so it is paged by place."""

    change: Literal["", "enters", "leaves", "violating now", "clean now", "changed"] = ""
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=200)


class FollowedOut(Schema):
    """The path from which the next scan reads the plan."""

    path: str


@router.post("/{slug}/plans/drafts", response={201: DraftOut}, auth=WRITE, summary="Draft a plan")
def write(request: HttpRequest, slug: str, given: TextIn) -> Status[DraftOut]:
    """As a manager: keep an edited text and have its preview made; 422 names every mistake with its line."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    return Status(201, _told(repository, scans.draft(repository, given.text, person)))


@router.get("/{slug}/plans/drafts/{int:pk}", response=DraftOut, summary="Show what a draft would change")
def show(request: HttpRequest, slug: str, pk: int) -> DraftOut:
    """A draft with its preview, as soon as a worker has made it."""
    repository = repository_of(request, slug)
    return _told(repository, draft_of(repository, pk))


@router.get(
    "/{slug}/plans/drafts/{int:pk}/files", response=ChangedPage, summary="List the files a draft would change"
)
def files(request: HttpRequest, slug: str, pk: int, asked: Query[ChangedAsked]) -> ChangedPage:
    """Those that it judges otherwise than what holds."""
    rows = touched(draft_of(repository_of(request, slug), pk), asked.change)
    names = list(ChangedOut.model_fields)
    shown = rows[asked.offset : asked.offset + asked.limit]
    return ChangedPage(
        files=len(rows), items=[ChangedOut(**dict(zip(names, row, strict=True))) for row in shown]
    )


@router.post(
    "/{slug}/plans/drafts/{int:pk}/again",
    response={201: DraftOut},
    auth=WRITE,
    summary="Preview a draft anew",
)
def again(request: HttpRequest, slug: str, pk: int) -> Status[DraftOut]:
    """As a manager: a new draft of the same text, against what holds now."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    made = scans.draft(repository, draft_of(repository, pk).text, person)
    return Status(201, _told(repository, made))


@router.post(
    "/{slug}/plans/drafts/{int:pk}/adopt", response=PlanOut, auth=WRITE, summary="Put a draft in force"
)
def adopt(request: HttpRequest, slug: str, pk: int, home: HomeIn) -> PlanOut:
    """As a manager; 409 where another version holds than it was begun from. History is judged again."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    made = draft_of(repository, pk)
    scans.check_home(repository, keep_here=home.keep_here)
    return plan_out(scans.adopt(made, person), repository)


@router.post(
    "/{slug}/plans/{int:number}/restore", response=PlanOut, auth=WRITE, summary="Put a version in force again"
)
def restore(request: HttpRequest, slug: str, number: int, asked: RestoreIn) -> PlanOut:
    """As a manager; commits since are judged first."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    earlier = version_of(repository, number)
    scans.check_home(repository, keep_here=asked.keep_here)
    scans.restore(earlier, asked.base, person)
    return plan_out(earlier, repository)


@router.post(
    "/{slug}/plans/source",
    response=FollowedOut,
    auth=WRITE,
    summary="Let a file of the repository be the plan",
)
def follow(request: HttpRequest, slug: str, source: SourceIn) -> FollowedOut:
    """As a manager: what this file says holds, from the next scan on."""
    person = acting(request, Role.MANAGER)
    return FollowedOut(path=scans.follow(repository_of(request, slug), source.path, person))


def _told(repository: Repository, made: PlanDraft) -> DraftOut:
    now = standing(repository, made)
    gone = made.trouble or (now.job and now.job.state == now.job.State.BURIED)
    state: Any = (
        "in force" if made.version else "made" if made.outcome else "failed" if gone else "in the making"
    )
    return DraftOut(
        id=made.pk,
        state=state,
        person=made.person.get_username() if made.person else None,
        base=made.base.number if made.base else None,
        version=made.version.number if made.version else None,
        stale=now.stale,
        moved=now.moved,
        trouble=made.trouble,
        outcome=made.outcome,
        created_at=made.created_at,
    )
