"""One place of a file that uses a listed symbol, or may turn out to when the other files are known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scanner.python.source import Location
from scanner.rules.base import Hit

USES = frozenset({"call", "stored-call", "reference"})


@dataclass(frozen=True, slots=True)
class Site:
    """One place, and how to tell which listed symbol it is about.

    `names` are the full names that it may mean, `last` is their last name in the plan. `stars` are the
    modules whose star import may bring the name in, the last one first. `bare` says that nothing in the file
    binds it. `asked` is the full name under which another module may take an unused import from here.
    """

    location: Location
    role: str
    scope: str
    last: str
    names: tuple[str, ...] = ()
    stars: tuple[str, ...] = ()
    bare: bool = False
    asked: str = ""

    def hit(self, symbol: str, role: str = "") -> Hit:
        """The site as a finding about one symbol, under another role if one is given."""
        return Hit(self.location, role or self.role, symbol, self.scope)

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Site":
        """The site that `to_json` wrote."""
        lists = {"names": tuple(value["names"]), "stars": tuple(value["stars"])}
        return cls(**{**value, **lists, "location": Location(**value["location"])})
