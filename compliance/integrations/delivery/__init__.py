"""The outbox: records what is to be sent, and sends it from a job, so that nothing else waits for it.

`items` records, claims and settles rows of `OutboxItem`, `run` sends those that are due, `outcomes` defines
what a sender tells, and `posting` sends an item as an HTTP request.
"""

from compliance.integrations.delivery.items import (
    E_MAIL,
    FAILED,
    PENDING,
    give_up_overdue,
    record,
    recover,
    request,
    resume,
    send_again,
)
from compliance.integrations.delivery.outcomes import (
    Message,
    NotNeededError,
    PostponedError,
    RejectedError,
    Sender,
    Sent,
    UnacceptedError,
)
from compliance.integrations.delivery.posting import post
from compliance.integrations.delivery.run import deliver

__all__ = [
    "E_MAIL",
    "FAILED",
    "PENDING",
    "Message",
    "NotNeededError",
    "PostponedError",
    "RejectedError",
    "Sender",
    "Sent",
    "UnacceptedError",
    "deliver",
    "give_up_overdue",
    "post",
    "record",
    "recover",
    "request",
    "resume",
    "send_again",
]
