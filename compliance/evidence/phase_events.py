"""Emits events about phases that close and reopen (compliance/notifications/topics/phases.py)."""

from collections.abc import Iterable

from compliance.events import emit
from compliance.models import Commit, Marker, NotificationEvent, Repository

_TOPICS = {Marker.Kind.CLOSED: "phase.closed", Marker.Kind.REOPENED: "phase.reopened"}


def emit_transitions(repository: Repository, marks: Iterable[Marker]) -> None:
    """Emit an event for each mark for a phase that closed or reopened, unless the newest one about the phase
    said the same of this history: it may have been recorded again, after a force push for example.
    """
    for mark in marks:
        phase, commit = mark.phase, mark.commit
        if phase is None or commit is None:
            continue
        topic = _TOPICS[Marker.Kind(mark.kind)]
        earlier = NotificationEvent.objects.filter(
            repository=repository, topic__in=_TOPICS.values(), key__startswith=f"{phase.pk} "
        )
        newest = earlier.order_by("-pk").first()
        if newest and newest.topic == topic and not _is_another(repository, newest, commit):
            continue
        emit(
            topic,
            _key(repository, f"{phase.pk} {commit.sha}", topic),
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


def _is_another(repository: Repository, told: NotificationEvent, commit: Commit) -> bool:
    """Return true if a commit closes or reopens a phase anew, although the newest event has told the same of
    another commit: a force push has removed that one, and this one isn't a rewritten form of a removed one.

    Nothing is told of a phase whose state a force push restores.
    """
    removed = Commit.objects.filter(repository=repository, position=None, sha=told.detail.get("sha"))
    return removed.exists() and not commit.removed_forms().exists()


def _key(repository: Repository, start: str, topic: str) -> str:
    """Return a key that is the same if the same commit is recorded again.

    Evidence may close and reopen a phase several times at the same commit, so these times are counted.
    """
    (opposite,) = set(_TOPICS.values()) - {topic}
    rows = NotificationEvent.objects.filter(repository=repository, topic=opposite, key__startswith=start)
    return f"{start} {rows.count()}"
