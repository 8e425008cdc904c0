"""The list of violations with its filters."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.models import Repository, Violation
from compliance.queries.filters import choices, named
from compliance.queries.violations import SORTS, ViolationFilter, state_of
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository

PAGE = 50
COLUMNS = (
    *("file", "line", "column", "pattern", "risk", "category", "rule", "role", "symbol", "scope", "message"),
    *("issues", "phases", "state", "since", "since_commit", "since_author", "until_commit", "reason"),
    "ran_out",
)
CHIPS = {"": "open", "waived": "of which waived", "suppressed": "suppressed", "resolved": "fixed"}
"""The states among which the page lets the reader choose, with their labels."""
EMPTY_TITLES = {
    "suppressed": "No suppressed violations",
    "waived": "No waived violations",
    "resolved": "No violations fixed in the history recorded so far",
}


@require_safe
def violations(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list, 50 violations per page, by default with the highest risk first."""
    repository = find_repository(slug)
    filters = ViolationFilter.read(request.GET)
    # The number of fixed violations grows with the history, so they are counted only in their own list.
    everything = filters.whatever_state(repository)
    counts = everything.filter(last__isnull=True)
    counts_by_state = {
        "open": Count("pk", filter=Q(suppressed=False)),
        "waived": Count("pk", filter=Q(suppressed=False, waiver__isnull=False)),
        "suppressed": Count("pk", filter=Q(suppressed=True)),
    }
    by_state = counts.aggregate(**counts_by_state)
    rows = filters.with_state(everything).select_related("file", "introduced", "resolved", "waiver")
    found = Paginator(_sorted(request, rows), PAGE)
    now = Violation.objects.filter(plan=repository.plan_id, last__isnull=True)
    roles = now.order_by().values_list("role", flat=True).distinct()
    asked = filters.controls(request.GET, {**choices(repository), "roles": named(sorted(roles))})
    context = {
        "repository": repository,
        "section": "files",
        "filters": filters,
        "fields": asked,
        "active_filters": [field for field in asked if field.chosen],
        "page": found.get_page(request.GET.get("page")),
        "files": rows.order_by().aggregate(files=Count("file", distinct=True))["files"],
        "states": [(state, label, by_state.get(state or "open")) for state, label in CHIPS.items()],
        "sort": request.GET.get("sort", "risk"),
        "empty_title": _empty_title(filters, repository),
    }
    return render(request, "violations/list.html", context)


def _empty_title(filters: ViolationFilter, repository: Repository) -> str:
    """Return the title for an empty list."""
    if filters.narrowed:
        return "No violations match"
    if filters.state in EMPTY_TITLES:
        return EMPTY_TITLES[filters.state]
    return "No open violations" if repository.head_id else "No data yet"


def _sorted(request: HttpRequest, rows: QuerySet[Violation]) -> QuerySet[Violation]:
    return rows.order_by(*SORTS.get(request.GET.get("sort", ""), SORTS["risk"]))


@require_safe
def violations_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the whole filtered list as CSV."""
    repository = find_repository(slug)
    filters = ViolationFilter.read(request.GET)
    rows = filters.violations(repository)
    rows = _sorted(request, rows.select_related("file", "introduced", "resolved", "waiver"))
    return stream_csv(f"{slug}-violations", COLUMNS, cells(rows), filters)


def cells(rows: QuerySet[Violation]) -> Iterator[list[Any]]:
    """Yield the rows of a CSV file with COLUMNS. `rows` must select file, introduced, resolved and waiver."""
    for row in rows.iterator(chunk_size=2000):
        state = state_of(row)
        since, reason = row.introduced, row.waiver.reason if row.waiver else row.reason
        yield [
            *(row.file.path, row.line, row.column, row.snippet, row.risk, row.category, row.rule, row.role),
            *(row.symbol, row.scope, row.message, " ".join(row.issues), " ".join(row.phases), state),
            *((since.committed_at.isoformat(), since.sha) if since else ("", "")),
            since.author_name if since and not row.ran_out else "",
            *(row.resolved.sha if row.resolved else "", reason, row.ran_out),
        ]


REPOSITORY_URLS = [
    path("violations/", violations, name="violations"),
    path("violations.csv", violations_csv, name="violations-csv"),
]
