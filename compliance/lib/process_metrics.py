"""What each web process counts itself. Import it only after `metrics_folder` has prepared the folder, because
prometheus_client decides at its import where it keeps values.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

from compliance.lib.database_failures import SENTENCES, cause_of
from compliance.lib.metric_definitions import definition
from compliance.lib.reserved_files import reserve_space

reserve_space()
disable_created_metrics()  # type: ignore[no-untyped-call]  # the multi-process mode has none
REGISTRY = CollectorRegistry()
_DEFINED = definition("ssot_database_errors_total")
_FAILURES = Counter(_DEFINED.family, _DEFINED.meaning, _DEFINED.labels, registry=REGISTRY)


def describe_failure(error: BaseException) -> str:
    """Count a request that failed because the database can't be used, and return a sentence for people."""
    cause = cause_of(error)
    with uncounted_if_full():
        _FAILURES.labels(cause).inc()
    return SENTENCES[cause]


@contextmanager
def uncounted_if_full() -> Iterator[None]:
    """Ignore the errors of counting something for which the disk has no room."""
    with suppress(OSError, IndexError, ValueError):
        yield
