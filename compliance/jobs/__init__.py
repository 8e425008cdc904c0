"""The job queue. The job row is authoritative; the Celery message is only a wake-up.

`routes` decides in which queue a job waits, `queue` writes and claims rows, `endings` ends attempts,
`pending` finds jobs, `machine` decides which jobs this process may claim, `runner` runs one claimed job,
`maintenance` recovers expired leases, `schedule` determines when periodic tasks are due, `liveness` and
`limits` monitor worker processes, and `maintenance_mode` lets all of them begin nothing.
"""

from compliance.jobs.endings import failed_before, stop
from compliance.jobs.failures import ElsewhereError, ReportedError, TemporaryError
from compliance.jobs.maintenance import sweep
from compliance.jobs.pending import pending, pending_of
from compliance.jobs.queue import (
    Priority,
    UnknownJobError,
    claimable_queues,
    enqueue,
    is_any_claimable,
    run_again,
    wake,
)
from compliance.jobs.runner import (
    RUN_LIMIT,
    SLICE,
    JobRun,
    LostJobError,
    StoppedError,
    Work,
    current_run,
    stopping,
    work,
)

__all__ = [
    "RUN_LIMIT",
    "SLICE",
    "ElsewhereError",
    "JobRun",
    "LostJobError",
    "Priority",
    "ReportedError",
    "StoppedError",
    "TemporaryError",
    "UnknownJobError",
    "Work",
    "claimable_queues",
    "current_run",
    "enqueue",
    "failed_before",
    "is_any_claimable",
    "pending",
    "pending_of",
    "run_again",
    "stop",
    "stopping",
    "sweep",
    "wake",
    "work",
]
