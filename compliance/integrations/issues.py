"""Stores the tracker's state of linked issues. Older data never overwrites newer data."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from compliance.events import issue_heard
from compliance.integrations.origin import not_ahead
from compliance.integrations.subtasks import Subtask, checklist, with_list, with_one
from compliance.models import Issue, Repository

ENDED = ("deleted", "transferred")


@dataclass(frozen=True, slots=True)
class IssueNews:
    """An issue's state in the tracker at `updated_at`. `state` is open, closed, deleted or transferred.

    `checklist` is the task list in the issue's body: (text, done), in order. `former_keys` are the keys that
    the issue had before it was moved.

    Some trackers have subtasks instead: `subtasks` lists those of the issue at `listed_at`, and `parent` is
    the key of the issue whose subtask this one is.
    """

    key: str
    state: str
    title: str
    labels: tuple[str, ...]
    checklist: tuple[tuple[str, bool], ...]
    url: str
    updated_at: datetime
    former_keys: tuple[str, ...] = ()
    subtasks: tuple[Subtask, ...] | None = None
    listed_at: datetime | None = None
    parent: str = ""


def linked(key: str) -> QuerySet[Issue]:
    """Return the issues with this key in all repositories. Trackers' keys are the same in any case."""
    return Issue.objects.filter(key__iexact=key)


def hear(repository: Repository, news: IssueNews) -> str:
    """Store a linked issue's state in the tracker unless newer data is already stored, and return the outcome
    as text.

    A deleted or transferred issue keeps that state unless the data is newer.
    """
    rows = linked(news.key).filter(repository=repository)
    time = not_ahead(news.updated_at)
    if news.state in ENDED:
        older = Q(tracker_updated_at__isnull=True) | Q(tracker_updated_at__lte=time)
    else:
        older = (
            Q(tracker_updated_at__isnull=True)
            | Q(tracker_updated_at__lt=time)
            | (Q(tracker_updated_at=time) & ~Q(tracker_state__in=ENDED))
        )
    listed = {} if news.subtasks is not None else {"checklist": [*map(_task, news.checklist)]}
    changed = rows.filter(older).update(
        tracker_state=news.state[:40],
        tracker_title=news.title,
        labels=list(news.labels),
        tracker_updated_at=time,
        heard_at=Now(),
        **listed,
    )
    if news.subtasks is not None and news.state not in ENDED:
        _store_subtasks(rows, news)
    if changed:
        issue_heard.send(repository, key=news.key)
        return f"Issue {news.key} is {news.state}."
    if rows.exists():
        return f"Newer information has already been recorded for issue {news.key}."
    return f"Issue {news.key} is not referenced in the plan."


def hear_moves(repository: Repository, news: IssueNews) -> list[str]:
    """Store that an issue no longer has its former keys. Return an outcome for each key in the plan."""
    moved = (replace(news, key=key, state="transferred", subtasks=()) for key in news.former_keys)
    known = [one for one in moved if linked(one.key).filter(repository=repository).exists()]
    return [
        f"{outcome} It is now {news.key}; change the key in the plan."
        if (outcome := hear(repository, one)).endswith("transferred.")
        else outcome
        for one in known
    ]


def hear_subtask(repository: Repository, news: IssueNews) -> str:
    """Store a subtask's state in the checklist of its parent. Return the outcome as text, which is empty if
    the plan doesn't reference the parent.
    """
    at = not_ahead(news.updated_at)
    subtask = Subtask(news.key, news.title, done=news.state == "closed", gone=news.state in ENDED)
    rows = linked(news.parent).filter(repository=repository)
    with transaction.atomic(savepoint=False):
        found = list(rows.select_for_update().order_by("pk"))
        for row in found:
            _save(row, with_one(row.subtasks, subtask, at))
    return f"The checklist of {news.parent} is up to date with its subtask {news.key}." if found else ""


def _store_subtasks(rows: QuerySet[Issue], news: IssueNews) -> None:
    at = not_ahead(news.listed_at or news.updated_at)
    with transaction.atomic(savepoint=False):
        for row in rows.select_for_update().order_by("pk"):
            _save(row, with_list(row.subtasks, news.subtasks or (), at))


def _save(row: Issue, subtasks: dict[str, object]) -> None:
    Issue.objects.filter(pk=row.pk).update(subtasks=subtasks, checklist=checklist(subtasks), heard_at=Now())


def _task(task: tuple[str, bool]) -> dict[str, object]:
    text, done = task
    return {"text": text, "done": done}
