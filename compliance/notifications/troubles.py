"""Looks for repositories, connections and channels that don't work, and reports those that stay so."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, Q

from compliance.events import alerts
from compliance.events.alerts import Condition
from compliance.lib.field_types import one_line
from compliance.models import Alert, Channel, Connection, Repository

TROUBLE, FAILING = "repository.trouble", "connection.failing"

TROUBLED_FOR = timedelta(minutes=10)
"""Time for which a repository must be in trouble before that is reported."""

FAILING_FOR = timedelta(hours=1)
"""Time for which a connection or channel must fail before that is reported."""

_LONGEST_FAILURE = 300
_SUBJECT = "reading"

_FAILS = Q(last_failure_at__isnull=False) & (
    Q(last_success_at=None) | Q(last_failure_at__gt=F("last_success_at"))
)
"""The condition for connections and channels whose last attempt failed."""


def follow_repositories() -> None:
    """Report the repositories that are in trouble, and those that have recovered.

    What was wrong for a moment between two looks isn't noticed at all.
    """
    rows = Repository.objects.tracked().exclude(trouble="").only("name", "slug", "trouble", "trouble_kind")
    conditions = [
        Condition(
            _SUBJECT,
            row,
            TROUBLED_FOR,
            kind=row.trouble_kind or Repository.Trouble.OTHER,
            detail={"title": row.trouble_title, "problem": one_line(row.trouble, _LONGEST_FAILURE)},
        )
        for row in rows
    ]
    alerts.follow(TROUBLE, conditions, Alert.objects.all(), tells_end=lambda _: True)


def follow_connections() -> None:
    """Report the connections and channels that fail, the channels that were disabled because of that, and
    those that work again.
    """
    works = _working()
    conditions = [*_connections(), *_channels()]
    alerts.follow(FAILING, conditions, Alert.objects.all(), tells_end=lambda alert: alert.subject in works)


def _connections() -> Iterator[Condition]:
    for row in Connection.objects.filter(_FAILS).only("name", "slug", "last_failure"):
        detail = {
            "kind": "connection",
            "name": row.name,
            "slug": row.slug,
            "problem": one_line(row.last_failure, _LONGEST_FAILURE),
        }
        yield Condition(_subject(row), None, FAILING_FOR, detail=detail)


def _channels() -> Iterator[Condition]:
    """Yield channels that fail. One that was disabled because it no longer exists is reported at once."""
    fails = Q(is_enabled=True) & _FAILS
    rows = Channel.objects.filter(fails | (Q(is_enabled=False) & ~Q(disabled_reason="")))
    for row in rows.select_related("repository"):
        detail = {
            "kind": "channel",
            "name": row.name,
            "channel": row.pk,
            "problem": one_line(row.disabled_reason or row.last_failure, _LONGEST_FAILURE),
            "is_disabled": not row.is_enabled,
        }
        after = FAILING_FOR if row.is_enabled else timedelta()
        yield Condition(_subject(row), row.repository, after, detail=detail)


def _working() -> set[str]:
    """Return the subjects of those that work. Others were removed, or disabled by a person."""
    connections = {_subject(row) for row in Connection.objects.exclude(_FAILS).only("pk")}
    channels = Channel.objects.filter(is_enabled=True).exclude(_FAILS).only("pk")
    return connections | {_subject(row) for row in channels}


def _subject(row: Connection | Channel) -> str:
    return f"{'channel' if isinstance(row, Channel) else 'connection'} {row.pk}"
