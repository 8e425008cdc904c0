"""Reports conditions, such as a repository that can't be read, once until they are over.

`follow` compares the conditions that hold with the alerts, of which there is one for each condition. Several
processes may do this at once: an alert is created by one insert, and fires by one conditional update, in the
transaction that emits its event.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compliance.events.emission import emit
from compliance.models import Alert, Repository

_LONGEST_SUBJECT = 150
_LONGEST_KEY = 200
_KIND = "kind of problem"
"""The name in an alert's detail of the kind that was reported last."""

Key = tuple[int | None, str]
"""The id of a repository, or None for the installation, and a subject."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that holds, and what its event says.

    `subject` identifies it among those of its repository and topic. It is reported once it has held for
    `after`. If `is_known`, it held before anybody could want to know, and isn't reported. `cause` identifies
    what brought it about, so that the same isn't reported again when history is recorded again; without one,
    that is the time at which it was noticed. If a reported condition turns into another `kind`, that is
    reported, too, once for each kind. `detail`, `phases`, `risk` and `people` are those of `emit`.
    """

    subject: str
    repository: Repository | None = None
    after: timedelta = timedelta()
    is_known: bool = False
    cause: str = ""
    kind: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    phases: Collection[str] = ()
    risk: str = ""
    people: Collection[int] = ()

    @property
    def key(self) -> Key:
        """Return what an alert has in common with its condition."""
        return self.repository.pk if self.repository else None, short_subject(self.subject)


def short_subject(subject: str) -> str:
    """Return a subject as alerts have it: a long one ends with a digest of the whole."""
    if len(subject) <= _LONGEST_SUBJECT:
        return subject
    digest = sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{subject[: _LONGEST_SUBJECT - len(digest) - 1]} {digest}"


def follow(
    topic: str,
    conditions: Iterable[Condition],
    among: QuerySet[Alert],
    *,
    undecided: Collection[Key] = (),
    tells_end: Callable[[Alert], bool] = lambda _: False,
) -> None:
    """Report the conditions that have begun, and end the alerts of those that are over.

    Args:
        topic: the topic of the events.
        conditions: the conditions that hold.
        among: the alerts that were looked at, of any topic. They end unless their conditions hold.
        undecided: the keys of conditions about which nothing can be said now, so that their alerts stay.
        tells_end: returns true if an event is emitted for an alert whose condition was reported and is over.
            Its detail is that of the first event, with `"over": true`.
    """
    holding = {condition.key: condition for condition in conditions}
    with transaction.atomic(savepoint=False):  # so that one message tells of all changes in a repository
        known = _alerts(topic, among)
        for key in known.keys() - holding.keys() - set(undecided):
            end(known[key], tells_end)
        if begun := [_begun(topic, holding[key]) for key in holding if key not in known]:
            Alert.objects.bulk_create(begun, ignore_conflicts=True)
            known = _alerts(topic, among)
        for key, condition in holding.items():
            if alert := known.get(key):
                _report(alert, condition)


def _report(alert: Alert, condition: Condition) -> None:
    if alert.fired_at is None and alert.began_at + condition.after <= timezone.now():
        fire(alert, condition)
    elif alert.detail.get(_KIND, condition.kind) != condition.kind:
        _turn(alert, condition)


def _alerts(topic: str, among: QuerySet[Alert]) -> dict[Key, Alert]:
    rows = among.filter(topic=topic).select_for_update(of=("self",)).order_by("pk")
    return {(alert.repository_id, alert.subject): alert for alert in rows}


def _begun(topic: str, condition: Condition) -> Alert:
    repository, subject = condition.key
    now = timezone.now()
    fired = now if condition.is_known else None
    return Alert(repository_id=repository, topic=topic, subject=subject, began_at=now, fired_at=fired)


def fire(alert: Alert, condition: Condition) -> bool:
    """Emit the event of an alert. Return false if that was done before, or the condition is over."""
    with transaction.atomic(savepoint=False):
        pending = Alert.objects.filter(pk=alert.pk, fired_at=None)
        if not pending.update(fired_at=timezone.now(), detail=_detail(condition)):
            return False
        emit(
            alert.topic,
            f"{alert.subject} {condition.cause}" if condition.cause else _since(alert),
            repository=condition.repository,
            phases=condition.phases,
            risk=condition.risk,
            people=condition.people,
            detail={**condition.detail, "since": alert.began_at.isoformat()},
        )
    return True


def _turn(alert: Alert, condition: Condition) -> None:
    """Emit that a reported condition is of another kind now, unless that was told before."""
    with transaction.atomic(savepoint=False):
        former = Alert.objects.filter(pk=alert.pk, fired_at=alert.fired_at, detail=alert.detail)
        if alert.fired_at is not None and former.update(detail=_detail(condition)):
            emit(
                alert.topic,
                f"{_since(alert)} {condition.kind}"[:_LONGEST_KEY],
                repository=condition.repository,
                phases=condition.phases,
                risk=condition.risk,
                people=condition.people,
                detail={**condition.detail, "since": alert.began_at.isoformat()},
            )


def _detail(condition: Condition) -> dict[str, Any]:
    return {**condition.detail, **({_KIND: condition.kind} if condition.kind else {})}


def _since(alert: Alert) -> str:
    return f"{alert.subject} since {alert.began_at.isoformat()}"


def end(alert: Alert, tells_end: Callable[[Alert], bool] = lambda _: False) -> None:
    """Delete an alert whose condition is over, and emit the event that says so if it is to be told."""
    with transaction.atomic(savepoint=False):
        row = Alert.objects.select_for_update().filter(pk=alert.pk).first()
        if row is None:
            return  # another process has ended it
        row.delete()
        if row.fired_at is not None and row.detail and tells_end(row):
            emit(
                row.topic,
                f"{_since(row)} over",
                repository=row.repository,
                detail={**row.detail, "since": row.began_at.isoformat(), "over": True},
            )
