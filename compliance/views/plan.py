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
from compliance.models import Job, PlanVersion, Repository
from compliance.queries.plans import PreviewFilter, baseline_sentence, draft_of, standing, version_of
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository, history
from compliance.views.plan_preview import (
    CHANGE_TITLES,
    activation_sentence,
    changed_files,
    counted_sentence,
    figure_rows,
    part_titles,
    unchanged_sentence,
    waived_sentence,
)

PAGE = 100
FILE_COLUMNS = (
    *("change", "path", "category_before", "category_after"),
    *("violations_before", "violations_after"),
)


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
    parts = part_titles(outcome)
    shown = [row for row in outcome.get("by", []) if row["dimension"] in parts]
    if made.base_id is None:  # nothing was counted before, so only what was found is a change
        shown = [row for row in shown if row["after"][0] or row["dimension"] == "phase"]
    changed = [row for row in shown if row["before"] != row["after"]]
    return {
        "repository": repository,
        "section": "settings",
        "draft": made,
        "is_file": scans.is_plan_a_file(repository),
        **state._asdict(),
        "outcome": outcome,
        "polling": not outcome and not made.trouble and not failed,
        "figures": figure_rows(outcome) if outcome else [],
        "waived": waived_sentence(outcome),
        "counted": counted_sentence(outcome),
        "parts": [
            (title, [row for row in changed if row["dimension"] == name]) for name, title in parts.items()
        ],
        "unchanged": unchanged_sentence(len(shown), len(changed)),
        "changed_files": changed_files(made),
        "activation": activation_sentence(outcome),
    }


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
        f"Plan version {version.number} is being activated. {activation_sentence(made.outcome or {})}",
    )
    return redirect("overview", slug=slug)


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
        "changes": [
            (name, title, (made.outcome or {}).get("changed", {}).get(name, 0))
            for name, title in CHANGE_TITLES.items()
        ],
        "change_titles": CHANGE_TITLES,
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
