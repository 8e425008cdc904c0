"""Emits events about phases that close and reopen (compliance/notifications/topics/phases.py)."""

from collections.abc import Iterable

from compliance.events import emit
from compliance.models import Marker, Repository

_TOPICS = {Marker.Kind.CLOSED: "phase.closed", Marker.Kind.REOPENED: "phase.reopened"}


def emit_transitions(repository: Repository, marks: Iterable[Marker]) -> None:
    """Emit an event for each mark for a phase that closed or reopened."""
    for mark in marks:
        phase, commit = mark.phase, mark.commit
        if phase is None or commit is None:
            continue
        emit(
            _TOPICS[Marker.Kind(mark.kind)],
            f"{phase.pk} {commit.sha} {mark.at.isoformat()}",
            repository=repository,
            happened_at=mark.at,
            phases=[phase.key],
            detail={
                "phase": phase.key,
                "title": phase.title,
                "issue": phase.issue.key,
                "text": mark.text.removeprefix(f"{phase.title}: "),
                "sha": commit.sha,
                "subject": commit.subject,
                "author": commit.author_name,
            },
        )
