"""The plan page: the plan's source, its editor, and the preview of an edited plan."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from compliance import scans
from compliance.accounts.roles import Role, needs, person_of
from compliance.lib.parsing import number_in
from compliance.lib.wording import count_of, format_percent, join_names
from compliance.models import Job, PlanVersion, Repository
from compliance.queries.plans import PreviewFilter, baseline_sentence, draft_of, standing, version_of
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository, history

PAGE = 100
FILE_COLUMNS = (
    *("change", "path", "category_before", "category_after"),
    *("violations_before", "violations_after"),
)

IN_COUNTED, IN_ALL = "Violations in counted categories", "Violations in all categories"

_PARTS = {
    "phase": "Violations in all categories by phase",
    "rule": f"{IN_COUNTED} by rule",
    "risk": f"{IN_COUNTED} by risk",
}
"""The dimensions that the comparison of a preview shows, with what is counted."""


@require_safe
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page. `draft` or `version` selects a text to edit instead of the active one."""
    repository = find_repository(slug)
    text = None
    if number := request.GET.get("draft"):
        text = draft_of(repository, number_in(number)).text
    elif number := request.GET.get("version"):
        text = version_of(repository, number_in(number)).text
    return render(request, "plan/page.html", _page(repository, text) | {"edited": _selection(request)})


def _selection(request: HttpRequest) -> str:
    """Return the part of the address that selects the same text in the plan builder."""
    chosen = {name: number_in(request.GET.get(name, "")) for name in ("draft", "version")}
    return next((f"?{name}={number}" for name, number in chosen.items() if number), "")


@require_POST
@needs(Role.MANAGER)
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Check an edited text, and start its preview in the background."""
    repository = find_repository(slug)
    text = request.POST.get("text", "")
    try:
        made = scans.draft(repository, text, person_of(request))
    except scans.PlanError as error:
        return render(request, "plan/page.html", _page(repository, text, error), status=422)
    return redirect("plan-draft", slug=slug, pk=made.pk)


def _page(repository: Repository, text: str | None, error: scans.PlanError | None = None) -> dict[str, Any]:
    holds = scans.current(repository)
    lines = (text or "").split("\n")
    problems = [
        {"problem": problem, "text": lines[problem.line - 1][:200] if problem.line <= len(lines) else ""}
        for problem in (error.problems if error else ())
    ]
    return {
        "repository": repository,
        "section": "settings",
        "holds": holds,
        "text": (holds.text if holds else "") if text is None else text,
        "edited": "",
        "editor_title": _editor_title(holds, edited=text is not None),
        "problems": problems,
        "kinds": [(kind.kind, kind.summary()) for kind in scans.kinds()],
        "baseline": baseline_sentence(repository),
        "history": history(repository),
        "versions": list(repository.plans.defer("text").select_related("author").order_by("-number")[:50]),
    }


def _editor_title(active: PlanVersion | None, *, edited: bool) -> str:
    if edited:
        return "Your draft"
    return f"Version {active.number}" if active else "No plan yet"


@require_safe
def draft(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the preview of a draft."""
    return render(request, "plan/draft.html", _state(find_repository(slug), pk))


