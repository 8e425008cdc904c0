"""The job that compares a repository's issues with its records, and requests the notes that have changed."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from compliance.integrations import delivery, publishing
from compliance.integrations.issue_notes import policy
from compliance.integrations.issue_notes.content import (
    Contents,
    full_content,
    is_wanted,
    silence_of,
    silent_content,
)
from compliance.integrations.issue_notes.disagreements import compare
from compliance.integrations.issue_notes.figures import IssueFigures, is_settled
from compliance.integrations.issue_notes.requests import request
from compliance.integrations.issue_notes.subjects import Subject, subjects_of
from compliance.integrations.issue_notes.text import digest_of
from compliance.integrations.outbound import Note
from compliance.jobs import JobRun
from compliance.lib.batches import BATCH
from compliance.models import Attachment, IssueNote, OutboxItem, Repository

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
    subjects = subjects_of(repository)
    for subject in subjects:
        _silence(subject, enabled=enabled)
    if not is_settled(repository):
        return True
    figures = Contents().figures(repository, subjects)
    compared = [subject for subject in subjects if subject.key in figures]
    _ensure_notes(compared)
    for subject in compared:
        note = IssueNote.objects.get(**subject.link)
        compare(subject, note, figures[subject.key])
        if enabled:
            _follow(subject, note, figures[subject.key])
    return True


def _silence(subject: Subject, *, enabled: bool) -> None:
    """Request the last text of a note that states no figures any more."""
    note = subject.note
    if note is None or note.written_at is None or note.stopped_at:
        return
    reason = silence_of(subject, enabled=enabled)
    if reason and note.figures != reason:
        _request(subject, silent_content(subject, reason).note, reason)


def _ensure_notes(subjects: Iterable[Subject]) -> None:
    missing = [IssueNote(**subject.link) for subject in subjects if subject.note is None]
    IssueNote.objects.bulk_create(missing, ignore_conflicts=True, batch_size=BATCH)


def _follow(subject: Subject, note: IssueNote, figures: IssueFigures) -> None:
    """Request the note on an issue if it would say something else than the one that was written last."""
    found = publishing.attachment_for(subject.repository, subject.key, publishing.NOTE)
    if found is None or not is_wanted(subject, note, figures):
        return
    if note.stopped_at and not _resume(subject, note, found):
        return
    content = full_content(subject, figures)
    is_changed = content.figures != note.figures or note.connection_id != found.connection_id
    is_old = note.written_at is None or note.written_at < timezone.now() - REFRESHED_AFTER
    if is_changed or (is_old and digest_of(content.note) != note.text):
        _request(subject, content.note, content.figures)


def _resume(subject: Subject, note: IssueNote, found: Attachment) -> bool:
    """Continue a note that was stopped, if its connection was replaced or the tracker has reported the issue
    since. Return true if it continues.
    """
    is_heard = bool(subject.heard_at and note.stopped_at and subject.heard_at > note.stopped_at)
    if note.connection_id != found.connection_id or is_heard:
        resume(note)
        return True
    return False


def resume(note: IssueNote) -> None:
    """Continue a note that was stopped. It is written again even if nothing has changed since."""
    note.stopped_at, note.stopped_reason, note.figures, note.text = None, "", "", ""
    note.save(update_fields=["stopped_at", "stopped_reason", "figures", "text"])


def write_again(subject: Subject, person: User) -> bool:
    """Write the note on an issue again, also if it was stopped or says the same already. Return False if the
    notes are switched off.
    """
    if not policy.is_enabled(subject.repository):
        return False
    note, _ = IssueNote.objects.get_or_create(**subject.link)
    resume(note)
    item = item_of(subject)
    if item and item.state == _State.FAILED:
        delivery.send_again(item, person)
    request(subject.repository, f"{person.get_username()} wants the note on {subject.key} again", person)
    return True


def _request(subject: Subject, note: Note, figures: str) -> None:
    """Request a note, unless an item that says the same waits already. What it says is built when it is sent,
    so that many pushes result in one update with the newest content.
    """
    item = item_of(subject)
    if item and item.state in _UNDECIDED and item.detail.get("figures") == figures:
        return
    publishing.publish_note(subject.repository, subject.key, Note(note.title, "", note.url, ""), figures)


def item_of(subject: Subject) -> OutboxItem | None:
    """Return the item of the outbox that publishes the note on an issue, if there is one."""
    found = publishing.attachment_for(subject.repository, subject.key, publishing.NOTE)
    if found is None:
        return None
    rows = OutboxItem.objects.filter(repository=subject.repository, kind=publishing.NOTE)
    target = publishing.note_subject(found, subject.key)
    return rows.filter(channel=found.connection.provider, target=target).first()
