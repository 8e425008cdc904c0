"""Who works on the imagined platform."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from compliance.demo.writer import Person


@dataclass(frozen=True, slots=True)
class Author:
    """A person and the hours that their clock is ahead of UTC."""

    person: Person
    ahead: int

    def at(self, moment: str) -> datetime:
        """A moment of 2025 on this author's clock, written `MM-DD HH:MM`."""
        naive = datetime.strptime(f"2025-{moment}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 (the zone follows)
        return naive.replace(tzinfo=timezone(timedelta(hours=self.ahead)))


ALICE = Author(Person("Alice Moreau", "alice.moreau@example.org"), 2)
BEN = Author(Person("Ben Okafor", "ben.okafor@example.org"), 1)
CHIARA = Author(Person("Chiara Conti", "chiara.conti@example.org"), 2)
DIEGO = Author(Person("Diego Ramos", "diego.ramos@example.org"), -4)
EMI = Author(Person("Emi Tanaka", "emi.tanaka@example.org"), 9)
FARID = Author(Person("Farid Haddad", "farid.haddad@example.org"), 3)
# Ben's laptop signs with another address; .mailmap brings the two together.
BEN_AT_HOME = Author(Person("ben", "ben@okafor.example.org"), 1)
