"""What the product writes in trackers and on forges: notes on issues, and issues created from phases."""

from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.pagination import Page
from compliance.integrations.issue_notes import phase_issues, policy
from compliance.integrations.issue_notes.following import write_again
from compliance.lib.field_types import NO_NUL
from compliance.models import Repository
from compliance.queries.created_issues import CreatedIssue, created
from compliance.queries.issue_notes import NoteState, find_subject, note_state, note_states, preview
from compliance.queries.phases import find as find_phase

router = Router(tags=["issues"])

Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL)]
Prefix = Annotated[str, StringConstraints(max_length=50, pattern=NO_NUL)]
Kind = Annotated[str, StringConstraints(max_length=phase_issues.LONGEST_KIND, pattern=NO_NUL)]


class NoteOut(Schema):
    """The note on an issue. `state` is off, no connection, stopped, not sent, pending, written or none, and
    `reason` explains it. `place` says where the note is, and `at` is when it was written last. `phase` is the
    key of the phase from which the issue was created, or empty for an issue of the plan.
    """

    key: str
    title: str
    phase: str
    place: str
    state: str
    reason: str
    at: datetime | None


class NotesOut(Schema):
    """The notes on the issues of the repository's plan, in its order, and on those created from phases.
    `is_enabled` is true if they are written, and `links_lead_to` is the address with which the links in notes
    begin.
    """

    is_enabled: bool
    links_lead_to: str
    items: list[NoteOut]


class SwitchIn(Schema):
    """The switch for notes on issues."""

    model_config = ConfigDict(extra="forbid")
    is_enabled: bool


class AgainIn(Schema):
    """The key of the issue whose note is to be written again."""

    model_config = ConfigDict(extra="forbid")
    issue: Key


class PreviewOut(Schema):
    """The note that would be written on an issue now: `body` is the comment, in Markdown, of a forge. A
    tracker shows `title` and `summary` with a link to `url`.
    """

    note: NoteOut
    title: str
    summary: str
    body: str
    url: str


class CreatedOut(Schema):
    """An issue that was requested from a phase. `key` is empty until it exists, and `state` is the tracker's,
    or pending, failed or created. `note` is the one with the phase's progress, or null until the
    issue exists.
    """

    key: str
    url: str
    state: str
    reason: str
    requested_by: str
    requested_at: datetime
    is_in_plan: bool
    note: NoteOut | None


class CreateIn(Schema):
    """Where to create the issue: `prefix` is the tracker's project, and empty for the forge. `kind` is the
    type that it has in Jira.
    """

    model_config = ConfigDict(extra="forbid")
    prefix: Prefix = ""
    kind: Kind = phase_issues.USUAL_KIND


@router.get("/{slug}/issue-notes", response=NotesOut, summary="List the notes on issues")
def list_notes(request: HttpRequest, slug: str) -> NotesOut:
    """List the notes on all issues of the active plan, with their states."""
    return _notes(repository_of(request, slug))


@router.put("/{slug}/issue-notes", response=NotesOut, auth=WRITE, summary="Switch the notes on issues")
def switch_notes(request: HttpRequest, slug: str, given: SwitchIn) -> NotesOut:
    """Switch the notes on or off. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    policy.set_enabled(repository, person, enabled=given.is_enabled)
    return _notes(repository)


@router.post("/{slug}/issue-notes", response={202: NoteOut}, auth=WRITE, summary="Write a note again")
def write_note_again(request: HttpRequest, slug: str, given: AgainIn) -> Status[NoteOut]:
    """Write the note on an issue again, also if it was stopped. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    subject = find_subject(repository, given.issue)
    if not write_again(subject, person):
        raise HttpError(409, "Notes on issues are switched off in this repository.")
    return Status(202, _note(note_state(repository, subject)))


@router.get("/{slug}/issue-notes/{path:key}", response=PreviewOut, summary="Preview the note on an issue")
def preview_note(request: HttpRequest, slug: str, key: str) -> PreviewOut:
    """Return the note that would be written on an issue now. Write # as %23 in the URL."""
    repository = repository_of(request, slug)
    subject = find_subject(repository, key)
    found = preview(repository, subject)
    if found is None:
        raise HttpError(409, "No commit has been recorded under the active plan yet.")
    return PreviewOut(
        note=_note(note_state(repository, subject)),
        title=found.title,
        summary=found.summary,
        body=found.body,
        url=found.url,
    )


@router.get("/{slug}/phases/{key}/issues", response=Page[CreatedOut], summary="List a phase's created issues")
def list_created(request: HttpRequest, slug: str, key: str) -> Page[CreatedOut]:
    """List the newest issues that were created from a phase, the newest first."""
    return Page(items=[_created(row) for row in created(find_phase(repository_of(request, slug), key))])


@router.post(
    "/{slug}/phases/{key}/issues",
    response={202: CreatedOut},
    auth=WRITE,
    summary="Create an issue from a phase",
)
def create_issue(request: HttpRequest, slug: str, key: str, given: CreateIn) -> Status[CreatedOut]:
    """Create an issue with the phase's title, figures and files. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    phase = find_phase(repository_of(request, slug), key)
    try:
        phase_issues.request_issue(phase, person, given.prefix, given.kind)
    except phase_issues.PhaseIssueError as error:
        raise HttpError(409, str(error)) from None
    return Status(202, _created(created(phase)[0]))


def _notes(repository: Repository) -> NotesOut:
    return NotesOut(
        is_enabled=policy.is_enabled(repository),
        links_lead_to=settings.PUBLIC_URL,
        items=[_note(state) for state in note_states(repository)],
    )


def _note(state: NoteState) -> NoteOut:
    return NoteOut(**{name: getattr(state, name) for name in NoteOut.model_fields})


def _created(row: CreatedIssue) -> CreatedOut:
    values = {name: getattr(row, name) for name in CreatedOut.model_fields}
    return CreatedOut(**values | {"note": row.note and _note(row.note)})
