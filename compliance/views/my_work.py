"""The user's own work: claims, offers, and suggested files with the reasons for each."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.accounts.roles import person_of
from compliance.models import PullRequest
from compliance.people.identities import identity_of
from compliance.queries.pull_requests import add_verdicts
from compliance.queries.unknown_addresses import unknown_addresses
from compliance.queries.worklist import (
    LATELY,
    WorkFilter,
    claims_of,
    suggestions,
)
from compliance.scans.owners import owners
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.views.navigation import NavigationLink

PAGE = 25
COLUMNS = ("path", "violations", "worst_risk", "owners", "reasons")


@require_safe
def my_work(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page. `folder` and `owner` filter the suggested files."""
    repository = find_repository(slug)
    person = person_of(request)
    mine = claims_of(repository, person)
    open_pulls = PullRequest.objects.filter(state="open").order_by("number")
    identity = identity_of(person)
    everything = suggestions(repository, identity)
    filters = WorkFilter.read(request.GET)
    claims = list(
        mine.active.prefetch_related(Prefetch("file__pull_requests", open_pulls, to_attr="open_pulls"))
    )
    add_verdicts(pull for claim in claims for pull in getattr(claim.file, "open_pulls", ()))
    context = {
        "repository": repository,
        "section": "my-work",
        "claims": claims,
        "unknown_addresses": unknown_addresses(repository, identity, person, claims),
        "has_patches": any(getattr(claim, "patch_fixes", 0) for claim in claims),
        "offers": list(mine.offered),
        "done": list(mine.done[:LATELY]),
        "page": Paginator(everything.matching(filters), PAGE).get_page(request.GET.get("page")),
        "folders": everything.by_folder(),
        "owners": everything.by_owner(),
        "owners_problem": owners(repository).problem,
        "filters": filters,
        "filter_text": _filter_text(filters),
        "empty_text": _empty_text(filters),
    }
    return render(request, "my_work/page.html", context)


def _filter_text(filters: WorkFilter) -> str:
    """Return a sentence that says which suggestions are shown."""
    parts = [
        f"in {filters.folder}" if filters.folder else "",
        f"owned by {filters.owner}" if filters.owner else "",
    ]
    return f"Showing only files {' and '.join(part for part in parts if part)}."


def _empty_text(filters: WorkFilter) -> tuple[str, str]:
    """Return the title and the explanation of an empty list of suggestions."""
    if filters.narrowed:
        return "No files match", "No unclaimed file with violations matches the filters."
    return (
        "No files to claim",
        "Either every file with violations has been claimed, or no violations are left.",
    )


@require_safe
def my_work_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the filtered suggestions as CSV."""
    filters = WorkFilter.read(request.GET)
    found = suggestions(find_repository(slug), identity_of(person_of(request))).matching(filters)
    rows = (
        (
            one.file.path,
            one.file.violations,
            one.risk,
            " ".join(one.owners),
            "; ".join(one.reasons),
        )
        for one in found
    )
    return stream_csv(f"{slug}-next", COLUMNS, rows, filters)


NAVIGATION = NavigationLink(50, "My work", "my-work")
REPOSITORY_URLS = [
    path("my-work/", my_work, name="my-work"),
    path("my-work.csv", my_work_csv, name="my-work-csv"),
]
