"""Messages that are sent: what the table Notice holds, once each, one file a channel."""

from compliance.notifications.letters import letters
from compliance.notifications.weekly import digest, due

__all__ = ["digest", "due", "letters"]
