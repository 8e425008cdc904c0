"""Plan editing: drafts with a preview of their effect, activation, and restoring earlier versions."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance import scans
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.plans import PlanOut, plan_out
from compliance.lib.field_types import Path, Whole
from compliance.models import PlanDraft, Repository
from compliance.queries.plans import draft_of, standing, touched, version_of

router = Router(tags=["plans"])

LONGEST = 500_000
"""Maximum length of a plan in characters."""


class TextIn(Schema):
    """The plan as YAML, in the format of docs/plan.md."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class HomeIn(Schema):
    """Set `here` to store the plan in the product from now on when it has been read from a file of the
    repository.
    """

    model_config = ConfigDict(extra="forbid")
    keep_here: bool = Field(False, strict=True)


class RestoreIn(HomeIn):
    """`base` is the number of the version you believe is active; a different active version is a conflict."""

    base: Whole


class SourceIn(Schema):
    """Path of the plan in the repository, such as ssot-plan.yaml."""

    model_config = ConfigDict(extra="forbid")
    path: Path


class DraftOut(Schema):
    """`state` is “in the making” (poll again in a few seconds), “made”, “failed” (see `trouble`) or “in
    force”.

    `base` is the version the draft was based on; `stale` means that another version is active by now, `moved`
    that commits have arrived since the preview. `outcome` compares the newest commit under both plans:
    figures `before` and `after`, the plan changes in `words`, `idle` parts that match nothing, counts `by`
    phase, issue, rule, risk and category, and how many files are `changed` in each way.
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
    """A file whose result differs under the draft."""

    change: str
    path: str
    category_before: str | None
    category_after: str | None
    violations_before: int | None
    violations_after: int | None


class ChangedPage(Schema):
    """`files` is the total with this change; `items` starts at `offset`."""

    files: int
    items: list[ChangedOut]


class ChangedAsked(Schema):
    """Filter by kind of change. A preview's list is immutable, so it is paged by offset."""

    change: Literal["", "enters", "leaves", "violating now", "clean now", "changed"] = ""
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=200)


class FollowedOut(Schema):
    """The path from which the next scan reads the plan."""

    path: str


@router.post("/{slug}/plans/drafts", response={201: DraftOut}, auth=WRITE, summary="Draft a plan")
def write(request: HttpRequest, slug: str, given: TextIn) -> Status[DraftOut]:
    """Save a plan text as a draft and start its preview; requires the manager role. 422 lists every error
    with its line.
    """
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    return Status(201, _told(repository, scans.draft(repository, given.text, person)))


@router.get("/{slug}/plans/drafts/{int:pk}", response=DraftOut, summary="Show a draft with its preview")
def show(request: HttpRequest, slug: str, pk: int) -> DraftOut:
    """One draft; the preview is included as soon as a worker has computed it."""
    repository = repository_of(request, slug)
    return _told(repository, draft_of(repository, pk))


@router.get(
    "/{slug}/plans/drafts/{int:pk}/files",
    response=ChangedPage,
    summary="List files that change under a draft",
)
def files(request: HttpRequest, slug: str, pk: int, asked: Query[ChangedAsked]) -> ChangedPage:
    """Files whose result differs between the draft and the active plan."""
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
    summary="Refresh a draft's preview",
)
def again(request: HttpRequest, slug: str, pk: int) -> Status[DraftOut]:
    """Create a new draft of the same text, compared with the active plan; requires the manager role."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    made = scans.draft(repository, draft_of(repository, pk).text, person)
    return Status(201, _told(repository, made))


@router.post("/{slug}/plans/drafts/{int:pk}/adopt", response=PlanOut, auth=WRITE, summary="Activate a draft")
def adopt(request: HttpRequest, slug: str, pk: int, home: HomeIn) -> PlanOut:
    """Activate the draft and re-evaluate history; requires the manager role. 409 if its base is no longer
    active.
    """
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    made = draft_of(repository, pk)
    scans.check_home(repository, keep_here=home.keep_here)
    return plan_out(scans.adopt(made, person), repository)


@router.post(
    "/{slug}/plans/{int:number}/restore", response=PlanOut, auth=WRITE, summary="Restore a plan version"
)
def restore(request: HttpRequest, slug: str, number: int, asked: RestoreIn) -> PlanOut:
    """Activate an earlier version; later commits are re-evaluated first. Requires the manager role."""
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
    summary="Read the plan from the repository",
)
def follow(request: HttpRequest, slug: str, source: SourceIn) -> FollowedOut:
    """From the next scan on, read the plan from this file; requires the manager role."""
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
