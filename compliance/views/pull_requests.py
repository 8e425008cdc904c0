"""The list of pull requests, and the page of one with the verdict on each of its heads."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.lib.batches import batches
from compliance.models import CheckFinding, PullRequest, PullRequestCheck, Repository
from compliance.queries.check_results import results_of
from compliance.queries.filters import named
from compliance.queries.pull_request_heads import (
    MOST_HEADS,
    claims_on,
    compliance_of,
    finding_lists,
    findings,
    group_checks,
    head_of,
    heads,
    phase_effects,
)
from compliance.queries.pull_requests import (
    SORTS,
    PullRequestFilter,
    add_verdicts,
    authors,
    current_checks,
    state_counts,
    verdict_choices,
)
from compliance.views.check_decisions import decisions_context
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import PageState, find_repository, page_state, pulse, with_state
from compliance.views.navigation import NavigationLink

PAGE = 50
MOST_SHOWN = 100
"""Number of findings of each kind on the page. The CSV file has all that are stored."""
MOST_GROUPS = 10
FIGURES = (
    *("new", "fixed", "moved", "moved_out", "suppressed", "restored", "doubts", "together", "blocking"),
    *("clean_before", "files_before", "clean_after", "files_after"),
)
COLUMNS = (
    *("number", "title", "author", "state", "draft", "source", "target", "head", "verdict", "reason"),
    *FIGURES,
    *("ci", "updated_at", "judged_at", "overridden_by", "override_reason", "url"),
)
FINDING_COLUMNS = (
    *("kind", "path", "line", "column", "rule", "role", "symbol", "scope", "risk", "category", "snippet"),
    *("message", "issues", "phases", "former_path", "former_line", "reason", "blocking", "locked", "ran_out"),
    *("waiver", "other", "cause", "in_other", "fingerprint"),
)


@require_safe
def pull_requests(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list, 50 pull requests per page, the last updated first."""
    repository = find_repository(slug)
    filters = PullRequestFilter.read(request.GET)
    everything = filters.whatever_state(repository)
    counts = state_counts(everything)
    offered = {"verdicts": verdict_choices(), "authors": named(authors(repository))}
    asked = filters.controls(request.GET, offered)
    sort = request.GET.get("sort", "-updated")
    order = SORTS.get(sort, SORTS["-updated"])
    listed = counts[filters.state or "open"] if not filters.matches_nothing else 0
    page = order.page(filters.with_state(everything), listed, PAGE, request.GET)
    add_verdicts(page)
    context = {
        "repository": repository,
        "section": "pull-requests",
        "filters": filters,
        "fields": asked,
        "active_filters": [field for field in asked if field.chosen],
        "page": page,
        "counts": counts,
        "sort": sort,
        "has_any": bool(counts["all"]) or PullRequest.objects.filter(repository=repository).exists(),
        "groups": group_checks(repository, MOST_GROUPS),
        "is_connected": repository.attachments.filter(kind="forge").exists(),
    }
    return render(request, "pull_requests/list.html", context)


@require_safe
def pull_requests_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the filtered list as CSV."""
    filters = PullRequestFilter.read(request.GET)
    order = SORTS.get(request.GET.get("sort", ""), SORTS["-updated"])
    rows = order.sorted(filters.pulls(find_repository(slug)))
    return stream_csv(f"{slug}-pull-requests", COLUMNS, _cells(rows), filters)


def _cells(rows: Any) -> Iterator[list[Any]]:
    for batch in batches(rows.iterator(chunk_size=500), 500):
        add_verdicts(batch)
        for row in batch:
            check = row.check_of_head
            yield [
                *(row.number, row.title, row.author, row.state, "yes" if row.draft else "", row.source),
                *(row.base, row.head_sha, row.verdict, check.reason if check else ""),
                *(getattr(check, name) if check else None for name in FIGURES),
                *(row.ci, row.updated_at, check.judged_at if check else None),
                str((check.overridden_by if check else None) or ""),
                check.override_reason if check else "",
                row.url,
            ]


@require_safe
def pull_request(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one pull request with the verdict on its newest commit, or on the one that `head` names."""
    return render(request, "pull_requests/page.html", _whole(request, slug, number, page_state(slug)))


