"""What a web server knows without the database: why that can't be used, maintenance mode, and its disk."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from compliance.jobs.maintenance_mode import Maintenance
from compliance.lib.database_failures import Cause
from compliance.lib.free_space import free_bytes, is_writable

PREFIX = "ssot"


class LocalCollector:
    """Yields the metrics that are returned even if Postgres doesn't respond."""

    def __init__(self, cause: Cause | None, maintenance: Maintenance | None) -> None:
        """Store what was found out.

        Args:
            cause: why the database can't be used, if it can't.
            maintenance: the maintenance that is going on, if any.
        """
        self._cause, self._maintenance = cause, maintenance

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield GaugeMetricFamily(
            f"{PREFIX}_database_up",
            "1 if Postgres answered in time.",
            value=self._cause in (None, Cause.READ_ONLY),
        )
        causes = GaugeMetricFamily(
            f"{PREFIX}_database_problem",
            "1 for the cause for which the database can't be used.",
            labels=["cause"],
        )
        for cause in Cause:
            causes.add_metric([cause], cause == self._cause)
        yield causes
        found, now = self._maintenance, timezone.now()
        yield GaugeMetricFamily(
            f"{PREFIX}_maintenance_seconds",
            "Time since maintenance mode was switched on; 0 if it is off.",
            value=found.seconds(now) if found else 0,
        )
        yield GaugeMetricFamily(
            f"{PREFIX}_maintenance_overdue_seconds",
            "Time since the announced end of maintenance, or since its second hour.",
            value=found.seconds_overdue(now) if found else 0,
        )
        yield GaugeMetricFamily(
            f"{PREFIX}_data_free_bytes",
            "Free space for the data folder of the answering machine; 0 if it can't be read.",
            value=free_bytes(settings.DATA_DIR) or 0,
        )
        yield GaugeMetricFamily(
            f"{PREFIX}_data_writable",
            "1 if the answering machine can write its data folder.",
            value=is_writable(settings.DATA_DIR),
        )
