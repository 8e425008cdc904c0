"""Plan editing: save drafts, preview their effect, activate them, and restore earlier versions."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance import scans
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.plans import PlanOut, plan_out
from compliance.lib.field_types import PathText, Whole
from compliance.models import PlanDraft, Repository
from compliance.queries.plans import PreviewFilter, draft_of, standing, version_of

router = Router(tags=["plans"])

LONGEST = 500_000
"""Maximum length of a plan in characters."""


class TextIn(Schema):
    """The plan as YAML, in the format of docs/plan.md."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class HomeIn(Schema):
    """Tells where the plan is stored from now on.

    Set `here` to store the plan in the product if it has been read from a file in the repository until now.
    """

    model_config = ConfigDict(extra="forbid")
    keep_here: bool = Field(False, strict=True)


class RestoreIn(HomeIn):
    """Guards against concurrent changes.

    `base` is the number of the version that you believe is active. If another version is active, the request
    fails with a conflict.
    """

    base: Whole


class SourceIn(Schema):
    """The path of the plan in the repository, such as ssot-plan.yaml."""

    model_config = ConfigDict(extra="forbid")
    path: PathText


class DraftOut(Schema):
    """A draft. `state` is “in the making” (poll again in a few seconds), “made”, “failed” (see `trouble`) or
    “in force”.

    `base` is the version on which the draft is based. `stale` is true if another version has become active
    since, and `moved` if commits have arrived since the preview was computed. `outcome` compares the newest
    commit under both plans: the figures `before` and `after`, a summary of the plan changes in `words`, the
    parts of the plan that match nothing (`idle`), counts `by` phase, issue, rule, risk and category, and the
    number of `changed` files for each kind of change. Figures, rules and risks count the categories in
    `counted`; phases and issues all that they include. `everywhere` of a rule has its violations in all
    categories and the definitions among them. `overlaps` names rules that report the same places.
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
    """One page of changed files. `files` is the total number of files with this kind of change; `items`
    starts at `offset`.
    """

    files: int
    items: list[ChangedOut]


class PagedByOffset(Schema):
    """The part of the list to return. A preview never changes once it has been computed, so offsets do not
    shift.
    """

    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=200)


class BaselineIn(Schema):
    """The commit from which progress is measured: its SHA, or at least seven of the first digits."""

    model_config = ConfigDict(extra="forbid")
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{7,64}$")]


class BaselineOut(Schema):
    """The SHA of the commit from which progress is measured."""

    commit: str


class FollowedOut(Schema):
    """The path from which the next scan will read the plan."""

    path: str


@router.post("/{slug}/plans/drafts", response={201: DraftOut}, auth=WRITE, summary="Draft a plan")
def write(request: HttpRequest, slug: str, given: TextIn) -> Status[DraftOut]:
    """Save a plan as a draft and start computing its preview.

    Requires the manager role. A 422 response lists every error in the plan with its line.
    """
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    return Status(201, draft_out(repository, scans.draft(repository, given.text, person)))


@router.get("/{slug}/plans/drafts/{int:pk}", response=DraftOut, summary="Show a draft with its preview")
def show(request: HttpRequest, slug: str, pk: int) -> DraftOut:
    """Show one draft. The preview is included once a worker has computed it."""
    repository = repository_of(request, slug)
    return draft_out(repository, draft_of(repository, pk))


@router.get(
    "/{slug}/plans/drafts/{int:pk}/files",
    response=ChangedPage,
    summary="List files that change under a draft",
)
def files(
    request: HttpRequest, slug: str, pk: int, asked: Query[PreviewFilter], paged: Query[PagedByOffset]
) -> ChangedPage:
    """List the files whose status differs between the draft and the active plan."""
    rows = asked.files(draft_of(repository_of(request, slug), pk))
    names = list(ChangedOut.model_fields)
    shown = rows[paged.offset : paged.offset + paged.limit]
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
    """Create a new draft with the same text and compare it with the active plan.

    Requires the manager role.
    """
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    made = scans.draft(repository, draft_of(repository, pk).text, person)
    return Status(201, draft_out(repository, made))


@router.post("/{slug}/plans/drafts/{int:pk}/adopt", response=PlanOut, auth=WRITE, summary="Activate a draft")
def adopt(request: HttpRequest, slug: str, pk: int, home: HomeIn) -> PlanOut:
    """Activate the draft and re-evaluate history. Requires the manager role. The response is 409 if the
    draft's base version is no longer active.
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
    """Restore an earlier version and re-evaluate all commits since then. Requires the manager role."""
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
    """Read the plan from this file, beginning with the next scan. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    return FollowedOut(path=scans.follow(repository_of(request, slug), source.path, person))


@router.post(
    "/{slug}/plans/baseline", response=BaselineOut, auth=WRITE, summary="Set the baseline of the active plan"
)
def baseline(request: HttpRequest, slug: str, given: BaselineIn) -> BaselineOut:
    """Measure progress and regressions from this commit. Requires the manager role.

    A worker recomputes statuses, regressions and phases. The response is 409 if no recorded commit of the
    tracked branch matches, or several do.
    """
    person = acting(request, Role.MANAGER)
    return BaselineOut(commit=scans.set_baseline(repository_of(request, slug), given.commit, person).sha)


def draft_out(repository: Repository, made: PlanDraft) -> DraftOut:
    """Return a draft as the API shows it."""
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
