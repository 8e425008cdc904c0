"""The metrics of `/metrics`: names, types, labels and meanings, for Prometheus and for the documentation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily


@dataclass(frozen=True)
class Definition:
    """A metric: its name, its type, what it means, and the names of its labels."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """Return the name without the suffix that counters get in the output."""
        return self.name.removesuffix("_total")


_GAUGE, _COUNTER, _HISTOGRAM = "gauge", "counter", "histogram"

DEFINITIONS = (
    Definition("ssot_build", _GAUGE, "versions; always 1", ("engine", "python")),
    Definition(
        "ssot_database_up",
        _GAUGE,
        "0 if Postgres doesn't respond within 5 s; then only what needs no database, and the requests, "
        "are returned",
    ),
    Definition(
        "ssot_database_problem",
        _GAUGE,
        "1 for the cause for which the database can't be used: unreachable, access (user name or password), "
        "missing, full (its disk), sessions, starting, read-only or key (this server's secret key)",
        ("cause",),
    ),
    Definition("ssot_data_free_bytes", _GAUGE, "free space for the data folder of the machine that answers"),
    Definition(
        "ssot_data_writable", _GAUGE, "0 if that folder is on a read-only disk or belongs to somebody else"
    ),
    Definition(
        "ssot_maintenance_seconds", _GAUGE, "time since maintenance mode was switched on; 0 if it is off"
    ),
    Definition(
        "ssot_maintenance_overdue_seconds",
        _GAUGE,
        "time since its announced end or, if there is none, since its second hour",
    ),
    Definition(
        "ssot_component_up",
        _GAUGE,
        "0 if the workers, the queue, beat or the broker don't work",
        ("component",),
    ),
    Definition(
        "ssot_clock_drift_seconds",
        _GAUGE,
        "time by which the clock of the machine that answers is ahead of that of Postgres",
    ),
    Definition(
        "ssot_clock_set_back_seconds",
        _GAUGE,
        "time by which the newest job is in the future, because the clock of Postgres was set back",
    ),
    Definition("ssot_jobs", _GAUGE, "jobs that wait or run", ("kind", "state")),
    Definition("ssot_queue_age_seconds", _GAUGE, "time for which the oldest job has been due", ("queue",)),
    Definition(
        "ssot_jobs_ended_total",
        _COUNTER,
        "jobs that ended as done, buried (failed for good) or replaced",
        ("kind", "state"),
    ),
    Definition(
        "ssot_job_duration_seconds", _HISTOGRAM, "duration of the last attempt of jobs that ended", ("kind",)
    ),
    Definition(
        "ssot_heartbeat_age_seconds", _GAUGE, "time since a worker process or beat reported", ("process",)
    ),
    Definition("ssot_task_age_seconds", _GAUGE, "time since a periodic task was sent to a worker", ("task",)),
    Definition("ssot_poll_age_seconds", _GAUGE, "time since a repository was polled", ("repository",)),
    Definition(
        "ssot_repositories",
        _GAUGE,
        "repositories by the kind of trouble; empty if there is none",
        ("trouble",),
    ),
    Definition(
        "ssot_compliance_ratio",
        _GAUGE,
        "clean files divided by counted files at the newest commit",
        ("repository",),
    ),
    Definition("ssot_violations", _GAUGE, "counted violations at the newest commit", ("repository",)),
    Definition(
        "ssot_outbox_items", _GAUGE, "items that wait, are being sent, or failed", ("channel", "state")
    ),
    Definition(
        "ssot_outbox_age_seconds", _GAUGE, "time for which the oldest item has been due", ("channel",)
    ),
    Definition(
        "ssot_webhooks_rejected_total", _COUNTER, "webhooks with a wrong address or signature", ("reason",)
    ),
    Definition("ssot_table_bytes", _GAUGE, "size of a table with its indexes", ("table",)),
    Definition("ssot_database_bytes", _GAUGE, "size of the database"),
    Definition("ssot_database_connections", _GAUGE, "sessions of the database"),
    Definition(
        "ssot_database_errors_total",
        _COUNTER,
        "requests that failed because the database could not be used; causes as above",
        ("cause",),
    ),
    Definition(
        "ssot_http_requests_total",
        _COUNTER,
        "requests; view is the name on the page Permissions",
        ("method", "view", "status"),
    ),
    Definition(
        "ssot_http_request_duration_seconds",
        _HISTOGRAM,
        "time until the response began",
        ("method", "view"),
    ),
)
_BY_NAME = {found.name: found for found in DEFINITIONS}


def definition(name: str) -> Definition:
    """Return the definition of a metric. Raises KeyError."""
    return _BY_NAME[name]


def gauge(name: str, rows: Iterable[tuple[Any, ...]]) -> GaugeMetricFamily:
    """Return a gauge. Each row has the values of the labels, followed by the value."""
    found = definition(name)
    family = GaugeMetricFamily(name, found.meaning, labels=found.labels)
    for *values, number in rows:
        family.add_metric([str(value) for value in values], number)
    return family


def counter(name: str, rows: Iterable[tuple[Any, ...]]) -> CounterMetricFamily:
    """Return a counter. Each row has the values of the labels, followed by the value."""
    found = definition(name)
    family = CounterMetricFamily(found.family, found.meaning, labels=found.labels)
    for *values, number in rows:
        family.add_metric([str(value) for value in values], number)
    return family


def histogram(name: str) -> HistogramMetricFamily:
    """Return a histogram without values."""
    found = definition(name)
    return HistogramMetricFamily(name, found.meaning, labels=found.labels)
