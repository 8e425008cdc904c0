"""Keeps the newest state of every issue that a forge or tracker reports, so that a plan that references an
issue only after its last event has a state all the same.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection as database
from django.db.models import Q

from compliance.events import issue_heard
from compliance.integrations import issues
from compliance.integrations.issues import ENDED, IssueNews
from compliance.integrations.origin import not_ahead
from compliance.integrations.subtasks import Subtask
from compliance.lib.field_types import instant
from compliance.models import Connection, Issue, KnownIssue, PhaseIssue, Repository

MOST = 5_000
"""Number of issues that are kept for each repository or connection."""

_LOCK_OF_REPOSITORY, _LOCK_OF_CONNECTION = 0x55078, 0x55079
"""The numbers that identify these locks among the database's advisory locks."""

# At the same time, a deletion takes precedence, and then the later list of subtasks.
_STORE = """
INSERT INTO compliance_knownissue AS known
    (repository_id, connection_id, key, parent, state, updated_at, listed_at, news)
VALUES (%(repository)s, %(connection)s, %(key)s, %(parent)s, %(state)s, %(updated_at)s, %(listed_at)s,
        %(news)s::jsonb)
ON CONFLICT (repository_id, connection_id, key) DO UPDATE SET
    parent = excluded.parent, state = excluded.state, updated_at = excluded.updated_at,
    listed_at = excluded.listed_at, news = excluded.news, heard_at = statement_timestamp()
WHERE (excluded.updated_at, excluded.state = ANY(%(ended)s), excluded.listed_at)
    >= (known.updated_at, known.state = ANY(%(ended)s), known.listed_at)
RETURNING xmax = 0
"""
"""Returns true for a new row, false for an updated one, and nothing if newer data is stored."""

Source = Repository | Connection


def remember(source: Source, news: IssueNews) -> None:
    """Store the state of an issue, and that it has its former keys no longer, unless newer data is stored.

    Until the caller's transaction ends, no plan that references the issue becomes active, and no repository
    begins to use the connection: it would find neither this state nor would it be told of it.
    """
    _lock(source, "pg_advisory_xact_lock_shared")
    subtasks = None if news.subtasks is None else ()
    moved = (
        replace(news, key=key, state="transferred", subtasks=subtasks, parent="") for key in news.former_keys
    )
    for one in sorted((news, *moved), key=lambda each: each.key.lower()):
        if isinstance(source, Repository) or source.owns(one.key):
            _store(source, one)
            _announce(source, one.key)


def _announce(source: Source, key: str) -> None:
    """Send `issue_heard` to the repositories that have created an issue from a phase."""
    made = PhaseIssue.objects.filter(key__iexact=key)
    if isinstance(source, Connection):
        mine = Repository.objects.filter(
            pk__in=made.filter(connection=source).values("phase__issue__repository")
        )
    else:
        named = made.filter(phase__issue__repository=source, prefix="")
        mine = Repository.objects.filter(pk=source.pk, pk__in=named.values("phase__issue__repository"))
    for repository in mine.order_by("pk"):
        issue_heard.send(repository, key=key)


def lock(repository: Repository) -> None:
    """Let events of the issues of a repository's forge and trackers wait until the end of the caller's
    transaction.
    """
    for source in _sources(repository):
        _lock(source, "pg_advisory_xact_lock")


def catch_up(repository: Repository) -> None:
    """Give the issues of a repository's plan of which nothing was heard the states that are known. The
    caller has called `lock`.
    """
    rows = Issue.objects.filter(repository=repository, tracker_updated_at=None)
    wanted = {key.lower() for key in rows.values_list("key", flat=True)}
    for source in _sources(repository) if wanted else ():
        known = KnownIssue.objects.filter(**_own(source)).order_by("updated_at", "pk")
        for row in known.filter(Q(key__in=wanted) | Q(parent__in=wanted)):
            if isinstance(source, Connection) and not source.owns(row.key):
                continue  # the prefix has been given to another tracker
            news = _read(row)
            if row.key in wanted:
                issues.hear(repository, news)
            if row.parent in wanted:
                issues.hear_subtask(repository, news)


def key_of_labelled(found: Connection, labels: Iterable[str]) -> str:
    """Return the key of an issue that a tracker has reported with one of the labels, or an empty string."""
    has_one = [Q(news__labels__contains=[label]) for label in labels]
    row = KnownIssue.objects.filter(reduce(or_, has_one), connection=found).first()
    return str(row.news["key"]) if row else ""


def _sources(repository: Repository) -> list[Source]:
    """Return the repository, for the issues of its forge, and its trackers, in a fixed order."""
    return [repository, *repository.connections.exclude(prefixes=[]).order_by("pk")]


def _own(source: Source) -> dict[str, Source | None]:
    is_connection = isinstance(source, Connection)
    return {
        "repository": None if is_connection else source,
        "connection": source if is_connection else None,
    }


def _lock(source: Source, function: str) -> None:
    kind = _LOCK_OF_CONNECTION if isinstance(source, Connection) else _LOCK_OF_REPOSITORY
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [kind, source.pk % 2**31])


def _store(source: Source, news: IssueNews) -> None:
    at = not_ahead(news.updated_at)
    values: dict[str, Any] = {
        **{name: row and row.pk for name, row in _own(source).items()},
        "key": news.key.lower(),
        "parent": news.parent.lower(),
        "state": news.state[:40],
        "updated_at": at,
        "listed_at": not_ahead(news.listed_at) if news.listed_at else at,
        "news": json.dumps(_written(news)),
        "ended": list(ENDED),
    }
    with database.cursor() as cursor:
        cursor.execute(_STORE, values)
        stored = cursor.fetchone()
    if stored and stored[0]:
        _keep_newest(source)


def _keep_newest(source: Source) -> None:
    same = KnownIssue.objects.filter(**_own(source))
    older: Iterable[int] = same.order_by("-heard_at", "-pk").values_list("pk", flat=True)[MOST:]
    KnownIssue.objects.filter(pk__in=list(older)).delete()


def _written(news: IssueNews) -> dict[str, Any]:
    """Return an issue's state as JSON values."""
    times = {name: at.isoformat() for name in ("updated_at", "listed_at") if (at := getattr(news, name))}
    return {**asdict(news), "listed_at": None, **times}


def _read(row: KnownIssue) -> IssueNews:
    values: dict[str, Any] = dict(row.news)
    for name in ("labels", "former_keys"):
        values[name] = tuple(values[name])
    values["checklist"] = tuple((text, done) for text, done in values["checklist"])
    values["updated_at"] = instant(values["updated_at"])
    values["listed_at"] = instant(values["listed_at"]) if values["listed_at"] else None
    if values["subtasks"] is not None:
        values["subtasks"] = tuple(Subtask(**subtask) for subtask in values["subtasks"])
    return IssueNews(**values)
