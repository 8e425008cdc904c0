"""Decides in which queue a job waits."""

from compliance.lib.queues import Queue
from compliance.models import Repository

_QUEUES = {
    "update": Queue.URGENT,
    "patch": Queue.URGENT,
    "source": Queue.URGENT,
    "trial": Queue.URGENT,
    "pull": Queue.URGENT,
    "group": Queue.URGENT,
    "digest": Queue.OUTGOING,
    "deliver": Queue.OUTGOING,
    "notify": Queue.OUTGOING,
    "letters": Queue.OUTGOING,
    "connection": Queue.OUTGOING,
    "hook": Queue.OUTGOING,
    "unhook": Queue.OUTGOING,
    "disconnect": Queue.OUTGOING,
    "issues": Queue.OUTGOING,
    "setup": Queue.OUTGOING,
    "access": Queue.OUTGOING,
}
"""The queues of the kinds of jobs. Any other kind, such as `pull-patch`, waits with the scans, which delay
nobody.
"""


def queue_of(kind: str, repository: Repository | None) -> Queue:
    """Return the queue for a kind of job. A repository's first scan clones it and reads the whole tree, which
    takes long.
    """
    if kind == "update" and (repository is None or repository.head_id is None):
        return Queue.SCANS
    return _QUEUES.get(kind, Queue.SCANS)
