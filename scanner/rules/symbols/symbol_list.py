"""The symbols listed in a plan, with lookup by full name and by last name."""

from collections.abc import Iterable

from scanner.python.builtin_names import BUILTINS, FORMER_BUILTINS


class Listed:
    """Full dotted names, in plan order."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols = tuple(dict.fromkeys(symbols))
        self._set = frozenset(self.symbols)
        self.by_last: dict[str, list[str]] = {}
        for symbol in self.symbols:
            self.by_last.setdefault(symbol.rpartition(".")[2], []).append(symbol)

    @classmethod
    def of_words(cls, words: Iterable[str]) -> "Listed":
        """Return a list that contains no symbol, but has these last names."""
        return cls(f".{word}" for word in sorted(words))

    def __contains__(self, name: str) -> bool:
        return name in self._set

    def first_of(self, names: Iterable[str]) -> str | None:
        """Return the first of these full names that is listed."""
        return next((name for name in names if name in self._set), None)

    def ending_in(self, names: Iterable[str], last: str) -> tuple[str, ...]:
        """Return those full names whose last component is `last`, and for names in a listed module with that
        last component the module.
        """
        symbols = self.by_last.get(last, ())
        found = (self._up_to(name, last, symbols) for name in names)
        return tuple(dict.fromkeys(name for name in found if name))

    @staticmethod
    def _up_to(name: str, last: str, symbols: Iterable[str]) -> str:
        if name.rpartition(".")[2] == last:
            return name
        return next((symbol for symbol in symbols if name.startswith(f"{symbol}.")), "")

    def bare(self, last: str) -> str | None:
        """Return the listed symbol for an unbound bare name; a builtin, also of Python 2, is only itself."""
        symbols = self.by_last.get(last, [])
        if last in BUILTINS or last in FORMER_BUILTINS:
            itself = (f"builtins.{last}", f"__builtin__.{last}")
            symbols = [symbol for symbol in symbols if symbol in itself]
        return next(iter(symbols), None)

    def shares_last_name(self, names: Iterable[str]) -> bool:
        """Return whether any of these full names has the same last component as a listed symbol."""
        return any(name.rpartition(".")[2] in self.by_last for name in names)

    def symbol_at_end(self, text: str) -> str | None:
        """Return the listed symbol that a dotted text equals, or ends in after a package prefix."""
        parts = text.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        return next((s for s in self.by_last.get(parts[-1], []) if f".{text}".endswith(f".{s}")), None)
