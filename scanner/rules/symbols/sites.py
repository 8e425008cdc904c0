"""A code location that uses a listed symbol, or that may do so depending on other files."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from scanner.python.source import Location
from scanner.rules.base import Hit

USES = frozenset({"call", "stored-call", "reference"})


@dataclass(frozen=True, slots=True)
class Site:
    """One location, with the data that determines its listed symbol.

    `names` are the full names that it may refer to, and `last` is their last component as listed in the plan.
    `stars` are the modules whose star import may provide the name, last import first. `bare` is true if the
    file does not bind the name. `exported_name` is the full name under which other modules can import an
    import that this file does not use.
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
        """Return the site as a hit for one symbol, with a different role if one is given."""
        return Hit(self.location, role or self.role, symbol, self.scope)

    def to_json(self) -> dict[str, Any]:
        """Return the site as plain values for `from_json`."""
        place = self.location  # `dataclasses.asdict` copies every value, which takes ten times as long
        return {
            "location": {name: getattr(place, name) for name in _LOCATION},
            **{name: getattr(self, name) for name in _OTHERS},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Site":
        """Return the site that `to_json` converted to these values."""
        lists = {"names": tuple(value["names"]), "stars": tuple(value["stars"])}
        return cls(**{**value, **lists, "location": Location(**value["location"])})


_LOCATION = tuple(field.name for field in fields(Location))
_OTHERS = tuple(field.name for field in fields(Site) if field.name != "location")
