"""Sends the notes of the outbox: builds what each says at present, and records what was written."""

from datetime import timedelta
from functools import partial

from django.db.models.functions import Now
from django.utils import timezone

from compliance.integrations import publishing
from compliance.integrations.delivery import (
    Message,
    NotNeededError,
    PostponedError,
    RejectedError,
    Sender,
    Sent,
)
from compliance.integrations.issue_notes.content import Content, Contents
from compliance.integrations.issue_notes.subjects import Subject, notes_on, subjects_of
from compliance.integrations.issue_notes.text import digest_of
from compliance.integrations.outbound import Content as Published
from compliance.lib.field_types import storable
from compliance.models import Attachment, IssueNote, OutboxItem, Repository

WRITTEN_EVERY = timedelta(minutes=10)
"""Minimum time between two updates of a note."""

_LONGEST_REASON = 1000


class NoteSender:
    """Sends notes on issues. A note that says already what it would say isn't sent."""

    def __init__(self) -> None:
        """Begin without any figures, which are remembered for this run of the outbox's job."""
        self._contents = Contents()

    def build(self, item: OutboxItem) -> Message:
        """Return how a note is written.

        Raises:
            NotNeededError: if there is to be no note.
            PostponedError: if the note was written a short time ago.
        """
        subject, note = _found(item)
        if note.written_at and timezone.now() < note.written_at + WRITTEN_EVERY:
            words = "The note was updated a short time ago. It is updated every ten minutes at most."
            raise PostponedError(words, note.written_at + WRITTEN_EVERY)
        content = self._contents.of(subject, note)
        found = publishing.attachment_for(subject.repository, subject.key, publishing.NOTE)
        if content is None or found is None:
            raise NotNeededError("There is nothing to write on this issue at present.")
        if _is_written(item, note, content, found):
            _record(note, content, found, is_new=False)
            return Message(lambda: Sent("The note says this already.", item.remote_id))
        sender: Sender = publishing.Publisher(partial(_note_of, content))
        return Message(partial(_send, sender.build(item), subject, note, content, found))


def _note_of(content: Content, _: OutboxItem) -> Published:
    return content.note


def _found(item: OutboxItem) -> tuple[Subject, IssueNote]:
    """Return the issue that a note is on, and the row for the note."""
    rows = Repository.objects.filter(outbox_items=item).select_related("plan", "head")
    subjects = [subject for row in rows for subject in subjects_of(row, [item.target])]
    if not subjects:
        raise NotNeededError("No plan references this issue any more.")
    subject = min(subjects, key=lambda one: bool(one.gone))
    note, _ = IssueNote.objects.get_or_create(**subject.link)
    if note.stopped_at:
        raise NotNeededError(f"The note was stopped: {note.stopped_reason}")
    return subject, note


def _is_written(item: OutboxItem, note: IssueNote, content: Content, found: Attachment) -> bool:
    """Return true if the provider certainly has this text already."""
    is_certain = bool(item.remote_id) and not item.may_have_arrived
    return is_certain and note.connection_id == found.connection_id and note.text == digest_of(content.note)


def _send(message: Message, subject: Subject, note: IssueNote, content: Content, found: Attachment) -> Sent:
    """Write a note and record it, or that the provider has refused it for good."""
    try:
        sent = message.send()
    except RejectedError as error:
        reason = storable(str(error))[:_LONGEST_REASON]
        IssueNote.objects.filter(pk=note.pk).update(
            stopped_at=Now(), stopped_reason=reason, connection=found.connection_id
        )
        raise
    _record(note, content, found, is_new=True)
    # The plan and a phase may write on the same issue in turn, so what the other wrote isn't there any more.
    notes_on(subject).exclude(pk=note.pk).update(figures="", text="")
    return sent


def _record(note: IssueNote, content: Content, found: Attachment, *, is_new: bool) -> None:
    values = {"written_at": Now()} if is_new else {}
    IssueNote.objects.filter(pk=note.pk).update(
        figures=content.figures,
        text=digest_of(content.note),
        connection=found.connection_id,
        stopped_at=None,
        stopped_reason="",
        **values,
    )
