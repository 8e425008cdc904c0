"""The states of the notes on issues, described once for pages and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from compliance.integrations import publishing
from compliance.integrations.apis import APIS
from compliance.integrations.issue_notes import policy
from compliance.integrations.issue_notes.content import SILENT, Contents, full_content
from compliance.integrations.issue_notes.subjects import Subject, subjects_of
from compliance.integrations.outbound import Note
from compliance.models import Attachment, IssueNote, OutboxItem, Repository

_PLACES = {"jira": "a link", "linear": "an attachment"}
"""How a note appears at a provider, if not as a comment."""


_PENDING = {
    OutboxItem.State.FAILED: "not sent",
    OutboxItem.State.WAITING: "pending",
    OutboxItem.State.SENDING: "pending",
}


@dataclass(frozen=True, slots=True)
class NoteState:
    """The state of the note on one issue.

    `state` is off, no connection, stopped, not sent, pending, written or none. `reason` explains it, `place`
    says where the note is, such as "a comment at GitHub", and `at` is when it was written last. `phase` is
    the key of the phase from which the issue was created, or empty for an issue of the plan.
    """

    key: str
    title: str
    phase: str
    place: str
    state: str
    reason: str
    at: datetime | None

    @property
    def is_problem(self) -> bool:
        """Return true if somebody has to do something before the note is written."""
        return self.state in ("no connection", "stopped", "not sent")


def note_states(repository: Repository, *, enabled: bool | None = None) -> list[NoteState]:
    """Return the states of the notes on all issues of the active plan, in plan order, and on those that were
    created from its phases, in six queries at most. `enabled` says if notes are written, if that is known.
    """
    current = [subject for subject in subjects_of(repository) if not subject.gone]
    return states_of(repository, current, enabled=enabled)


def note_state(repository: Repository, subject: Subject) -> NoteState:
    """Return the state of the note on one issue, in three queries at most."""
    (found,) = states_of(repository, [subject])
    return found


def find_subject(repository: Repository, key: str) -> Subject:
    """Return an issue of the active plan, or one that was created from a phase, by its key. Raises Http404 if
    there is none.
    """
    found = [subject for subject in subjects_of(repository, [key]) if not subject.gone]
    for subject in sorted(found, key=lambda one: one.key != key):
        return subject
    raise Http404(f"Issue “{key}” is neither in the active plan nor created from one of its phases.")


def preview(repository: Repository, subject: Subject) -> Note | None:
    """Return the note that would be written on an issue now, or None if no commit has been recorded."""
    figures = Contents().figures(repository, [subject]).get(subject.key)
    return full_content(subject, figures).note if figures else None


def states_of(
    repository: Repository, subjects: Sequence[Subject], *, enabled: bool | None = None
) -> list[NoteState]:
    """Return the states of the notes on some issues. `enabled` says if notes are written, if that is
    known.
    """
    if enabled is None:
        enabled = bool(subjects) and policy.is_enabled(repository)
    attached, items = _published(repository) if enabled else ([], {})
    found = []
    for subject in subjects:
        at = publishing.choose_attachment(attached, subject.key, publishing.NOTE)
        item = items.get((at.connection.provider, publishing.note_subject(at, subject.key))) if at else None
        note = subject.note
        state, reason = _describe(note, at, item, enabled=enabled)
        found.append(
            NoteState(
                key=subject.key,
                title=subject.title,
                phase=subject.phase,
                place=_place(at),
                state=state,
                reason=reason,
                at=note.written_at if note else None,
            )
        )
    return found


def _published(repository: Repository) -> tuple[list[Attachment], dict[tuple[str, str], OutboxItem]]:
    """Return the attachments of a repository, and the items of its notes by channel and target."""
    rows = list(Attachment.objects.filter(repository=repository).select_related("connection"))
    items = OutboxItem.objects.filter(repository=repository, kind=publishing.NOTE).defer("log")
    return rows, {(item.channel, item.target): item for item in items}


def _place(found: Attachment | None) -> str:
    if found is None:
        return ""
    provider = found.connection.provider
    return f"{_PLACES.get(provider, 'a comment')} at {APIS[provider].LABEL}"


def _describe(
    note: IssueNote | None, found: Attachment | None, item: OutboxItem | None, *, enabled: bool
) -> tuple[str, str]:
    """Return the state of a note, and why it is so."""
    if not enabled:
        is_said = note is not None and note.figures in SILENT
        return "off", "The note says that it is no longer updated." if is_said else "Notes are switched off."
    if found is None:
        return "no connection", "No attached connection can write on this issue."
    if note and note.stopped_at:
        return "stopped", note.stopped_reason
    if item and item.state in _PENDING:
        return _PENDING[OutboxItem.State(item.state)], item.outcome
    is_written = note is not None and note.written_at is not None
    return ("written", "") if is_written else ("none", "There is nothing to write yet.")
