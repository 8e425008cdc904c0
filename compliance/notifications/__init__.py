"""Messages to people: each row of Notice is one message that is sent once."""

from compliance.notifications.letters import letters
from compliance.notifications.weekly import digest, due

__all__ = ["digest", "due", "letters"]
