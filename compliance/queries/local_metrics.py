"""What a web server knows without the database: why that can't be used, maintenance mode, and its disk."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone
from prometheus_client.core import Metric

from compliance.jobs.maintenance_mode import Maintenance
from compliance.lib.database_failures import Cause
from compliance.lib.free_space import free_bytes, is_writable
from compliance.lib.metric_definitions import gauge


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
        yield gauge("ssot_database_up", [(self._cause in (None, Cause.READ_ONLY),)])
        yield gauge("ssot_database_problem", [(cause, cause == self._cause) for cause in Cause])
        found, now = self._maintenance, timezone.now()
        yield gauge("ssot_maintenance_seconds", [(found.seconds(now) if found else 0,)])
        yield gauge("ssot_maintenance_overdue_seconds", [(found.seconds_overdue(now) if found else 0,)])
        yield gauge("ssot_data_free_bytes", [(free_bytes(settings.DATA_DIR) or 0,)])
        yield gauge("ssot_data_writable", [(is_writable(settings.DATA_DIR),)])
