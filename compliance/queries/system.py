"""The state of the installation: problems, tables, jobs by kind, processes and versions."""

import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Now

from compliance.embedded.programs import describe_running
from compliance.jobs.retention import Limit, limits
from compliance.models import Heartbeat, Job, ScheduledTask
from compliance.queries.problems import Problem, read_problems
from compliance.scans import engine_version

State = Job.State

# `reltuples` is -1 for a table that was never analyzed.
_TABLES = """
SELECT relname, pg_total_relation_size(oid), greatest(reltuples, 0)::bigint
FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's size in bytes, with its indexes, and its approximate number of rows."""

    name: str
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The jobs of one kind: how many are waiting, running or failed, and the oldest that is due."""

    kind: str
    waiting: int
    running: int
    failed: int
    oldest_due: datetime | None
    last_success: datetime | None
    last_failure: datetime | None


@dataclass(frozen=True, slots=True)
class Process:
    """A process, or a periodic task, and its last heartbeat."""

    name: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Task:
    """A periodic task, when it was last sent to a worker, and when it is due next."""

    name: str
    sent_at: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a component."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class System:
    """Everything that the system page shows."""

    tables: list[Table]
    queues: list[Queue]
    processes: list[Process]
    tasks: list[Task]
    versions: list[Version]
    retention: list[Limit]
    problems: list[Problem]

    @property
    def size(self) -> int:
        """Return the size of all tables in bytes."""
        return sum(table.size for table in self.tables)


def read_system() -> System:
    """Return the state of the installation."""
    return System(read_tables(), _queues(), _processes(), _tasks(), _versions(), limits(), read_problems())


def read_tables() -> list[Table]:
    """Return all tables, the largest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [Table(*row) for row in cursor.fetchall()]


def _queues() -> list[Queue]:
    rows = (
        Job.objects.order_by()
        .values("kind")
        .annotate(
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            running=Count("pk", filter=Q(state=State.RUNNING)),
            failed=Count("pk", filter=Q(state=State.BURIED)),
            oldest_due=Min("due_at", filter=Q(state=State.WAITING, due_at__lte=Now())),
            last_success=Max("finished_at", filter=Q(state=State.DONE)),
            last_failure=Max("finished_at", filter=Q(state=State.BURIED)),
        )
    )
    return [Queue(**row) for row in rows.order_by("kind")]


def _processes() -> list[Process]:
    rows = Heartbeat.objects.order_by("name").values_list("name", "at", "state")
    return [Process(*row) for row in rows]


def _tasks() -> list[Task]:
    rows = ScheduledTask.objects.order_by("name").values_list("name", "sent_at", "due_at")
    return [Task(*row) for row in rows]


def _versions() -> list[Version]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    packages = (("Django", "django"), ("Celery", "celery"), ("tree-sitter", "tree-sitter"))
    return [
        Version("Scan engine", engine_version()),
        Version("Python", platform.python_version()),
        Version("Postgres", describe_running(postgres) if settings.EMBEDDED_POSTGRES else str(postgres)),
        *(Version(name, version(package)) for name, package in packages),
    ]