@require_safe
def live(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Return 204 if nothing has changed since `seen`, otherwise the parts of the page that are updated."""
    whole = page_state(slug)
    state = _page_state(_pull(find_repository(slug), number), whole)
    if request.GET.get("seen") == state.token:
        return with_state(HttpResponse(status=204), state)
    context = _whole(request, slug, number, whole)
    return with_state(render(request, "pull_requests/live.html", {**context, "live": True}), state)


def _page_state(pull: PullRequest, whole: PageState) -> PageState:
    """Return a token that changes with the pull request, the verdicts on its heads and CI results."""
    names = ("pk", "state", "requested_at", "judged_at", "overridden_at")
    checks = list(heads(pull).order_by("-pk").values_list(*names)[:MOST_HEADS])
    results = sorted((row.name, row.state, row.url) for row in results_of([pull])[pull.pk])
    shown = (pull.state, pull.head_sha, pull.title, pull.base, pull.draft, checks, results, whole.problems)
    return PageState(hashlib.sha256(repr(shown).encode()).hexdigest()[:16], whole.problems)


def _pull(repository: Repository, number: int) -> PullRequest:
    pull = PullRequest.objects.filter(repository=repository, number=number).first()
    if pull is None:
        raise Http404(f"No pull request #{number} is recorded.")
    return pull


def _whole(request: HttpRequest, slug: str, number: int, whole: PageState) -> dict[str, Any]:
    repository = find_repository(slug)
    pull = _pull(repository, number)
    asked = request.GET.get("head", "")
    check = head_of(pull, asked) if asked else current_checks([pull]).get(pull.pk)
    if asked and check is None:
        raise Http404(f"Pull request #{number} has no head {asked[:64]}.")
    number_of_heads = heads(pull).count()
    context: dict[str, Any] = {
        "repository": repository,
        "section": "pull-requests",
        "pull": pull,
        "check": check,
        "is_newest": not asked or (check is not None and check.head_sha.startswith(pull.head_sha)),
        "heads": list(heads(pull)[:MOST_HEADS]),
        "heads_in_all": number_of_heads,
        "heads_note": f"Only the newest {MOST_HEADS} are listed." if number_of_heads > MOST_HEADS else "",
        "results": results_of([pull])[pull.pk],
        "claims": claims_on(pull),
        **(decisions_context(pull, check, request.user) if not asked else {}),
        **pulse(repository, _page_state(pull, whole)),
    }
    return {**context, **_of_check(repository, check)} if check else context


def _of_check(repository: Repository, check: PullRequestCheck) -> dict[str, Any]:
    parts = finding_lists(check, MOST_SHOWN)
    return {
        "parts": [part for part in parts if part.total or part.kind in ("new", "fixed")],
        "phases": phase_effects(repository, check),
        "compliance": compliance_of(check),
    }


@require_safe
def pull_request_csv(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Return the stored findings of the newest commit, or of the one that `head` names, as CSV."""
    pull = _pull(find_repository(slug), number)
    asked = request.GET.get("head", "")
    check = head_of(pull, asked) if asked else current_checks([pull]).get(pull.pk)
    rows = findings(check).iterator(chunk_size=500) if check else iter(())
    return stream_csv(f"{slug}-pull-request-{number}", FINDING_COLUMNS, map(_finding_cells, rows))


def _finding_cells(row: CheckFinding) -> list[Any]:
    return [
        *(row.kind, row.path, row.line, row.column, row.rule, row.role, row.symbol, row.scope, row.risk),
        *(row.category, row.snippet, row.message, " ".join(row.issues), " ".join(row.phases)),
        *(row.former_path, row.former_line or "", row.reason, row.is_blocking, row.is_locked, row.ran_out),
        *(row.waiver_id or "", row.other.number if row.other else "", row.cause_sha, row.in_other),
        row.fingerprint,
    ]


NAVIGATION = NavigationLink(45, "Pull requests", "pull-requests")
REPOSITORY_URLS = [
    path("pull-requests/", pull_requests, name="pull-requests"),
    path("pull-requests.csv", pull_requests_csv, name="pull-requests-csv"),
    path("pull-requests/<int:number>/", pull_request, name="pull-request"),
    path("pull-requests/<int:number>.csv", pull_request_csv, name="pull-request-csv"),
    path("pull-requests/<int:number>/live/", live, name="pull-request-live"),
]
