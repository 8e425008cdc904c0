"""The symbols listed in a plan, with lookup by full name and by last name."""

import builtins
from collections.abc import Iterable


class Listed:
    """Full dotted names, in plan order."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols = tuple(dict.fromkeys(symbols))
        self._set = frozenset(self.symbols)
        self.by_last: dict[str, list[str]] = {}
        for symbol in self.symbols:
            self.by_last.setdefault(symbol.rpartition(".")[2], []).append(symbol)

    def __contains__(self, name: str) -> bool:
        return name in self._set

    def first_of(self, names: Iterable[str]) -> str | None:
        """Return the first of these full names that is listed."""
        return next((name for name in names if name in self._set), None)

    def bare(self, last: str) -> str | None:
        """Return the listed symbol for an unbound bare name; None for a builtin."""
        return None if hasattr(builtins, last) else self.by_last.get(last, [None])[0]

    def shares_last_name(self, names: Iterable[str]) -> bool:
        """Return whether any of these full names has the same last component as a listed symbol."""
        return any(name.rpartition(".")[2] in self.by_last for name in names)

    def symbol_at_end(self, text: str) -> str | None:
        """Return the listed symbol that a dotted text equals, or ends in after a package prefix."""
        parts = text.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        return next((s for s in self.by_last.get(parts[-1], []) if f".{text}".endswith(f".{s}")), None)
