"""Messages to people. Each Notice row is one message that is sent once."""

from compliance.notifications.letters import letters, resume_letters
from compliance.notifications.weekly import digest, due

__all__ = ["digest", "due", "letters", "resume_letters"]
