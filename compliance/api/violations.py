"""Violations, each with its state, age and reason."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.models import Violation
from compliance.queries.violations import ViolationFilter, state_of

router = Router(tags=["findings"])

RELATED = ("file", "introduced", "resolved", "waiver")


class FindingOut(Schema):
    """A violation. `state` is “standing” (open), “suppressed”, “waived” or “put right” (fixed).

    `reason` is the one given in the suppression comment or the waiver. To list suppression comments, filter
    by the state suppressed; `introduced_at` gives the age of each. `introduced` is null until the backfill
    has reached that commit. `resolved` is the first commit without the violation, or the commit that
    suppressed it. `restored` is true if a suppressed violation counts again since `introduced`, and `ran_out`
    if that is because the comment has expired; then `introduced_by` is null.
    """

    id: int
    state: str
    file: int
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    role: str
    symbol: str
    scope: str
    risk: str
    category: str
    counted: bool
    message: str
    snippet: str
    fingerprint: str
    issues: list[str]
    phases: list[str]
    introduced: str | None
    introduced_at: datetime | None
    introduced_by: str | None
    restored: bool
    ran_out: bool
    resolved: str | None
    waiver: int | None
    reason: str


@router.get(
    "/{slug}/findings",
    response=Page[FindingOut],
    summary="List violations",
    operation_id="findings_index",
)
def index(
    request: HttpRequest,
    response: HttpResponse,
    slug: str,
    asked: Query[ViolationFilter],
    paged: Query[Paged],
) -> Page[FindingOut]:
    """List the violations at the newest commit, unless `state` selects others."""
    repository = repository_of(request, slug)
    rows = asked.violations(repository).select_related(*RELATED)
    return page(request, response, rows, paged, finding_out)


@router.get(
    "/{slug}/findings/{int:pk}",
    response=FindingOut,
    summary="Show a violation",
    operation_id="findings_show",
)
def show(request: HttpRequest, slug: str, pk: int) -> FindingOut:
    """Show a violation found under the active plan."""
    rows = Violation.objects.filter(plan=repository_of(request, slug).plan_id, pk=pk)
    found = rows.select_related(*RELATED).first()
    if found is None:
        raise Http404(f"There is no violation {pk} under the active plan.")
    return finding_out(found)


def finding_out(row: Violation) -> FindingOut:
    """Return a violation in its API format. It must have been loaded with RELATED."""
    same = {name: getattr(row, name) for name in FindingOut.model_fields if name not in _OWN}
    return FindingOut(
        **same,
        state=state_of(row),
        file=row.file_id,
        path=row.file.path,
        introduced=row.introduced.sha if row.introduced else None,
        introduced_at=row.introduced.committed_at if row.introduced else None,
        introduced_by=row.introduced.author_name if row.introduced and not row.ran_out else None,
        resolved=row.resolved.sha if row.resolved else None,
        waiver=row.waiver_id,
        reason=row.waiver.reason if row.waiver else row.reason,
    )


_OWN = {
    "state",
    "file",
    "path",
    "introduced",
    "introduced_at",
    "introduced_by",
    "resolved",
    "waiver",
    "reason",
}
