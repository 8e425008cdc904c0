"""The scans: jobs that wait, run or ended, webhooks that came, files that could not be read; asking anew."""

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
from compliance.models import Delivery, FileState, Job
from compliance.queries.scans import scan_at_once, unread

router = Router(tags=["scans"])


class JobOut(Schema):
    """`state` is waiting, running, done or buried: given up after too many attempts, `error` says why.

    `key` tells what it is about, such as a file's key for a patch; `cause` who or what asked for it.
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
    """Jobs in one state."""

    state: Literal["", "waiting", "running", "done", "buried"] = ""


class DeliveryOut(Schema):
    """A webhook that came in; `outcome` says what was done with it, `repeats` how often it came again."""

    id: int
    source: str
    event: str
    delivery_id: str
    outcome: str
    received_at: datetime
    repeats: int


class UnreadOut(Schema):
    """A file that was not read: `skipped` or `unparsed` says why, `line` where."""

    file: int
    path: str
    skipped: str
    unparsed: str
    line: int | None


@router.get("/{slug}/jobs", response=Page[JobOut], summary="List jobs")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[JobsAsked], paged: Query[Paged]
) -> Page[JobOut]:
    """Newest first."""
    rows = Job.objects.filter(repository=repository_of(request, slug)).select_related("person")
    rows = rows.filter(state=asked.state) if asked.state else rows
    return page(request, response, rows, paged, _told, newest_first=True)


@router.post("/{slug}/scans", response={202: JobOut}, auth=WRITE, summary="Scan now")
def scan(request: HttpRequest, slug: str) -> Status[JobOut]:
    """Look at the tracked branch at once; a scan that waits already takes the request in."""
    person = acting(request, Role.ENGINEER)
    return Status(202, _told(scan_at_once(repository_of(request, slug), person, "requested by the API")))


@router.post("/{slug}/jobs/{int:pk}/again", response={202: JobOut}, auth=WRITE, summary="Do a job once more")
def again(request: HttpRequest, slug: str, pk: int) -> Status[JobOut]:
    """Ask for the same work; the answer is the job that will do it."""
    person = acting(request, Role.ENGINEER)
    found = Job.objects.filter(repository=repository_of(request, slug), pk=pk).first()
    if found is None:
        raise Http404(f"There is no job {pk}.")
    try:
        return Status(202, _told(jobs.run_again(found, person)))
    except ValueError as error:
        raise HttpError(HTTPStatus.CONFLICT, str(error)) from None


@router.get("/{slug}/deliveries", response=Page[DeliveryOut], summary="List webhooks that came in")
def deliveries(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[DeliveryOut]:
    """Newest first."""
    rows = Delivery.objects.filter(repository=repository_of(request, slug)).defer("payload")
    names = DeliveryOut.model_fields

    def shown(row: Delivery) -> DeliveryOut:
        return DeliveryOut(**{name: getattr(row, name) for name in names})

    return page(request, response, rows, paged, shown, newest_first=True)


@router.get("/{slug}/unread", response=Page[UnreadOut], summary="List files that could not be read")
def list_unread(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[UnreadOut]:
    """Of the newest commit."""
    rows = unread(repository_of(request, slug))
    return page(request, response, rows, paged, told_unread)


def told_unread(row: FileState) -> UnreadOut:
    """A file that was not read, for programs."""
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
