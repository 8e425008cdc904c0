"""The page that proposes a plan: candidates found in the repository's own code."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from compliance import scans
from compliance.accounts.roles import Role, may, needs, person_of
from compliance.models import Repository
from compliance.queries.proposals import ProposalState, proposal_of
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository

COLUMNS = (
    *("title", "reason", "evidence", "counted", "counted_places", "counted_files", "percent", "fixable"),
    *("places", "files", "rules", "standing"),
    *("earlier_files", "earlier_on", "example_path", "example_line", "example_code"),
)


@require_safe
def proposals(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the candidates. If nobody has searched the repository yet and a manager asks, start a search."""
    repository = find_repository(slug)
    state = proposal_of(repository)
    if state.state == "none" and may(request.user, Role.MANAGER):
        scans.request_proposal(repository, person_of(request))
        state = proposal_of(repository)
    return render(request, "proposals/page.html", _context(repository, state))


@require_safe
def proposals_live(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the section of the page that polls until the search has ended."""
    repository = find_repository(slug)
    return render(request, "proposals/live.html", _context(repository, proposal_of(repository)))


def _context(repository: Repository, state: ProposalState) -> dict[str, Any]:
    has_plan = scans.current(repository) is not None
    groups = groupby(state.candidates, key=lambda each: each.standing.name.lower())
    return {
        "repository": repository,
        "section": "settings",
        "proposal": state,
        "has_plan": has_plan,
        "groups": [(standing, list(candidates)) for standing, candidates in groups],
        "chosen": [] if has_plan else [each.key for each in state.candidates[:1] if each.is_worthwhile],
    }


@require_POST
@needs(Role.MANAGER)
def search_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Search the newest commit for candidates."""
    scans.request_proposal(find_repository(slug), person_of(request))
    return redirect("propose-plan", slug=slug)


@require_POST
@needs(Role.MANAGER)
def make_plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a draft of the chosen candidates."""
    repository = find_repository(slug)
    try:
        made = scans.draft_from(repository, request.POST.getlist("candidate"), person_of(request))
    except scans.ProposalError as error:
        messages.error(request, str(error))
        return redirect("propose-plan", slug=slug)
    return redirect("plan-draft", slug=slug, pk=made.pk)


@require_safe
def proposals_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the candidates as CSV, one line for each example, and one for a candidate without places."""
    state = proposal_of(find_repository(slug))
    rows = (row for each in state.candidates for row in _rows(each))
    return stream_csv(f"{slug}-plan-proposals", COLUMNS, rows)


def _rows(each: scans.Candidate) -> list[tuple[Any, ...]]:
    figures = (each.counted_places, each.counted_files, each.percent, each.fixable, each.places, each.files)
    rules = " ".join(rule["id"] for rule in each.rules)
    earlier = (each.earlier.files, each.earlier.on) if each.earlier else (None, None)
    standing = each.standing.name.lower()
    start = (each.title, each.why, each.evidence, " ".join(each.counted), *figures, rules, standing, *earlier)
    places = [(*start, place.path, place.line, place.code) for place in each.examples]
    return places or [(*start, None, None, None)]


REPOSITORY_URLS = [
    path("plan/proposals/", proposals, name="propose-plan"),
    path("plan/proposals/live/", proposals_live, name="propose-plan-live"),
    path("plan/proposals/search/", search_again, name="propose-plan-again"),
    path("plan/proposals/draft/", make_plan, name="make-plan"),
    path("plan/proposals.csv", proposals_csv, name="propose-plan-csv"),
]
