"""Work as rows: what is to be done, who does it, until when, how often tried. Messages only say "look".

`queue` writes and claims rows, `runner` runs one claimed job, `maintenance` recovers expired leases.
"""

from compliance.jobs.maintenance import sweep
from compliance.jobs.queue import Priority, UnknownJobError, enqueue, run_again, wake
from compliance.jobs.runner import JobRun, LostJobError, Work, stopping, work

__all__ = [
    "JobRun",
    "LostJobError",
    "Priority",
    "UnknownJobError",
    "Work",
    "enqueue",
    "run_again",
    "stopping",
    "sweep",
    "wake",
    "work",
]
