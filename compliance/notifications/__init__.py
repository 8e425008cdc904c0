"""Messages to people, which are sent through the outbox."""

from compliance.notifications.account_letters import AccountLetterSender, send_invitation, send_reset
from compliance.notifications.channel_messages import ChannelSender
from compliance.notifications.letters import LetterSender
from compliance.notifications.weekly import DigestSender, digest, due

__all__ = [
    "AccountLetterSender",
    "ChannelSender",
    "DigestSender",
    "LetterSender",
    "digest",
    "due",
    "send_invitation",
    "send_reset",
]
