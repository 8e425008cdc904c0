"""Messages to people and channels, which are sent through the outbox.

`topics` describes what people are told about. Events of these topics, which `compliance.events.emit` records,
are routed by `routing` to inboxes, e-mails (`notices`), channels (`rules`) and `digests`.
"""

from compliance.notifications.account_letters import AccountLetterSender, send_invitation, send_reset
from compliance.notifications.channel_messages import ChannelSender
from compliance.notifications.digests import digests_due
from compliance.notifications.letters import LetterSender
from compliance.notifications.notices import NoticeSender
from compliance.notifications.routing import notify
from compliance.notifications.weekly import DigestSender, digest, due

__all__ = [
    "AccountLetterSender",
    "ChannelSender",
    "DigestSender",
    "LetterSender",
    "NoticeSender",
    "digest",
    "digests_due",
    "due",
    "notify",
    "send_invitation",
    "send_reset",
]
