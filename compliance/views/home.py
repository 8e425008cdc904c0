"""The home page, which lists all tracked repositories. If there is only one, it redirects to its overview."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, may
from compliance.lib.local_repositories import folder_problems, suggest
from compliance.lib.product_files import command
from compliance.models import Repository
from compliance.queries.filters import named
from compliance.views import home_rows
from compliance.views.csv_response import stream_csv
from compliance.views.home_rows import HomeFilter, Row

PAGE = 25
EXAMPLE = "https://example.org/team/project.git"
MOST_PLANS = 100
"""Number of plans to choose from. The search finds every plan by its name."""

COLUMNS = (
    *("kind", "name", "plan", "state", "percent", "clean", "files", "target", "missing_files"),
    "forecast",
    *("points_in_a_week", "violations", "worst_phase", "worst_phase_left", "worst_phase_due", "trouble"),
    *("newest_commit", "committed_at"),
    *("percent_with_waivers", "clean_with_waivers", "waived", "suppressed"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List the repositories, 25 rows per page. Without filters, redirect to the overview if there is only one
    repository.

    As long as there is none but the demonstration, administrators are asked for the address of one.
    """
    found = _found(request)
    only = Repository.objects.tracked().filter(pk=found[0].key).first() if len(found) == 1 else None
    greets = may(request.user, Role.ADMINISTRATOR) and (not found or (only and is_demonstration(only)))
    if only and not request.GET and not greets:
        return redirect("overview", slug=only.slug)
    filters = HomeFilter.read(request.GET)
    kept = home_rows.sort_rows(filters.matching(found), request.GET.get("sort", "name"))
    states = Counter(row.state for row in found)
    page = Paginator([*_sums(found, kept), *kept], PAGE).get_page(request.GET.get("page"))
    rows = home_rows.complete(list(page))
    context = {
        "everything": len(found),
        "matching": len(kept),
        "page": page,
        "rows": [row for row in rows if row.repository],
        "sums": [row for row in rows if not row.repository],
        "states": [(state, states[state]) for state in home_rows.STATES if states[state]],
        "filters": filters,
        "fields": filters.controls(request.GET, {"plans": named(_plans(found, filters.plan))}),
        "sort": request.GET.get("sort", "name"),
        "greets": greets and not request.GET,
        "folders": suggest() if greets else [],
        "folder_problems": folder_problems() if greets else [],
        "track_command": command(f"track {EXAMPLE} --plan ssot-plan.yaml"),
    }
    return render(request, "home/list.html", context)


def is_demonstration(repository: Repository) -> bool:
    """Return true if a repository is the one that `manage.py up` makes to show the product."""
    return repository.url == str(settings.DATA_DIR / "demonstration")


def _plans(found: Sequence[Row], chosen: str) -> list[str]:
    """Return the plans to choose from: those of most repositories, because thousands would be no choice."""
    repositories = Counter(row.plan for row in found if row.plan)
    most = {plan for plan, _ in repositories.most_common(MOST_PLANS)}
    return sorted(most | ({chosen} & repositories.keys()))


def _found(request: HttpRequest) -> list[Row]:
    """Return a row for each repository. Phases are read only if the list is sorted by them."""
    found = home_rows.list_rows()
    by_phase = request.GET.get("sort", "").removeprefix("-") == "phase"
    return home_rows.with_phases(found) if by_phase else found


@require_safe
def home_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the list as CSV, totals first. The column `kind` distinguishes totals from repositories."""
    found = home_rows.with_phases(home_rows.list_rows())
    filters = HomeFilter.read(request.GET)
    kept = home_rows.sort_rows(filters.matching(found), request.GET.get("sort", "name"))
    return stream_csv("repositories", COLUMNS, _cells([*_sums(found, kept), *kept]), filters)


def _sums(found: Sequence[Row], kept: Sequence[Row]) -> list[Row]:
    """Return the totals that have a member on this page. A total always covers all its members."""
    plans = {row.plan for row in kept}
    return [row for row in home_rows.sum_by_plan(found) if row.plan in plans]


def _cells(rows: Sequence[Row]) -> Iterator[list[Any]]:
    for row in rows:
        summary, now, worst = row.summary, row.summary.snapshot, row.worst
        head = row.repository.head if row.repository else None
        yield [
            "repository" if row.repository else f"sum of {len(row.members)}",
            *(row.name, row.plan, row.state, summary.percent),
            *((now.clean, now.files) if now else (None, None)),
            *(summary.target, summary.missing if now else None, row.forecast, summary.change),
            now.violations if now else None,
            *((worst.phase.title, worst.left, worst.phase.due) if worst else (None, None, None)),
            row.trouble,
            *((head.sha, head.committed_at.isoformat()) if head else (None, None)),
            summary.percent_with_waivers,
            *((now.clean_with_waivers, now.waived_violations, now.suppressed) if now else (None, None, None)),
        ]


URLS = [
    path("", home, name="home"),
    path("repositories.csv", home_csv, name="home-csv"),
]
