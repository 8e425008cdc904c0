"""Messages to people: each row of the table Notice is one message, sent once."""

from compliance.notifications.letters import letters
from compliance.notifications.weekly import digest, due

__all__ = ["digest", "due", "letters"]
