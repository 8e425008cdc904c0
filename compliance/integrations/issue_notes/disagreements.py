"""Notices that the tracker's state of an issue and the records disagree, and reports it once."""

from django.db import transaction
from django.utils import timezone

from compliance.events import emit
from compliance.integrations.issue_notes.figures import IssueFigures
from compliance.integrations.issue_notes.requests import LASTS_FOR
from compliance.integrations.issue_notes.subjects import Subject
from compliance.models import IssueNote
from compliance.progress.issue_status import disagreement


@transaction.atomic
def compare(subject: Subject, note: IssueNote, figures: IssueFigures) -> None:
    """Store whether an issue and the records disagree, and report it once that has lasted for a while.

    A disagreement that is older than the first comparison isn't reported.
    """
    now = timezone.now()
    found = disagreement(subject.state, figures.left, figures.fixed, figures.open_phases)
    if found != note.disagreement:
        heard_at = subject.heard_at
        is_old = note.compared_at is None and (heard_at is None or heard_at < now - LASTS_FOR)
        note.disagreement, note.disagrees_since = found, now if found else None
        note.disagreement_told = bool(found) and is_old
    elif not note.disagreement_told and note.disagrees_since and note.disagrees_since < now - LASTS_FOR:
        note.disagreement_told = True
        _report(subject, note, figures)
    elif note.compared_at:
        return
    note.compared_at = now
    note.save(update_fields=["disagreement", "disagrees_since", "disagreement_told", "compared_at"])


def _report(subject: Subject, note: IssueNote, figures: IssueFigures) -> None:
    since = note.disagrees_since.isoformat() if note.disagrees_since else ""
    emit(
        "issue.disagrees",
        f"{'created ' if subject.phase else ''}{subject.source.pk} {note.disagreement} {since}",
        repository=subject.repository,
        phases=[phase.key for phase in figures.phases],
        detail={
            "key": subject.key,
            "title": subject.title,
            "warning": figures.warning,
            "left": figures.left,
            "fixed": figures.fixed,
            "url": subject.page,
        },
    )
