"""The plan's versions, each with its text as it was given."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from compliance import scans
from compliance.api.authentication import repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.models import PlanDraft, PlanVersion, Repository
from compliance.queries.plans import draft_of, in_words, lines, version_of

router = Router(tags=["plans"])


class PlanOut(Schema):
    """One version. `source` says where it was read, `author` who gave it here, if anybody did."""

    number: int
    name: str
    digest: str
    in_force: bool
    target_percent: float
    counted: list[str]
    source: str
    author: str | None
    created_at: datetime


class LineOut(Schema):
    """One line of a difference: `sign` is +, - or a space; `gap` stands for lines left out before it."""

    sign: str
    old: int | None
    new: int | None
    text: str
    gap: bool


class ComparisonOut(Schema):
    """What is new from the one text to the other: in words, and line by line.

    `unread` says why there are no words: one of the texts was kept by a release whose format was another.
    """

    words: list[str]
    unread: str
    lines: list[LineOut]


class Compared(Schema):
    """From a version to another, by their numbers, or to a draft, by its id."""

    first: int = Field(alias="from", ge=1, le=2**31 - 1)
    to: int | None = Field(None, ge=1, le=2**31 - 1)
    draft: int | None = Field(None, ge=1, le=2**63 - 1)


class WholePlanOut(PlanOut):
    """With the plan's text."""

    text: str


@router.get("/{slug}/plans", response=Page[PlanOut], summary="List plan versions")
def index(request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]) -> Page[PlanOut]:
    """Newest first."""
    repository = repository_of(request, slug)
    rows = PlanVersion.objects.filter(repository=repository).defer("text").select_related("author")

    def shown(row: PlanVersion) -> PlanOut:
        return plan_out(row, repository)

    return page(request, response, rows, paged, shown, key="number", newest_first=True)


@router.get("/{slug}/plans/{int:number}", response=WholePlanOut, summary="Show a plan version")
def show(request: HttpRequest, slug: str, number: int) -> WholePlanOut:
    """One version with its text."""
    repository = repository_of(request, slug)
    found = version_of(repository, number)
    return WholePlanOut(**plan_out(found, repository).dict(), text=found.text)


@router.get("/{slug}/plans/compare", response=ComparisonOut, summary="Compare two texts of the plan")
def compare(request: HttpRequest, slug: str, asked: Query[Compared]) -> ComparisonOut:
    """From a version to another one or to a draft; to what holds, where neither is named."""
    repository = repository_of(request, slug)
    old = version_of(repository, asked.first)
    new: PlanVersion | PlanDraft
    if asked.draft:
        new = draft_of(repository, asked.draft)
    else:
        holds = scans.current(repository)
        new = version_of(repository, asked.to or (holds.number if holds else None))
    unread, words = in_words(old, new)
    return ComparisonOut(
        words=words, unread=unread, lines=[LineOut(**line._asdict()) for line in lines(old.text, new.text)]
    )


def plan_out(row: PlanVersion, repository: Repository) -> PlanOut:
    """A version for programs; needs its author with it."""
    return PlanOut(
        number=row.number,
        name=row.name,
        digest=row.digest,
        in_force=row.pk == repository.plan_id,
        target_percent=float(row.target_percent),
        counted=row.counted,
        source=row.source,
        author=row.author.get_username() if row.author else None,
        created_at=row.created_at,
    )
