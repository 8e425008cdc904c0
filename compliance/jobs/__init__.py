"""The job queue. The job row is authoritative; the Celery message is only a wake-up.

`queue` writes and claims rows, `machine` decides which jobs this process may claim, `runner` runs one claimed
job, `maintenance` recovers expired leases, `schedule` determines when periodic tasks are due, and `liveness`
and `limits` monitor worker processes.
"""

from compliance.jobs.failures import ElsewhereError, ReportedError, TemporaryError
from compliance.jobs.maintenance import sweep
from compliance.jobs.queue import Priority, UnknownJobError, enqueue, is_any_claimable, run_again, wake
from compliance.jobs.runner import JobRun, LostJobError, Work, stopping, work

__all__ = [
    "ElsewhereError",
    "JobRun",
    "LostJobError",
    "Priority",
    "ReportedError",
    "TemporaryError",
    "UnknownJobError",
    "Work",
    "enqueue",
    "is_any_claimable",
    "run_again",
    "stopping",
    "sweep",
    "wake",
    "work",
]
