"""What monitoring reads from Postgres: jobs, queues, processes, repositories, the outbox and sizes.

All values come from the database, so every web process of every machine returns the same. Paths, commits and
people are never labels. `metric_definitions` says what they mean.
"""

import platform
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from prometheus_client.core import Metric

from compliance.jobs.clock import read_clocks
from compliance.jobs.health import check_work
from compliance.lib.metric_definitions import counter, gauge, histogram
from compliance.models import DURATIONS, JobTotal, OutboxItem, RejectedWebhook, Repository
from compliance.queries.system import read_tables
from compliance.scans import engine_version

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
        yield gauge("ssot_build", [(engine_version(), platform.python_version(), 1)])
        yield from _health()
        yield from _jobs()
        yield gauge("ssot_heartbeat_age_seconds", _rows(_HEARTBEATS))
        yield gauge("ssot_task_age_seconds", _rows(_TASKS))
        yield gauge("ssot_poll_age_seconds", _rows(_POLLS))
        yield from _repositories()
        yield from _deliveries()
        yield from _sizes()


def _health() -> Iterator[Metric]:
    found = {"beat": "ok", "broker": "ok", **check_work()}
    rows = [(name, float(state == "ok")) for name, state in sorted(found.items())]
    yield gauge("ssot_component_up", rows)
    clocks = read_clocks()
    yield gauge("ssot_clock_drift_seconds", [(clocks.drift,)])
    yield gauge("ssot_clock_set_back_seconds", [(clocks.set_back,)])


def _jobs() -> Iterator[Metric]:
    yield gauge("ssot_jobs", _rows(_JOBS))
    yield gauge("ssot_queue_age_seconds", _rows(_DUE))
    took = histogram("ssot_job_duration_seconds")
    seconds: dict[str, float] = defaultdict(float)
    classes: dict[str, list[int]] = defaultdict(lambda: [0] * (len(DURATIONS) + 1))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in JobTotal.objects.all():
        counts[row.kind, row.state] += row.count
        seconds[row.kind] += row.seconds
        classes[row.kind] = [had + more for had, more in zip(classes[row.kind], row.durations, strict=True)]
    bounds = [*map(float, DURATIONS), float("inf")]
    for kind in sorted(classes):
        total = accumulate(classes[kind])
        buckets = [
            ("+Inf" if bound == float("inf") else str(bound), n)
            for bound, n in zip(bounds, total, strict=True)
        ]
        took.add_metric((kind,), buckets, seconds[kind])
    yield counter("ssot_jobs_ended_total", [(*labels, count) for labels, count in sorted(counts.items())])
    yield took


def _repositories() -> Iterator[Metric]:
    troubles = Repository.objects.order_by().values_list("trouble_kind").annotate(Count("pk"))
    yield gauge("ssot_repositories", list(troubles))
    figures = _rows(_FIGURES)
    ratios = [(slug, clean / files) for slug, files, clean, _ in figures if files]
    yield gauge("ssot_compliance_ratio", ratios)
    yield gauge("ssot_violations", [(slug, violations) for slug, _, _, violations in figures])


def _deliveries() -> Iterator[Metric]:
    unsent = OutboxItem.objects.exclude(state__in=(OutboxItem.State.SENT, OutboxItem.State.GIVEN_UP))
    counts = unsent.order_by().values_list("channel", "state").annotate(Count("pk"))
    yield gauge("ssot_outbox_items", list(counts))
    yield gauge("ssot_outbox_age_seconds", _rows(_UNSENT))
    rejected = RejectedWebhook.objects.order_by().values_list("reason").annotate(Sum("count"))
    yield counter("ssot_webhooks_rejected_total", list(rejected))


def _sizes() -> Iterator[Metric]:
    yield gauge("ssot_table_bytes", [(table.name, table.size) for table in read_tables()])
    yield gauge("ssot_database_bytes", _rows("SELECT pg_database_size(current_database())"))
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    yield gauge("ssot_database_connections", _rows(sessions))


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [])
        return list(cursor.fetchall())
