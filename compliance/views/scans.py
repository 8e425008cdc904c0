"""The scans page: jobs, webhook deliveries and unreadable files."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from compliance import jobs
from compliance.accounts.roles import Role, needs, person_of
from compliance.models import Delivery, File, Job, RejectedWebhook, Repository
from compliance.queries.scans import newest_deliveries, scan_at_once, unread
from compliance.scans import describe_folder, describe_polling
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import PageState, find_repository, history, page_state, pulse, with_state
from compliance.views.navigation import NavigationLink

RECENT = 25
MOST_UNREAD = 200
FAILED = (Job.State.BURIED, Job.State.REPLACED)
UNDONE = (Job.State.RUNNING, Job.State.WAITING)


@require_safe
def scans(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the whole page."""
    state = page_state(slug)
    return render(request, "scans/page.html", _whole(request, slug, state))


@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Return 204 if nothing has changed since `seen`, otherwise the parts of the page that are updated."""
    state = page_state(slug)
    if request.GET.get("seen") == state.token:
        return with_state(HttpResponse(status=204), state)
    response = render(request, "scans/live.html", {**_whole(request, slug, state), "live": True})
    return with_state(response, state)


def _whole(request: HttpRequest, slug: str, state: PageState) -> dict[str, Any]:
    context = page_context(request, slug)
    return {**context, **pulse(context["repository"], state)}


def page_context(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return everything that the page shows, in a fixed number of queries."""
    repository = find_repository(slug)
    rows = Job.objects.filter(repository=repository).select_related("person")
    # Each look at a file may cause such jobs; the CSV file lists them too.
    ended = (
        rows.filter(state=Job.State.DONE)
        .exclude(kind__in=("patch", "source"))
        .order_by("-finished_at", "-pk")
    )
    now = list(rows.filter(state__in=UNDONE).order_by("state", "-priority"))
    buried = list(rows.filter(state__in=FAILED).order_by("-finished_at")[:RECENT])
    done = Paginator(ended, RECENT).get_page(request.GET.get("page"))
    return {
        "repository": repository,
        "section": "scans",
        "now": now,
        "polling": describe_polling(repository),
        "folder": describe_folder(repository),
        "buried": buried,
        "done": done,
        "patched": _patched(repository, [*now, *buried, *done]),
        "deliveries": newest_deliveries(repository, RECENT),
        "rejected": list(RejectedWebhook.objects.filter(repository=repository)),
        "faults": list(unread(repository).select_related("file")[:MOST_UNREAD]),
        "history": history(repository),
    }


def _patched(repository: Repository, shown: list[Job]) -> dict[str, str]:
    """Return the path of the file for each job of a file, by the job's key."""
    keys = {int(job.key) for job in shown if job.kind in {"patch", "source"} and job.key.isdecimal()}
    paths = File.objects.filter(repository=repository, pk__in=keys).values_list("pk", "path")
    return {str(key): path for key, path in paths}


@require_safe
def jobs_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return all recorded jobs, newest first, as CSV."""
    columns = ("kind", "key", "state", "cause", "attempts", "done_steps", "total_steps", "error")
    columns_and_times = (*columns, "created_at", "started_at", "finished_at")
    rows = (
        Job.objects.filter(repository=find_repository(slug)).order_by("-pk").values_list(*columns_and_times)
    )
    return stream_csv(f"{slug}-jobs", columns_and_times, rows.iterator(chunk_size=2000))


@require_safe
def unread_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the files that couldn't be read at the latest commit as CSV."""
    rows = unread(find_repository(slug)).values_list("file__path", "skipped", "unparsed", "unparsed_line")
    header = ("path", "skipped", "unparsed", "line")
    return stream_csv(f"{slug}-unread", header, rows.iterator(chunk_size=2000))


@require_safe
def deliveries_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return all deliveries as CSV."""
    repository = find_repository(slug)
    columns = ("received_at", "source", "event", "delivery_id", "outcome", "repeats")
    rows = Delivery.objects.filter(repository=repository).values_list(*columns)
    return stream_csv(f"{slug}-deliveries", columns, rows.iterator(chunk_size=2000))


@require_POST
@needs(Role.ENGINEER)
def scan_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue a scan of the tracked branch."""
    repository = find_repository(slug)
    scan_at_once(repository, person_of(request), "requested on the page")
    messages.success(request, "A scan was requested. This page shows its progress.")
    return redirect("scans", slug=slug)


@require_POST
@needs(Role.ENGINEER)
def run_again(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Queue a job again."""
    job = get_object_or_404(Job, repository=find_repository(slug), pk=pk)
    try:
        jobs.run_again(job, person_of(request))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Job {job.pk} was queued again.")
    return redirect("scans", slug=slug)


NAVIGATION = NavigationLink(70, "Scans", "scans")
REPOSITORY_URLS = [
    path("scans/", scans, name="scans"),
    path("scans/live/", live, name="scans-live"),
    path("scans/now/", scan_now, name="scan-now"),
    path("scans/<int:pk>/again/", run_again, name="run-again"),
    path("jobs.csv", jobs_csv, name="jobs-csv"),
    path("unread.csv", unread_csv, name="unread-csv"),
    path("deliveries.csv", deliveries_csv, name="deliveries-csv"),
]
