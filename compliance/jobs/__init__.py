"""Work as rows: what is to be done, who does it, until when, how often tried. Messages only say "look".

`queue` writes and claims rows, `turn` is one worker's go at one of them, `sweeping` finds what was left.
"""

from compliance.jobs.maintenance import sweep
from compliance.jobs.queue import Priority, UnknownJobError, enqueue, run_again, wake
from compliance.jobs.runner import LostJobError, Turn, Work, stopping, work

__all__ = [
    "LostJobError",
    "Priority",
    "Turn",
    "UnknownJobError",
    "Work",
    "enqueue",
    "run_again",
    "stopping",
    "sweep",
    "wake",
    "work",
]
