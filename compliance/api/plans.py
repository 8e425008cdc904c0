"""The plan's versions, each with its text as it was given."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from compliance.api.access import repository_of
from compliance.api.paging import Page, Paged, page
from compliance.models import PlanVersion, Repository

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


class WholePlanOut(PlanOut):
    """With the plan's text."""

    text: str


@router.get("/{slug}/plans", response=Page[PlanOut], summary="List plan versions")
def index(request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]) -> Page[PlanOut]:
    """Newest first."""
    repository = repository_of(request, slug)
    rows = PlanVersion.objects.filter(repository=repository).defer("text").select_related("author")

    def shown(row: PlanVersion) -> PlanOut:
        return _told(row, repository)

    return page(request, response, rows, paged, shown, key="number", newest_first=True)


@router.get("/{slug}/plans/{int:number}", response=WholePlanOut, summary="Show a plan version")
def show(request: HttpRequest, slug: str, number: int) -> WholePlanOut:
    """One version with its text."""
    repository = repository_of(request, slug)
    rows = PlanVersion.objects.filter(repository=repository, number=number)
    found = rows.select_related("author").first()
    if found is None:
        raise Http404(f"There is no version {number} of the plan.")
    return WholePlanOut(**_told(found, repository).dict(), text=found.text)


def _told(row: PlanVersion, repository: Repository) -> PlanOut:
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
