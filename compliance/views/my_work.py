"""The user's own work: claims, offers, and suggested files with the reasons for each."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.accounts.roles import person_of
from compliance.models import Phase, PullRequest
from compliance.people.identities import identity_of
from compliance.queries.keyset import page_of_ranking
from compliance.queries.pull_requests import add_verdicts
from compliance.queries.unknown_addresses import unknown_addresses
from compliance.queries.work_filter import LARGEST_MEDIUM, LARGEST_SMALL, SORTS, WorkFilter
from compliance.queries.work_rows import COLUMNS, WorkRow
from compliance.queries.worklist import LATELY, claims_of, suggestions
from compliance.scans.owners import owners
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.views.navigation import NavigationLink

PAGE = 25
PATCHES = (("yes", "ready"), ("no", "none yet"))
SIZE_OPTIONS = (
    ("none", "nothing by hand"),
    ("small", f"small (up to {LARGEST_SMALL})"),
    ("medium", f"medium (up to {LARGEST_MEDIUM})"),
    ("large", "large"),
)


class WorkGroup(NamedTuple):
    """The rows of one phase, or of none, on a page: `files` is the number of files on all pages."""

    phase: Phase | None
    is_overdue: bool
    files: int
    rows: list[WorkRow]


@require_safe
def my_work(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page: the person's claims and the unclaimed files, both by phase."""
    repository = find_repository(slug)
    person = person_of(request)
    mine = claims_of(repository, person)
    open_pulls = PullRequest.objects.filter(state="open").order_by("number")
    identity = identity_of(person)
    filters = WorkFilter.read(request.GET)
    everything = suggestions(repository, identity, filters.phase)
    found = everything.matching(filters)
    page = page_of_ranking(found, PAGE, request.GET)
    claims = list(
        mine.active.prefetch_related(Prefetch("file__pull_requests", open_pulls, to_attr="open_pulls"))
    )
    add_verdicts(pull for claim in claims for pull in getattr(claim.file, "open_pulls", ()))
    phases = [(phase.key, phase.title) for phase in everything.phases]
    fields = filters.controls(request.GET, {"phases": phases, "patches": PATCHES, "sizes": SIZE_OPTIONS})
    context = {
        "repository": repository,
        "section": "my-work",
        "claims": claims,
        "unknown_addresses": unknown_addresses(repository, identity, person, claims),
        "has_patches": any(getattr(claim, "patch_fixes", 0) for claim in claims),
        "mine": _groups(everything.claimed(claims)),
        "offers": list(mine.offered),
        "done": list(mine.done[:LATELY]),
        "page": page,
        "groups": _groups(page.rows, found.by_phase()),
        "folders": everything.by_folder(),
        "owners": everything.by_owner(),
        "owners_problem": owners(repository).problem,
        "filters": filters,
        "fields": fields,
        "active_filters": [field for field in fields if field.chosen],
        "sort": filters.sort or SORTS[0],
        "empty_text": _empty_text(filters),
    }
    return render(request, "my_work/page.html", context)


def _groups(rows: Sequence[WorkRow], counts: Mapping[str, int] | None = None) -> list[WorkGroup]:
    """Return the rows by phase. `counts` has the number of all files of each phase by its key."""
    found = []
    for _, some in groupby(rows, key=lambda row: row.phase.pk if row.phase else 0):
        members = list(some)
        phase = members[0].phase
        key = phase.key if phase else ""
        overdue = bool(phase and phase.due and phase.due < timezone.localdate())
        found.append(WorkGroup(phase, overdue, (counts or {}).get(key, len(members)), members))
    return found


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
    repository, person = find_repository(slug), person_of(request)
    filters, identity = WorkFilter.read(request.GET), identity_of(person)
    found = suggestions(repository, identity, filters.phase).matching(filters)
    rows = ([_cell(column.value(row)) for column in COLUMNS] for row in found)
    return stream_csv(f"{slug}-next", [column.name for column in COLUMNS], rows, filters)


def _cell(value: Any) -> Any:
    """Return a value of the table for a cell. Owners are separated by spaces, reasons by semicolons."""
    if isinstance(value, tuple):
        return " ".join(value)
    return "; ".join(value) if isinstance(value, list) else value


NAVIGATION = NavigationLink(50, "My work", "my-work")
REPOSITORY_URLS = [
    path("my-work/", my_work, name="my-work"),
    path("my-work.csv", my_work_csv, name="my-work-csv"),
]
