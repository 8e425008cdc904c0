"""Which changes of meaning a plan asks for."""

from scanner.fixes.identity.tree import Meaning, TreeModel
from scanner.plan import Plan


class Exchanges:
    """The old and new symbols of a plan's rules."""

    def __init__(self, model: TreeModel, plan: Plan) -> None:
        self._pairs: list[tuple[tuple[str, ...], str]] = []
        for rule in plan.rules:
            if rule.kind == "deprecated-symbol" and rule.replacement is not None:
                self._pairs.append((tuple(rule.options["symbols"]), rule.replacement.symbol))
        self._homes = {
            name: f"{home}.{name}"
            for rule in plan.rules
            if rule.kind == "canonical-import"
            for name, home in rule.options["names"].items()
        }
        self._model = model

    def allow(self, was: tuple[Meaning, ...], now: tuple[Meaning, ...]) -> bool:
        """Return whether a place may refer to something else: to the replacement of what it referred to."""
        if any(self._is_pair(was, now, old, new) for olds, new in self._pairs for old in olds):
            return True
        return any(
            all(any(full.endswith(f".{name}") for full in one.names) for one in was)
            and all(home in one.names for one in now)
            for name, home in self._homes.items()
        )

    def keep(self, was: tuple[Meaning, ...], now: tuple[Meaning, ...]) -> bool:
        """Return whether a place in another file may follow; it may, through a name that stays the same."""
        return self.allow(was, now)

    def _is_pair(self, was: tuple[Meaning, ...], now: tuple[Meaning, ...], old: str, new: str) -> bool:
        tails = {_tail(one, old) for one in was}
        if None in tails or len(tails) != 1:
            return False
        return bool(now) and {_tail(one, new) or self._final_tail(one, new) for one in now} == tails

    def _final_tail(self, meaning: Meaning, new: str) -> tuple[str, ...] | None:
        """Return the attributes after the definition of the replacement, however it is reached."""
        finals = {one.final for one in self._model.named(new)}
        return meaning.rest if finals == {meaning.final} else None


def _tail(meaning: Meaning, symbol: str) -> tuple[str, ...] | None:
    """Return the attributes that follow a symbol in a meaning; None if the symbol is not part of it."""
    if symbol not in meaning.names:
        return None
    if meaning.final.startswith(f"{symbol}."):
        return (*meaning.final[len(symbol) + 1 :].split("."), *meaning.rest)
    return meaning.rest
