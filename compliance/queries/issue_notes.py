"""The states of the notes on issues, described once for pages and the API."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from compliance.integrations import publishing
from compliance.integrations.apis import APIS
from compliance.integrations.issue_notes.content import OFF, UNREFERENCED, Contents, full_content
from compliance.integrations.outbound import Note
from compliance.models import Attachment, Issue, IssueNote, IssueNotePolicy, OutboxItem, Repository

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
    says where the note is, such as "a comment at GitHub", and `at` is when it was written last.
    """

    key: str
    title: str
    place: str
    state: str
    reason: str
    at: datetime | None

    @property
    def is_problem(self) -> bool:
        """Return true if somebody has to do something before the note is written."""
        return self.state in ("no connection", "stopped", "not sent")


def note_states(repository: Repository, *, enabled: bool | None = None) -> list[NoteState]:
    """Return the states of the notes on all issues of the active plan, in plan order, in three queries or,
    while the notes are switched off, in one. `enabled` says if they are, if that is known.
    """
    return _states(repository, Issue.objects.filter(repository=repository, in_plan=True), enabled)


def note_state(repository: Repository, issue: Issue) -> NoteState:
    """Return the state of the note on one issue, in as many queries."""
    (found,) = _states(repository, Issue.objects.filter(pk=issue.pk), None)
    return found


def preview(repository: Repository, issue: Issue) -> Note | None:
    """Return the note that would be written on an issue now, or None if no commit has been recorded."""
    figures = Contents().figures(repository).get(issue.pk)
    issue.repository = repository
    return full_content(issue, figures).note if figures else None


def _states(repository: Repository, issues: QuerySet[Issue], enabled: bool | None) -> list[NoteState]:
    rows = issues.select_related("note").order_by("order")
    if enabled is None:
        switched_on = IssueNotePolicy.objects.filter(repository=OuterRef("repository"), is_enabled=True)
        rows = rows.annotate(has_notes=Exists(switched_on))
    shown = list(rows)
    if enabled is None:
        enabled = any(getattr(issue, "has_notes", False) for issue in shown)
    attached, items = _published(repository) if enabled else ([], {})
    found = []
    for issue in shown:
        at = publishing.choose_attachment(attached, issue.key, publishing.NOTE)
        item = items.get((at.connection.provider, publishing.note_subject(at, issue.key))) if at else None
        note: IssueNote | None = getattr(issue, "note", None)
        state, reason = _describe(note, at, item, enabled=enabled)
        title = issue.tracker_title or issue.title
        written_at = note.written_at if note else None
        found.append(NoteState(issue.key, title, _place(at), state, reason, written_at))
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
        is_said = note is not None and note.figures in (OFF, UNREFERENCED)
        return "off", "The note says that it is no longer updated." if is_said else "Notes are switched off."
    if found is None:
        return "no connection", "No attached connection can write on this issue."
    if note and note.stopped_at:
        return "stopped", note.stopped_reason
    if item and item.state in _PENDING:
        return _PENDING[OutboxItem.State(item.state)], item.outcome
    is_written = note is not None and note.written_at is not None
    return ("written", "") if is_written else ("none", "There is nothing to write yet.")
