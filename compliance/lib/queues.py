"""The queues of Celery's messages, by the urgency and the cost of the work that they announce."""

from enum import StrEnum


class Queue(StrEnum):
    """A queue, in the order of urgency. A job's row names its queue, and a worker claims jobs of its own
    queues only.
    """

    URGENT = "urgent"
    """Pushes, patches and pull requests, for which somebody waits. They take seconds."""

    SCANS = "scans"
    """First scans, history, previews and upkeep, which take minutes and most of the processor time."""

    POLLS = "polls"
    """Polling, which mostly waits for other servers."""

    OUTGOING = "outgoing"
    """What is sent to other servers, such as mail."""

    MAINTENANCE = "maintenance"
    """Short periodic tasks."""


EARLIER = "celery"
"""The only queue of earlier releases. It is still read, because it may contain messages after an upgrade."""

EVERY = (*(str(queue) for queue in Queue), EARLIER)
"""The names of all queues that a worker reads by default."""
