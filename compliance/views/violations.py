"""The list of violations with its filters."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.models import Repository, Violation
from compliance.queries.filters import choices, named
from compliance.queries.violations import FEW, ViolationFilter, order_of, state_in_words, violation_counts
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository

PAGE = 50
ROLES_SECONDS = 3600
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
    everything = filters.whatever_state(repository)
    rows = filters.with_state(everything).select_related("file", "introduced", "resolved", "waiver")
    counts = violation_counts(repository, filters)
    asked = filters.controls(request.GET, {**choices(repository), "roles": named(_roles(repository))})
    is_short = filters.narrowed and counts.listed <= FEW
    order = order_of(request.GET.get("sort", ""), filters.state, is_short=is_short)
    context = {
        "repository": repository,
        "section": "files",
        "filters": filters,
        "fields": asked,
        "active_filters": [field for field in asked if field.chosen],
        "page": order.page(rows, counts.listed, PAGE, request.GET),
        "files": counts.files,
        "states": [(state, label, counts.by_state.get(state)) for state, label in CHIPS.items()],
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


def _roles(repository: Repository) -> list[str]:
    """Return the roles of the current violations, which change only with the newest commit or the plan."""
    key = f"roles-{repository.plan_id}-{repository.head_id}"
    found: list[str] | None = cache.get(key)
    if found is None:
        now = Violation.objects.filter(plan=repository.plan_id, last__isnull=True)
        found = sorted(now.order_by().values_list("role", flat=True).distinct())
        cache.set(key, found, ROLES_SECONDS)
    return found


@require_safe
def violations_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the whole filtered list as CSV."""
    repository = find_repository(slug)
    filters = ViolationFilter.read(request.GET)
    rows = filters.violations(repository)
    order = order_of(request.GET.get("sort", ""), filters.state)
    rows = order.sorted(rows)
    return stream_csv(f"{slug}-violations", COLUMNS, cells(rows), filters)


_CELLS = (
    *("file__path", "line", "column", "snippet", "risk", "category", "rule", "role", "symbol", "scope"),
    *("message", "issue_keys", "phase_keys", "last", "silenced", "suppressed", "waiver_id"),
    *("introduced__committed_at", "introduced__sha", "introduced__author_name", "resolved__sha"),
    *("reason", "waiver__reason", "ran_out"),
)


def cells(rows: QuerySet[Violation]) -> Iterator[list[Any]]:
    """Yield the rows of a CSV file with COLUMNS. Columns are read instead of objects, which would take three
    times as long.
    """
    text = {"issue_keys": Cast("issues", TextField()), "phase_keys": Cast("phases", TextField())}
    for row in rows.select_related(None).annotate(**text).values_list(*_CELLS).iterator(chunk_size=2000):
        *place, issues, phases, last, silenced, suppressed, waiver = row[:17]
        at, since, author, until, reason, waived, ran_out = row[17:]
        yield [
            *place,
            _joined(issues),
            _joined(phases),
            state_in_words(last, waiver, silenced=silenced, suppressed=suppressed),
            "" if at is None else at.isoformat(),
            since or "",
            "" if ran_out else author or "",
            until or "",
            reason if waiver is None else waived,
            ran_out,
        ]


@lru_cache(maxsize=10_000)
def _joined(keys: str) -> str:
    """Return the keys of a JSON list, separated by spaces. Thousands of violations have the same ones."""
    return " ".join(json.loads(keys))


REPOSITORY_URLS = [
    path("violations/", violations, name="violations"),
    path("violations.csv", violations_csv, name="violations-csv"),
]
