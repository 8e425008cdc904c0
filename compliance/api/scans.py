"""Scans: list jobs, received webhooks and unread files, and start and retry jobs."""

from datetime import datetime
from http import HTTPStatus
from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError

from compliance import jobs
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.models import Delivery, FileState, Job, RejectedDelivery
from compliance.queries.scans import scan_at_once, unread

router = Router(tags=["scans"])


class JobOut(Schema):
    """A job. `state` is waiting, running, done, buried (failed after too many attempts; see `error`) or
    replaced (failed while an identical job was already waiting).

    `key` identifies the object that the job works on, such as the file of a patch. `cause` is the person or
    event that requested it. `attempts` counts its runs, including those that made room for a more urgent job.
    """

    id: int
    kind: str
    key: str
    state: str
    cause: str
    person: str | None
    attempts: int
    done_steps: int
    total_steps: int
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobsAsked(Schema):
    """Filter: the state of the job."""

    state: Literal["", "waiting", "running", "done", "buried", "replaced"] = ""


class DeliveryOut(Schema):
    """A received webhook. `outcome` says how it was handled, and `repeats` how often it was redelivered."""

    id: int
    source: str
    event: str
    delivery_id: str
    outcome: str
    received_at: datetime
    repeats: int


class RejectedOut(Schema):
    """A webhook that was rejected. `address` is the path that it was sent to, and `status` the response's."""

    id: int
    provider: str
    address: str
    status: int
    reason: str
    received_at: datetime


class UnreadOut(Schema):
    """A file that was not read. `skipped` or `unparsed` gives the reason, and `line` the location."""

    file: int
    path: str
    skipped: str
    unparsed: str
    line: int | None


@router.get("/{slug}/jobs", response=Page[JobOut], summary="List jobs")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[JobsAsked], paged: Query[Paged]
) -> Page[JobOut]:
    """List jobs, newest first."""
    rows = Job.objects.filter(repository=repository_of(request, slug)).select_related("person")
    rows = rows.filter(state=asked.state) if asked.state else rows
    return page(request, response, rows, paged, _told, newest_first=True)


@router.post("/{slug}/scans", response={202: JobOut}, auth=WRITE, summary="Scan now")
def scan(request: HttpRequest, slug: str) -> Status[JobOut]:
    """Check the tracked branch for new commits now. If a scan is already waiting, no other one is queued."""
    person = acting(request, Role.ENGINEER)
    return Status(202, _told(scan_at_once(repository_of(request, slug), person, "requested through the API")))


@router.post("/{slug}/jobs/{int:pk}/again", response={202: JobOut}, auth=WRITE, summary="Retry a job")
def again(request: HttpRequest, slug: str, pk: int) -> Status[JobOut]:
    """Queue the same work again, and return the new job."""
    person = acting(request, Role.ENGINEER)
    found = Job.objects.filter(repository=repository_of(request, slug), pk=pk).first()
    if found is None:
        raise Http404(f"There is no job {pk}.")
    try:
        return Status(202, _told(jobs.run_again(found, person)))
    except ValueError as error:
        raise HttpError(HTTPStatus.CONFLICT, str(error)) from None


@router.get("/{slug}/deliveries", response=Page[DeliveryOut], summary="List received webhooks")
def deliveries(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[DeliveryOut]:
    """List received webhooks, newest first."""
    rows = Delivery.objects.filter(repository=repository_of(request, slug)).defer("payload")
    names = DeliveryOut.model_fields

    def shown(row: Delivery) -> DeliveryOut:
        return DeliveryOut(**{name: getattr(row, name) for name in names})

    return page(request, response, rows, paged, shown, newest_first=True)


@router.get("/{slug}/rejected-deliveries", response=Page[RejectedOut], summary="List rejected webhooks")
def rejected_deliveries(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[RejectedOut]:
    """List the newest 100 webhooks that were rejected, newest first."""
    rows = RejectedDelivery.objects.filter(repository=repository_of(request, slug))
    names = RejectedOut.model_fields

    def shown(row: RejectedDelivery) -> RejectedOut:
        return RejectedOut(**{name: getattr(row, name) for name in names})

    return page(request, response, rows, paged, shown, newest_first=True)


@router.get("/{slug}/unread", response=Page[UnreadOut], summary="List unread files")
def list_unread(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[UnreadOut]:
    """List the files that could not be read at the newest commit."""
    rows = unread(repository_of(request, slug))
    return page(request, response, rows, paged, told_unread)


def told_unread(row: FileState) -> UnreadOut:
    """Return an unread file in its API format."""
    return UnreadOut(
        file=row.file_id,
        path=row.file.path,
        skipped=row.skipped,
        unparsed=row.unparsed,
        line=row.unparsed_line,
    )


def _told(row: Job) -> JobOut:
    same = {name: getattr(row, name) for name in JobOut.model_fields if name != "person"}
    return JobOut(**same, person=row.person.get_username() if row.person else None)
