"""The list of phases, and the page for one phase with its criteria, approvals and files."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from compliance import evidence
from compliance.accounts.roles import person_of
from compliance.charts.context import chart_context
from compliance.models import Approval, Marker
from compliance.queries.phases import find, missing, told
from compliance.views.created_issues import created_context
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository, history
from compliance.views.navigation import NavigationLink
from compliance.views.remaining_files import list_remaining
from compliance.views.roadmap import roadmap_context
from compliance.views.selection_wording import describe_phase

CLOSING = ("holding", "closed_at", "closed_by", "days_late")
LIST_COLUMNS = (
    *("phase", "title", "issue", "state", "fixed", "left", "files", "start", "due"),
    *("criteria", *CLOSING, "fixed_gone", "preliminary"),
)
CRITERIA_COLUMNS = (
    *("phase", "title", "criterion", "kind", "verdict", "told", "commit", "at", "by", "in_the_way"),
)


@require_safe
def phases(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list, grouped by issue, in plan order."""
    repository = find_repository(slug)
    drawn = told(chart_context(repository))
    context = {
        "repository": repository,
        "section": "phases",
        "phases": drawn,
        **roadmap_context(drawn, most=None),
        "waiting": evidence.waiting(repository),
        "history": history(repository),
    }
    return render(request, "phases/list.html", context)


@require_safe
def phases_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the list as CSV."""
    rows = told(chart_context(find_repository(slug)))["rows"]
    cells = (
        [
            *_cells(row),
            len(row["results"]),
            row["holding"],
            row["closed_at"],
            row["closed_by"],
            row["days_late"],
            row["fixed_gone"],
            row["preliminary"],
        ]
        for row in rows
    )
    return stream_csv(f"{slug}-phases", LIST_COLUMNS, cells)


def _cells(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in ("key", *LIST_COLUMNS[1:9])]


@require_safe
def criteria_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the criteria of all phases, with their results, as CSV."""
    return stream_csv(
        f"{slug}-criteria", CRITERIA_COLUMNS, _criteria(told(chart_context(find_repository(slug)))["rows"])
    )


def _criteria(rows: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        for result in row["results"]:
            sha = result.commit.sha if result.commit else ""
            what = [
                row["key"],
                row["title"],
                result.requirement,
                result.kind,
                result.state,
                result.explanation,
            ]
            yield [*what, sha, result.at, result.by, "; ".join(result.names)]


@require_safe
def phase(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show one phase. Only its list of files is paginated."""
    repository = find_repository(slug)
    stage = chart_context(repository)
    shown = next((phase for phase in stage.phases if phase.key == key), None) or missing(key)
    row = next(row for row in told(stage)["rows"] if row["key"] == key)
    given = list(shown.approvals.select_related("person", "withdrawn_by", "commit").order_by("-pk")[:20])
    fresh = {a.role for a in given if not a.withdrawn_at and a.commit_id == repository.head_id}
    wanted = [
        r for r in evidence.roles_wanted(shown) if r not in fresh and evidence.may_approve(request.user, r)
    ]
    context = {
        "repository": repository,
        "section": "phases",
        "phase": shown,
        "row": row,
        "selection": describe_phase(shown.selects, shown.issue.selects),
        "approvals": given,
        "wanted": wanted,
        "marks": list(
            Marker.objects.filter(phase=shown).select_related("commit").order_by("-at", "-pk")[:20]
        ),
        "remaining": list_remaining(request, repository, phase=key),
        "patches": reverse("phase-patches", args=(slug, key)),
        **created_context(repository, shown),
    }
    return render(request, "phases/phase.html", context)


@require_POST
def approve(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Save an approval with a comment."""
    repository = find_repository(slug)
    shown, role = find(repository, key), request.POST.get("role", "")
    comment = request.POST.get("comment", "")
    try:
        evidence.approve(repository, shown, person_of(request), role, comment)
    except evidence.ApprovalError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Your approval of “{shown.title}” was saved.")
    return redirect("phase", slug=slug, key=key)


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Withdraw an approval. Only its author or a manager may do so."""
    repository = find_repository(slug)
    rows = Approval.objects.select_related("phase").filter(phase__issue__repository=repository)
    approval = get_object_or_404(rows, pk=pk)
    if evidence.withdraw(repository, approval, person_of(request)):
        messages.success(request, f"The approval of “{approval.phase.title}” was withdrawn.")
    return redirect("phase", slug=slug, key=approval.phase.key)


NAVIGATION = NavigationLink(20, "Phases", "phases")
REPOSITORY_URLS = [
    path("phases/", phases, name="phases"),
    path("phases.csv", phases_csv, name="phases-csv"),
    path("criteria.csv", criteria_csv, name="criteria-csv"),
    path("phases/<str:key>/", phase, name="phase"),
    path("phases/<str:key>/approve/", approve, name="approve"),
    path("approvals/<int:pk>/withdraw/", withdraw, name="withdraw-approval"),
]