@require_safe
def draft_live(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Return the section of the page that polls until the preview is ready."""
    return render(request, "plan/preview.html", _state(find_repository(slug), pk))


def _state(repository: Repository, pk: int) -> dict[str, Any]:
    made = draft_of(repository, pk)
    state = standing(repository, made)
    failed = state.job is not None and state.job.state == Job.State.BURIED
    outcome = made.outcome or {}
    shown = [row for row in outcome.get("by", []) if row["dimension"] in _PARTS]
    changed = [row for row in shown if row["before"] != row["after"]]
    return {
        "repository": repository,
        "section": "settings",
        "draft": made,
        "is_file": scans.is_plan_a_file(repository),
        **state._asdict(),
        "outcome": outcome,
        "polling": not outcome and not made.trouble and not failed,
        "figures": _figures(outcome),
        "waived": _waived(outcome),
        "counted": _counted(outcome),
        "parts": [
            (title, [row for row in changed if row["dimension"] == name]) for name, title in _PARTS.items()
        ],
        "unchanged": _unchanged(shown, changed),
        "changes": [(name, outcome["changed"].get(name, 0)) for name in scans.CHANGES] if outcome else [],
    }


def _unchanged(shown: list[dict[str, Any]], changed: list[dict[str, Any]]) -> str:
    """Say how many rows of the comparison are left out because they stay the same."""
    same = len(shown) - len(changed)
    return (
        f"{count_of(same, 'phase, rule or risk', 'phases, rules and risks')} without a change."
        if same
        else ""
    )


def _figures(outcome: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the comparison. Without an active plan, the column for the current plan is empty."""
    if not outcome:
        return []
    now, after = _column(outcome.get("before")), _column(outcome["after"])
    return [{"title": title, "before": now[title], "after": after[title]} for title in after]


def _column(figures: dict[str, Any] | None) -> dict[str, str]:
    titles = ("Compliance", "Target", "Clean files", IN_COUNTED, IN_ALL)
    if not figures:
        return dict.fromkeys(titles, "")
    everywhere = figures.get("all_violations")  # previews of earlier releases lack it
    told = (
        format_percent(figures["percent"]),
        format_percent(figures["target"]),
        f"{figures['clean']:,} of {figures['files']:,}",
        f"{figures['violations']:,}",
        "n/a" if everywhere is None else f"{everywhere:,}",
    )
    return dict(zip(titles, told, strict=True))


def _counted(outcome: dict[str, Any]) -> str:
    """Return a sentence about what the figures count, or an empty string if it isn't known."""
    sides = [(outcome.get(name) or {}).get("counted") for name in ("before", "after")]
    before, after = (join_names(side) if side else "" for side in sides)
    if not after:
        return ""
    former = f" (now: {before})" if before and before != after else ""
    return (
        f"Counted categories: {after}{former}. Compliance, clean files, rules and risks count these only; "
        "phases count every category that they include, tests too."
    )


def _waived(outcome: dict[str, Any]) -> str:
    """Return a sentence with the number of waived violations, or an empty string if there are none."""
    before, after = outcome.get("before") or {}, outcome.get("after") or {}
    if not before.get("waived") and not after.get("waived"):
        return ""
    now = f"{before.get('waived') or 0:,} now, " if before else ""
    return f"The violations include waived ones: {now}{after.get('waived') or 0:,} after."


@require_POST
@needs(Role.MANAGER)
def adopt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Activate a draft."""
    repository = find_repository(slug)
    made = draft_of(repository, pk)
    if not check_plan_source(request, repository):
        return redirect("plan-draft", slug=slug, pk=pk)
    try:
        version = scans.adopt(made, person_of(request))
    except scans.ConflictError as error:
        messages.error(request, str(error))
        return redirect("plan-draft", slug=slug, pk=pk)
    messages.success(
        request,
        f"Plan version {version.number} was activated. The latest commit is evaluated first, then history.",
    )
    return redirect("plan", slug=slug)


@require_POST
@needs(Role.MANAGER)
def repeat_preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Preview a draft's text again, compared with the active plan."""
    old = draft_of(find_repository(slug), pk)
    made = scans.draft(old.repository, old.text, person_of(request))
    return redirect("plan-draft", slug=slug, pk=made.pk)


@require_POST
@needs(Role.MANAGER)
def follow_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Read the plan from a file in the repository from now on."""
    repository = find_repository(slug)
    try:
        path = scans.follow(repository, request.POST.get("path", ""), person_of(request))
    except scans.HomeError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"From the next scan on, the plan is read from {path} on {repository.branch}."
        )
    return redirect("plan", slug=slug)


@require_POST
@needs(Role.MANAGER)
def set_baseline(request: HttpRequest, slug: str) -> HttpResponse:
    """Measure progress and regressions from another commit."""
    try:
        commit = scans.set_baseline(find_repository(slug), request.POST.get("commit", ""), person_of(request))
    except scans.BaselineError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"The baseline is {commit.sha[:10]}. Progress and regressions are being recomputed."
        )
    return redirect("plan", slug=slug)


@require_safe
def draft_files(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the files that a draft affects, filtered by `change`."""
    repository = find_repository(slug)
    made = draft_of(repository, pk)
    filters = PreviewFilter.read(request.GET)
    context = {
        "repository": repository,
        "section": "settings",
        "draft": made,
        "filters": filters,
        "changes": [(name, (made.outcome or {}).get("changed", {}).get(name, 0)) for name in scans.CHANGES],
        "everything": len(made.files),
        "page": Paginator(filters.files(made), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "plan/files.html", context)


@require_safe
def draft_files_csv(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Return the filtered list as CSV."""
    made = draft_of(find_repository(slug), pk)
    filters = PreviewFilter.read(request.GET)
    return stream_csv(f"{slug}-plan-preview-{pk}", FILE_COLUMNS, filters.files(made), filters)


def check_plan_source(request: HttpRequest, repository: Repository) -> bool:
    """Return True if a plan may be activated here: either the plan is already managed here, or the form
    requests that it will be.
    """
    try:
        scans.check_home(repository, keep_here=bool(request.POST.get("keep_here")))
    except scans.HomeError as error:
        messages.error(request, str(error))
        return False
    return True


REPOSITORY_URLS = [
    path("plan/", plan, name="plan"),
    path("plan/preview/", preview, name="plan-preview"),
    path("plan/source/", follow_file, name="plan-source"),
    path("plan/baseline/", set_baseline, name="plan-baseline"),
    path("plan/drafts/<int:pk>/", draft, name="plan-draft"),
    path("plan/drafts/<int:pk>/live/", draft_live, name="plan-draft-live"),
    path("plan/drafts/<int:pk>/again/", repeat_preview, name="plan-again"),
    path("plan/drafts/<int:pk>/adopt/", adopt, name="plan-adopt"),
    path("plan/drafts/<int:pk>/files/", draft_files, name="plan-draft-files"),
    path("plan/drafts/<int:pk>/files.csv", draft_files_csv, name="plan-draft-files-csv"),
]
