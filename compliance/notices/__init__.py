"""Messages that are sent: what the table Notice holds, once each, one file a channel."""

from compliance.notices.letters import letters
from compliance.notices.weekly import digest, due

__all__ = ["digest", "due", "letters"]
