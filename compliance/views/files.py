"""The list of files with its filters, and the page for one file."""

from django.contrib.auth.models import User
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.accounts.editors import editor_of
from compliance.models import Claim, File, Job, Repository
from compliance.queries.files import NOBODY, SOMEBODY, SORTS, FileFilter, counts
from compliance.queries.filters import choices, named
from compliance.queries.keyset import Order
from compliance.queries.patches import made_of, with_patches
from compliance.queries.pull_requests import add_verdicts, open_pulls
from compliance.scans.owners import owners
from compliance.scans.rule_advice import rule_advice
from compliance.scans.source_texts import known_source, request_source
from compliance.views.csv_response import stream_csv
from compliance.views.file_help import add_help
from compliance.views.file_violations import Section, ViolationRow, list_sections, list_violations, page_query
from compliance.views.lookup import find_repository
from compliance.views.navigation import NavigationLink
from compliance.views.patches import FIRST_POLL
from compliance.views.source_listing import SourceLine, highlighted, listing

PAGE = 50
PATCHED = (("yes", "ready"), ("no", "none yet"))
SOME_OR_NONE = (("yes", "some"), ("unknown", "some or unknown"), ("no", "none"))


@require_safe
def files(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list, 50 files per page."""
    repository = find_repository(slug)
    filters = FileFilter.read(request.GET)
    everything = filters.whatever_status(repository)
    by_status = dict(everything.order_by().values_list("status").annotate(Count("pk")))
    active = Claim.objects.filter(state=Claim.State.ACTIVE).select_related("person")
    rows = with_patches(repository, filters.with_status(everything)).prefetch_related(
        Prefetch("claims", active, to_attr="active_claims")
    )
    rows = rows.prefetch_related(Prefetch("pull_requests", open_pulls(repository), to_attr="open_pulls"))
    in_all = sum(by_status.get(status, 0) for status in File.Status.values if filters.shows(status))
    people = named([NOBODY, SOMEBODY, *_holders(repository)])
    offered = {**choices(repository), "violating": SOME_OR_NONE, "people": people, "patches": PATCHED}
    asked = filters.controls(request.GET, offered)
    page = _order(request).page(rows, in_all, PAGE, request.GET)
    add_verdicts(pull for row in page for pull in getattr(row, "open_pulls", ()))
    context = {
        "repository": repository,
        "section": "files",
        "filters": filters,
        "fields": asked,
        "active_filters": [field for field in asked if field.chosen],
        "page": page,
        "statuses": [
            (status, by_status.get(status, 0)) for status in File.Status.values if by_status.get(status)
        ],
        "everything": sum(number for status, number in by_status.items() if status != File.Status.GONE),
        "sort": request.GET.get("sort", "-violations"),
    }
    return render(request, "files/list.html", context)


def _holders(repository: Repository) -> list[str]:
    active = Claim.objects.filter(file__repository=repository, state=Claim.State.ACTIVE)
    return sorted(set(active.values_list("person__username", flat=True)))


def _order(request: HttpRequest) -> Order[File]:
    return SORTS.get(request.GET.get("sort", ""), SORTS["-violations"])


@require_safe
def files_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the filtered list as CSV."""
    repository = find_repository(slug)
    columns = ("path", "status", "category", "violations", "suppressed", "worst_risk", "changed_at", "waived")
    filters = FileFilter.read(request.GET)
    rows = with_patches(repository, _order(request).sorted(filters.files(repository)))
    told = rows.values_list(*columns, "patch_fixes").iterator(chunk_size=2000)
    return stream_csv(f"{slug}-files", (*columns, "patch_fixes"), told, filters)


@require_safe
def file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one file: its source with violations, its claim and its history."""
    repository = find_repository(slug)
    rows = File.objects.select_related("renamed_to").filter(repository=repository)
    shown = get_object_or_404(rows, pk=pk)
    found = list_violations(repository, shown)
    lists = list_sections(found, request.GET)
    claims = list(shown.claims.select_related("person", "offered_to").order_by("-created_at")[:20])
    asked = request.GET.get("line", "")
    line = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    text, is_known, job = None, True, None
    if repository.head and shown.status != File.Status.GONE:
        text, is_known = known_source(repository, shown)
        if not is_known and request.user.is_authenticated:  # crawlers cause no work
            job = request_source(repository, shown)
    advice = rule_advice(repository.plan)
    add_help(lists, made_of(repository, shown), advice)
    lines = _source(text, found, lists, line) if text is not None else None
    coloured = highlighted(lines, text) if lines is not None and text is not None else None
    pulls = list(shown.pull_requests.filter(state="open").order_by("number"))
    add_verdicts(pulls)
    context = {
        "repository": repository,
        "section": "files",
        "file": shown,
        "sections": lists,
        "shown": {row.pk for section in lists for row in section.rows},
        "lines": lines if coloured is None else coloured,
        "is_plain": coloured is None,
        "advice": advice,
        "first_line": line or next((row.line for row in found if row.last is None), 1),
        "no_source": _say_no_source(is_known, job, request.user.is_authenticated),
        "source_poll": not is_known
        and request.user.is_authenticated
        and (job is None or job.state != Job.State.BURIED),
        "landing": line
        if request.headers.get("HX-Request")
        else None,  # otherwise, the browser scrolls there on its own
        "poll": FIRST_POLL,
        "rest": page_query(request.GET),
        "claim": next((row for row in claims if row.state == Claim.State.ACTIVE), None),
        "former_claims": [row for row in claims if row.state != Claim.State.ACTIVE],
        "counts": counts(repository, shown),
        "pulls": pulls,
        "owners": owners(repository).of(shown.path),
        "state": shown.states.filter(plan=repository.plan_id, last__isnull=True).first(),
        "former": list(shown.renamed_from.all()[:5]),
        "editor": editor_of(request.user) if isinstance(request.user, User) else None,
    }
    return render(request, "files/file.html", context)


def _say_no_source(is_known: bool, job: Job | None, signed_in: bool) -> str:
    """Say why the page has no source."""
    if is_known:
        return "The source can't be shown, because the file is binary or too large."
    if not signed_in:
        return "The source is shown once somebody who has signed in has opened this page."
    if job is not None and job.state == Job.State.BURIED:
        return "The source couldn't be read. The Scans page shows the error."
    return "Reading the source…"


def _source(text: str, found: list[ViolationRow], lists: list[Section], line: int | None) -> list[SourceLine]:
    """Return the lines of source near the current violations that are listed on the page."""
    now = [place for place in found if place.last is None]
    around = [row.line for section in lists if section.name != "resolved" for row in section.rows]
    return listing(text, now, around, line)


NAVIGATION = NavigationLink(40, "Files", "files")
REPOSITORY_URLS = [
    path("files/", files, name="files"),
    path("files.csv", files_csv, name="files-csv"),
    path("files/<int:pk>/", file, name="file"),
]
