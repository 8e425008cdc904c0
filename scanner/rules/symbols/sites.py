"""A code location that uses a listed symbol, or may do so once the other files are known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scanner.python.source import Location
from scanner.rules.base import Hit

USES = frozenset({"call", "stored-call", "reference"})


@dataclass(frozen=True, slots=True)
class Site:
    """One location, and the data to determine its listed symbol.

    `names` are the full names that it may refer to, `last` is their last name in the plan. `stars` are the
    modules whose star import may provide the name, the last import first. `bare` says that nothing in the
    file binds the name. `exported_name` is the full name under which other modules may import an unused
    import of this file.
    """

    location: Location
    role: str
    scope: str
    last: str
    names: tuple[str, ...] = ()
    stars: tuple[str, ...] = ()
    bare: bool = False
    exported_name: str = ""

    def hit(self, symbol: str, role: str = "") -> Hit:
        """Return the site as a hit of one symbol, with another role if one is given."""
        return Hit(self.location, role or self.role, symbol, self.scope)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Site":
        """Return the site with the values of `to_json`."""
        lists = {"names": tuple(value["names"]), "stars": tuple(value["stars"])}
        return cls(**{**value, **lists, "location": Location(**value["location"])})
