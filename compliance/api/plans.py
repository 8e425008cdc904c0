"""Plan versions and their original text."""

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
    """A plan version. `source` tells where the plan was read from, and `author` who saved it here, if anyone
    did. `baseline` is the commit from which its progress is measured; null until its history is complete.
    """

    number: int
    name: str
    digest: str
    in_force: bool
    target_percent: float
    counted: list[str]
    source: str
    author: str | None
    created_at: datetime
    baseline: str | None


class LineOut(Schema):
    """A line of a diff. `sign` is `+`, `-` or a space; `gap` is true if lines before it are omitted."""

    sign: str
    old: int | None
    new: int | None
    text: str
    gap: bool


class ComparisonOut(Schema):
    """The difference between two plan texts, as a summary in sentences and line by line.

    If the summary is missing, `unread` gives the reason: one of the texts was saved by a release with another
    plan format.
    """

    words: list[str]
    unread: str
    lines: list[LineOut]


class Compared(Schema):
    """Selects what to compare: two versions by number, or a version and a draft by id."""

    first: int = Field(alias="from", ge=1, le=2**31 - 1)
    to: int | None = Field(None, ge=1, le=2**31 - 1)
    draft: int | None = Field(None, ge=1, le=2**63 - 1)


class WholePlanOut(PlanOut):
    """A plan version with its text."""

    text: str


@router.get("/{slug}/plans", response=Page[PlanOut], summary="List plan versions")
def index(request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]) -> Page[PlanOut]:
    """List versions, newest first."""
    repository = repository_of(request, slug)
    rows = (
        PlanVersion.objects.filter(repository=repository)
        .defer("text")
        .select_related("author", "baseline__commit")
    )

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
    """Compare a version with another version or with a draft. The default is the active version."""
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
    """Return a version in its API format. The author must have been loaded with it."""
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
        baseline=_baseline(row),
    )


def _baseline(row: PlanVersion) -> str | None:
    kept = getattr(row, "baseline", None)
    return kept.commit.sha if kept and kept.commit else None
