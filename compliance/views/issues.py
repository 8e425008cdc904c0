"""The list of issues, and the page for one issue with its steps and phases."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.charts.context import chart_context
from compliance.charts.issues import draw as draw_issues
from compliance.integrations.issue_notes.subjects import of_issue
from compliance.models import Step
from compliance.progress.forecast import when
from compliance.queries.issue_notes import note_state, note_states
from compliance.queries.issues import find
from compliance.queries.phases import told
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.views.navigation import NavigationLink
from compliance.views.remaining_files import list_remaining
from compliance.views.selection_wording import describe_issue

LIST_COLUMNS = (
    *("key", "title", "url", "priority", "state", "fixed", "left", "files"),
    *("tasks", "tasks_done", "steps", "steps_done", "next_step"),
    *("warning", "note", "note_reason", "note_at", "fixed_gone", "preliminary"),
)
STEP_COLUMNS = ("issue", "step", "title", "risk", "defines", "clean", "done_by", "done_at")


@require_safe
def issues(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list in plan order."""
    repository = find_repository(slug)
    context = {
        "repository": repository,
        "section": "issues",
        "issues": draw_issues(chart_context(repository)),
    }
    return render(request, "issues/list.html", context)


@require_safe
def issues_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the list as CSV."""
    repository = find_repository(slug)
    notes = {
        state.key: {"note": state.state, "note_reason": state.reason, "note_at": state.at}
        for state in note_states(repository)
    }
    rows = ({**row, **notes.get(row["key"], {})} for row in draw_issues(chart_context(repository))["rows"])
    listed = ([row.get(name, "") for name in LIST_COLUMNS] for row in rows)
    return stream_csv(f"{slug}-issues", LIST_COLUMNS, listed)


@require_safe
def steps_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the steps of all issues, with the commits that completed them, as CSV."""
    rows = Step.objects.filter(issue__repository=find_repository(slug), issue__in_plan=True)
    return stream_csv(f"{slug}-steps", STEP_COLUMNS, map(_step, rows.select_related("issue", "done_by")))


def _step(step: Step) -> list[Any]:
    done = [step.done_by.sha, step.done_by.committed_at] if step.done_by else ["", ""]
    return [step.issue.key, step.order + 1, step.title, step.risk, step.defines, " ".join(step.clean), *done]


@require_safe
def issue(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show one issue. Its key may contain any character."""
    repository = find_repository(slug)
    stage = chart_context(repository)
    shown = find(stage, key)
    row = next(row for row in draw_issues(stage)["rows"] if row["key"] == shown.key)
    outlook = stage.prospect.issues.get(shown.key) if stage.prospect else None
    context = {
        "repository": repository,
        "section": "issues",
        "issue": shown,
        "row": row,
        "selection": describe_issue(shown.selects),
        "steps": list(shown.steps.all()),
        "phases": told(stage, issue=shown.key),
        "remaining": list_remaining(request, repository, issue=shown.key),
        "note": note_state(repository, of_issue(repository, shown)),
        "expected": when(outlook) if outlook and row["left"] else "",
    }
    return render(request, "issues/issue.html", context)


NAVIGATION = NavigationLink(30, "Issues", "issues")
REPOSITORY_URLS = [
    path("issues/", issues, name="issues"),
    path("issues.csv", issues_csv, name="issues-csv"),
    path("steps.csv", steps_csv, name="steps-csv"),
    path("issues/<path:key>/", issue, name="issue"),
]
