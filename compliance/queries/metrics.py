"""What monitoring reads from Postgres: jobs, queues, processes, repositories, the outbox and sizes.

All values come from the database, so every web process of every machine returns the same. Paths, commits and
people are never labels. docs/monitoring/README.md lists the metrics.
"""

import platform
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from compliance.jobs.clock import read_clocks
from compliance.jobs.health import check_work
from compliance.models import DURATIONS, JobTotal, OutboxItem, RejectedWebhook, Repository
from compliance.queries.system import read_tables
from compliance.scans import engine_version

PREFIX = "ssot"

_AGE = "greatest(extract(epoch FROM statement_timestamp() - {}), 0)::float8"
_JOBS = "SELECT kind, state, count(*) FROM compliance_job WHERE state IN ('waiting', 'running') GROUP BY 1, 2"
_DUE = f"""
SELECT queue, max({_AGE.format("due_at")}) FROM compliance_job
WHERE state = 'waiting' AND due_at <= statement_timestamp() GROUP BY queue
"""  # noqa: S608  (made of constants)
_HEARTBEATS = f"SELECT name, {_AGE.format('at')} FROM compliance_heartbeat"  # noqa: S608
_TASKS = f"""
SELECT name, {_AGE.format("sent_at")} FROM compliance_scheduledtask WHERE sent_at IS NOT NULL
"""  # noqa: S608
_POLLS = f"""
SELECT slug, {_AGE.format("polled_at")} FROM compliance_repository
WHERE poll AND polled_at IS NOT NULL AND archived_at IS NULL AND deleted_at IS NULL
"""  # noqa: S608
_UNSENT = f"""
SELECT channel, {_AGE.format("min(next_at)")} FROM compliance_outboxitem
WHERE state = 'waiting' AND next_at <= statement_timestamp() GROUP BY channel
"""  # noqa: S608
_FIGURES = """
SELECT repository.slug, snapshot.files, snapshot.clean, snapshot.violations
FROM compliance_repository AS repository
JOIN compliance_snapshot AS snapshot
    ON snapshot.commit_id = repository.head_id AND snapshot.plan_id = repository.plan_id
WHERE repository.deleted_at IS NULL
"""


class RecordsCollector:
    """Reads the metrics of the installation from Postgres whenever it is asked."""

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics. Raises Django's database errors."""
        yield _gauge(
            "build",
            "Version of the scan engine and of Python; the value is always 1.",
            ("engine", "python"),
            [(engine_version(), platform.python_version(), 1)],
        )
        yield from _health()
        yield from _jobs()
        yield _gauge(
            "heartbeat_age_seconds", "Time since a process reported.", ("process",), _rows(_HEARTBEATS)
        )
        yield _gauge(
            "task_age_seconds", "Time since a periodic task was sent to a worker.", ("task",), _rows(_TASKS)
        )
        yield _gauge(
            "poll_age_seconds", "Time since a repository was polled.", ("repository",), _rows(_POLLS)
        )
        yield from _repositories()
        yield from _deliveries()
        yield from _sizes()


def _health() -> Iterator[Metric]:
    found = {"beat": "ok", "broker": "ok", **check_work()}
    yield _gauge(
        "component_up",
        "1 if the workers, the queue, beat or the broker work.",
        ("component",),
        [(name, float(state == "ok")) for name, state in sorted(found.items())],
    )
    clocks = read_clocks()
    yield _gauge(
        "clock_drift_seconds",
        "Time by which the answering machine's clock is ahead of that of Postgres.",
        (),
        [(clocks.drift,)],
    )
    yield _gauge(
        "clock_set_back_seconds",
        "Time by which the newest job is in the future.",
        (),
        [(clocks.set_back,)],
    )


def _jobs() -> Iterator[Metric]:
    yield _gauge("jobs", "Jobs that wait or run.", ("kind", "state"), _rows(_JOBS))
    yield _gauge(
        "queue_age_seconds", "Time for which the oldest job of a queue has been due.", ("queue",), _rows(_DUE)
    )
    ended = CounterMetricFamily(
        f"{PREFIX}_jobs_ended",
        "Jobs that ended, by how (done, buried or replaced).",
        labels=("kind", "state"),
    )
    took = HistogramMetricFamily(
        f"{PREFIX}_job_duration_seconds", "Duration of the last attempt of jobs that ended.", labels=("kind",)
    )
    seconds: dict[str, float] = defaultdict(float)
    classes: dict[str, list[int]] = defaultdict(lambda: [0] * (len(DURATIONS) + 1))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in JobTotal.objects.all():
        counts[row.kind, row.state] += row.count
        seconds[row.kind] += row.seconds
        classes[row.kind] = [had + more for had, more in zip(classes[row.kind], row.durations, strict=True)]
    for labels, count in sorted(counts.items()):
        ended.add_metric(labels, count)
    bounds = [*map(float, DURATIONS), float("inf")]
    for kind in sorted(classes):
        total = accumulate(classes[kind])
        buckets = [
            ("+Inf" if bound == float("inf") else str(bound), n)
            for bound, n in zip(bounds, total, strict=True)
        ]
        took.add_metric((kind,), buckets, seconds[kind])
    yield ended
    yield took


def _repositories() -> Iterator[Metric]:
    troubles = Repository.objects.order_by().values_list("trouble_kind").annotate(Count("pk"))
    yield _gauge(
        "repositories",
        "Tracked repositories, by the kind of trouble that prevents reading them; empty if there is none.",
        ("trouble",),
        list(troubles),
    )
    figures = _rows(_FIGURES)
    yield _gauge(
        "compliance_ratio",
        "Clean files divided by counted files at the newest recorded commit.",
        ("repository",),
        [(slug, clean / files) for slug, files, clean, _ in figures if files],
    )
    yield _gauge(
        "violations",
        "Counted violations at the newest recorded commit.",
        ("repository",),
        [(slug, violations) for slug, _, _, violations in figures],
    )


def _deliveries() -> Iterator[Metric]:
    unsent = OutboxItem.objects.exclude(state__in=(OutboxItem.State.SENT, OutboxItem.State.GIVEN_UP))
    yield _gauge(
        "outbox_items",
        "Items of the outbox that wait, are being sent or failed.",
        ("channel", "state"),
        list(unsent.order_by().values_list("channel", "state").annotate(Count("pk"))),
    )
    yield _gauge(
        "outbox_age_seconds", "Time for which the oldest item has been due.", ("channel",), _rows(_UNSENT)
    )
    rejected = CounterMetricFamily(
        f"{PREFIX}_webhooks_rejected", "Webhooks that were rejected with status 401.", labels=("reason",)
    )
    for reason, count in RejectedWebhook.objects.order_by().values_list("reason").annotate(Sum("count")):
        rejected.add_metric((reason,), count)
    yield rejected


def _sizes() -> Iterator[Metric]:
    tables = read_tables()
    yield _gauge(
        "table_bytes", "Size of a table with its indexes.", ("table",), [(t.name, t.size) for t in tables]
    )
    ((size,),) = _rows("SELECT pg_database_size(current_database())")
    yield _gauge("database_bytes", "Size of the database.", (), [(size,)])
    ((connections,),) = _rows("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    yield _gauge("database_connections", "Sessions of the database.", (), [(connections,)])


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [])
        return list(cursor.fetchall())


def _gauge(name: str, text: str, labels: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Metric:
    """Return a gauge. Each row has the values of the labels, followed by the value."""
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
    for *values, number in rows:
        family.add_metric([str(value) for value in values], number)
    return family
