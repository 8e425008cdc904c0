"""Linked issues: their state in the tracker, never overwritten by older data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from compliance.integrations.origin import not_ahead
from compliance.models import Issue, Repository

ENDED = ("deleted", "transferred")


@dataclass(frozen=True, slots=True)
class IssueNews:
    """The tracker's state of one issue at `updated_at`; `state` is open, closed, deleted or transferred.

    `checklist` is the task list of its body, (text, done) in order.
    """

    key: str
    state: str
    title: str
    labels: tuple[str, ...]
    checklist: tuple[tuple[str, bool], ...]
    url: str
    updated_at: datetime


def hear(repository: Repository, news: IssueNews) -> str:
    """Store the tracker's state of a linked issue unless newer data is stored; return the outcome as text.

    A deleted or transferred issue stays so, unless the data is newer.
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
        return f"Newer information is recorded for issue {news.key}."
    return f"Issue {news.key} is not linked in the plan."
