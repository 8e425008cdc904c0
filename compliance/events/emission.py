"""Records events about which people and channels are notified.

Recording is one insert in the caller's transaction. The job `notify` decides later who is told
(compliance/notifications/routing.py), so nothing that emits an event waits for it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from compliance import jobs
from compliance.lib.field_types import cut, one_line, storable
from compliance.models import Job, NotificationEvent, Repository

JOB = "notify"
"""The kind of the job that decides who is told."""

MOST_VALUES = 100
"""Maximum number of values in each list of an event. What has more says so in a number of its own."""

_LONGEST_TEXT = 1000
_DEEPEST = 4


def emit(
    topic: str,
    key: str,
    *,
    repository: Repository | None = None,
    happened_at: datetime | None = None,
    phases: Iterable[str] = (),
    owners: Iterable[str] = (),
    risk: str = "",
    person: User | None = None,
    people: Iterable[int] = (),
    email: str = "",
    actor: User | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record an event in the caller's transaction, unless the repository already has one of this topic and
    key. It is routed after the transaction.

    Args:
        topic: the name of a topic in compliance/notifications/topics.
        key: identifies what happened, such as a SHA, so that repeating the work emits nothing again. At most
            200 characters.
        repository: the repository, or None if the event concerns the installation.
        happened_at: when it happened, by default now.
        phases: the keys of the phases that it concerns, as the plan has them.
        owners: the owners of the files, as CODEOWNERS has them. They can be left to routing, see `detail`.
        risk: the highest risk of the violations that it concerns.
        person: whom it directly concerns.
        people: the ids of further accounts that it directly concerns.
        email: the address of somebody whom it directly concerns and who may have no account.
        actor: who caused it. They aren't told.
        detail: names and numbers as they are now, as JSON. `paths` names files whose owners are found when
            the event is routed, and whose claim holders are told. Long lists and texts are truncated.
    """
    row = NotificationEvent(
        repository=repository,
        topic=topic,
        key=_short(key),
        happened_at=happened_at or timezone.now(),
        phases=_distinct(phases),
        owners=_distinct(owners),
        risk=risk,
        person=person,
        people=list(dict.fromkeys(people))[:MOST_VALUES],
        email=one_line(email, 300),
        actor=actor,
        detail={name: _bounded(value) for name, value in (detail or {}).items()},
    )
    NotificationEvent.objects.bulk_create([row], ignore_conflicts=True)
    # The job's row would otherwise stay locked while, for example, a large commit is being recorded.
    transaction.on_commit(partial(_queue, topic), robust=True)


def resume() -> None:
    """Queue the job if an event waits for it and no such job waits or runs: a process may have ended between
    a transaction and what was to follow it. This is called every few seconds.
    """
    pending = Job.objects.filter(Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING), kind=JOB)
    if NotificationEvent.objects.filter(routed_at=None).exists() and not pending.exists():
        _queue("events are due")


def _queue(cause: str) -> None:
    jobs.enqueue(JOB, priority=jobs.Priority.LOW, cause=cause)


def _short(key: str) -> str:
    if not key or len(key) > 200:
        raise ValueError(f"The key of an event must have from 1 to 200 characters: {cut(key, 100)!r}")
    return key


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(cut(storable(value), 300) for value in values))[:MOST_VALUES]


def _bounded(value: Any, depth: int = 1) -> Any:
    """Return JSON data of a limited size that a column can store."""
    if isinstance(value, str):
        return cut(storable(value), _LONGEST_TEXT)
    if depth > _DEEPEST:
        raise ValueError(f"The detail of an event is nested more than {_DEEPEST} levels deep.")
    if isinstance(value, Mapping):
        some = list(value.items())[:MOST_VALUES]
        return {cut(storable(str(name)), 200): _bounded(found, depth + 1) for name, found in some}
    if isinstance(value, list | tuple | set | frozenset):
        return [_bounded(found, depth + 1) for found in list(value)[:MOST_VALUES]]
    return value
