"""Stores the tracker's state of linked issues. Older data never overwrites newer data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from compliance.integrations.origin import not_ahead
from compliance.models import Issue, Repository

ENDED = ("deleted", "transferred")


@dataclass(frozen=True, slots=True)
class IssueNews:
    """An issue's state in the tracker at `updated_at`. `state` is open, closed, deleted or transferred.

    `checklist` is the task list in the issue's body: (text, done), in order.
    """

    key: str
    state: str
    title: str
    labels: tuple[str, ...]
    checklist: tuple[tuple[str, bool], ...]
    url: str
    updated_at: datetime


def hear(repository: Repository, news: IssueNews) -> str:
    """Store a linked issue's state in the tracker unless newer data is already stored, and return the outcome
    as text.

    A deleted or transferred issue keeps that state unless the data is newer.
    """
    linked = Issue.objects.filter(repository=repository, key=news.key)
    time = not_ahead(news.updated_at)
    if news.state in ENDED:
        older = Q(tracker_updated_at__isnull=True) | Q(tracker_updated_at__lte=time)
    else:
        older = (
            Q(tracker_updated_at__isnull=True)
            | Q(tracker_updated_at__lt=time)
            | (Q(tracker_updated_at=time) & ~Q(tracker_state__in=ENDED))
        )
    changed = linked.filter(older).update(
        tracker_state=news.state[:40],
        tracker_title=news.title,
        labels=list(news.labels),
        checklist=[{"text": text, "done": done} for text, done in news.checklist],
        tracker_updated_at=time,
    )
    if changed:
        return f"Issue {news.key} is {news.state}."
    if linked.exists():
        return f"Newer information has already been recorded for issue {news.key}."
    return f"Issue {news.key} is not referenced in the plan."
