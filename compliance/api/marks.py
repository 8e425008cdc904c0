"""Events on the trend: marks, notes, and regressions."""

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import SAID
from compliance.models import Commit, Marker
from compliance.progress.preliminary import preliminary
from compliance.progress.regressions import broken_commits, regressions
from compliance.queries.events import MarkFilter
from compliance.scans.owners import owners_of
from compliance.work import notes

router = Router(tags=["marks"])


class MarkOut(Schema):
    """A mark on the trend. `person` is the author of a note; `commit` was the newest commit when the mark was
    added.
    """

    id: int
    kind: str
    at: datetime
    text: str
    commit: str | None
    person: str | None


class NoteIn(Schema):
    """A new note. `commit` is the SHA of a commit on the tracked branch, at least seven digits long; the
    default is the newest commit.
    """

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(min_length=1, max_length=notes.LONGEST, pattern=SAID)]
    commit: Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-fA-F]{7,64})?$")] = ""


class RegressionOut(Schema):
    """A commit that introduced violations or reopened a phase: the numbers of violations (`places`), files
    and previously clean files, how many violations remain, and in which files (at most 20) they are.

    Violations that have since been suppressed by a comment don't count as remaining, but they don't count as
    fixed either. `preliminary` says why the list can still change, and is empty once it is final.
    """

    sha: str
    position: int
    at: datetime
    author: str
    subject: str
    files: int
    places: int
    clean_files: int
    standing: int
    suppressed: int
    open_files: list[str]
    owners: list[str]
    reopened: list[str]
    preliminary: str


@router.get("/{slug}/marks", response=Page[MarkOut], summary="List the marks on the trend")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[MarkFilter], paged: Query[Paged]
) -> Page[MarkOut]:
    """List marks, newest first. Regressions have a list of their own."""
    rows = asked.marks(repository_of(request, slug)).select_related("commit", "person")
    return page(request, response, rows, paged, _told, newest_first=True)


@router.post("/{slug}/marks", response={201: MarkOut}, auth=WRITE, summary="Add a note to the trend")
def write(request: HttpRequest, slug: str, given: NoteIn) -> Status[MarkOut]:
    """Add a note at a commit. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    commit = notes.place(repository_of(request, slug), given.commit)
    return Status(201, _told(notes.write(commit, person, given.text.strip())))


@router.post("/{slug}/marks/{int:pk}/remove", response=MarkOut, auth=WRITE, summary="Delete a note")
def remove(request: HttpRequest, slug: str, pk: int) -> MarkOut:
    """Delete a note and return it. Other marks are generated and can't be deleted.

    Requires the manager role.
    """
    acting(request, Role.MANAGER)
    note = notes.of(repository_of(request, slug), pk)
    if note is None:
        raise Http404(f"There is no note {pk}.")
    told = _told(note)
    note.delete()
    return told


@router.get("/{slug}/regressions", response=Page[RegressionOut], summary="List regressions")
def list_regressions(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[RegressionOut]:
    """List the commits after the baseline that introduced violations or reopened a phase, newest first."""
    repository = repository_of(request, slug)
    commits = broken_commits(repository)
    shown: Page[int] = page(request, response, commits, paged, _position, key="position", newest_first=True)
    rows = regressions(repository, at=shown.items, most=None)
    more = {"preliminary": preliminary(repository)}
    own = [{**row, **more, "owners": owners_of(repository, row["open_files"])} for row in rows]
    told = [RegressionOut(**{name: row[name] for name in RegressionOut.model_fields}) for row in own]
    return Page(items=told, next=shown.next)


def _position(commit: Commit) -> int:
    return commit.position or 0


def _told(row: Marker) -> MarkOut:
    return MarkOut(
        id=row.pk,
        kind=row.kind,
        at=row.at,
        text=row.text,
        commit=row.commit.sha if row.commit else None,
        person=row.person.get_username() if row.person else None,
    )
