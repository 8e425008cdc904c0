"""The job that compares a repository's issues with its records, and requests the notes that have changed."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from compliance.integrations import delivery, publishing
from compliance.integrations.issue_notes import policy
from compliance.integrations.issue_notes.content import (
    full_content,
    is_wanted,
    silence_of,
    silent_content,
)
from compliance.integrations.issue_notes.disagreements import compare
from compliance.integrations.issue_notes.figures import IssueFigures, figures_of, is_settled
from compliance.integrations.issue_notes.requests import request
from compliance.integrations.issue_notes.text import digest_of
from compliance.integrations.outbound import Note
from compliance.jobs import JobRun
from compliance.lib.batches import BATCH
from compliance.models import Attachment, Issue, IssueNote, OutboxItem, Repository

REFRESHED_AFTER = timedelta(days=7)
"""Age from which a note is updated although only its forecast has changed."""

_State = OutboxItem.State
_UNDECIDED = (_State.WAITING, _State.SENDING, _State.FAILED)
"""States of an item that is going to be sent, or that somebody has to send again."""


def follow(run: JobRun) -> bool:
    """Compare the issues with the records, and request the notes that have changed.

    While history is being read, figures change without a push, so nothing is written and compared.
    """
    repository = Repository.objects.select_related("plan", "head").get(pk=run.repository.pk)
    enabled = policy.is_enabled(repository)
    for issue in _noted(repository).filter(note__written_at__isnull=False, note__stopped_at=None):
        reason = silence_of(issue, enabled=enabled)
        if reason and issue.note.figures != reason:
            _request(issue, silent_content(issue, reason).note, reason)
    if not is_settled(repository):
        return True
    issues = list(Issue.objects.filter(repository=repository, in_plan=True))
    figures = figures_of(repository, issues)
    _ensure_notes(issue for issue in issues if issue.pk in figures)
    for issue in _noted(repository).filter(pk__in=figures):
        compare(issue, issue.note, figures[issue.pk])
        if enabled:
            _follow(issue, figures[issue.pk])
    return True


def _noted(repository: Repository) -> QuerySet[Issue]:
    """Return the issues that have a row for their note, in plan order."""
    rows = Issue.objects.filter(repository=repository, note__isnull=False)
    return rows.select_related("note", "repository").order_by("order")


def _ensure_notes(issues: Iterable[Issue]) -> None:
    missing = [IssueNote(issue=issue) for issue in issues]
    IssueNote.objects.bulk_create(missing, ignore_conflicts=True, batch_size=BATCH)


def _follow(issue: Issue, figures: IssueFigures) -> None:
    """Request the note on an issue if it would say something else than the one that was written last."""
    note = issue.note
    found = publishing.attachment_for(issue.repository, issue.key, publishing.NOTE)
    if found is None or not is_wanted(issue, note, figures):
        return
    if note.stopped_at and not _resume(issue, note, found):
        return
    content = full_content(issue, figures)
    is_changed = content.figures != note.figures or note.connection_id != found.connection_id
    is_old = note.written_at is None or note.written_at < timezone.now() - REFRESHED_AFTER
    if is_changed or (is_old and digest_of(content.note) != note.text):
        _request(issue, content.note, content.figures)


def _resume(issue: Issue, note: IssueNote, found: Attachment) -> bool:
    """Continue a note that was stopped, if its connection was replaced or the tracker has reported the issue
    since. Return true if it continues.
    """
    is_heard = bool(issue.heard_at and note.stopped_at and issue.heard_at > note.stopped_at)
    if note.connection_id != found.connection_id or is_heard:
        resume(note)
        return True
    return False


def resume(note: IssueNote) -> None:
    """Continue a note that was stopped. It is written again even if nothing has changed since."""
    note.stopped_at, note.stopped_reason, note.figures, note.text = None, "", "", ""
    note.save(update_fields=["stopped_at", "stopped_reason", "figures", "text"])


def write_again(issue: Issue, person: User) -> bool:
    """Write the note on an issue again, also if it was stopped or says the same already. Return False if the
    notes are switched off.
    """
    if not policy.is_enabled(issue.repository):
        return False
    note, _ = IssueNote.objects.get_or_create(issue=issue)
    resume(note)
    item = item_of(issue)
    if item and item.state == _State.FAILED:
        delivery.send_again(item, person)
    request(issue.repository, f"{person.get_username()} wants the note on {issue.key} again", person)
    return True


def _request(issue: Issue, note: Note, figures: str) -> None:
    """Request a note, unless an item that says the same waits already. What it says is built when it is sent,
    so that many pushes result in one update with the newest content.
    """
    item = item_of(issue)
    if item and item.state in _UNDECIDED and item.detail.get("figures") == figures:
        return
    publishing.publish_note(issue.repository, issue.key, Note(note.title, "", note.url, ""), figures)


def item_of(issue: Issue) -> OutboxItem | None:
    """Return the item of the outbox that publishes the note on an issue, if there is one."""
    found = publishing.attachment_for(issue.repository, issue.key, publishing.NOTE)
    if found is None:
        return None
    rows = OutboxItem.objects.filter(repository=issue.repository_id, kind=publishing.NOTE)
    target = publishing.note_subject(found, issue.key)
    return rows.filter(channel=found.connection.provider, target=target).first()
