"""What a definition is built from: the definitions that its code refers to, and theirs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.tree import Meaning, TreeModel

MOST = 1000  # definitions that one search reads at most
Unit = tuple[str, str]  # a module and a name that it binds
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Foundation:
    """The definitions from which one symbol is built, itself included, and the state of their modules.

    `is_complete` is false if there are too many definitions to find all of them.
    """

    units: frozenset[Unit]
    states: dict[str, object]
    is_complete: bool = True

    def holds(self, module: Module, offset: int) -> bool:
        """Return whether the code at an offset belongs to one of the definitions."""
        return any(
            start <= offset < end
            for name in module.root.bound
            if (module.name, name) in self.units
            for start, end in _ranges(module, name)
        )

    def is_current(self, model: TreeModel) -> bool:
        """Return whether none of the modules has changed."""
        return all(model.state(name) == state for name, state in self.states.items())


class Foundations:
    """The foundations of the replacements in one tree."""

    def __init__(self, model: TreeModel) -> None:
        self._model = model
        self._known: dict[str, Foundation] = {}

    def of(self, symbol: str) -> Foundation:
        """Return the foundation of a symbol."""
        known = self._known.get(symbol)
        if known is None or not known.is_current(self._model):
            known = self._known[symbol] = self._read(symbol)
        return known

    def _read(self, symbol: str) -> Foundation:
        waiting = list(self._units(self._model.named(symbol)))
        seen = set(waiting)
        states: dict[str, object] = {}
        while waiting and len(seen) <= MOST:
            name, word = waiting.pop(0)
            module = self._model.module(name)
            if module is None:
                continue
            states[name] = self._model.state(name)
            for unit in self._used(module, word):
                if unit not in seen:
                    seen.add(unit)
                    waiting.append(unit)
        return Foundation(frozenset(seen), states, is_complete=not waiting)

    def _used(self, module: Module, name: str) -> Iterator[Unit]:
        for reference in module.within(_ranges(module, name)):
            if not reference.lazy and reference.use != "declare":
                yield from self._units(self._model.resolve(module, reference))

    def _units(self, meanings: Iterable[Meaning]) -> Iterator[Unit]:
        for meaning in meanings:
            if meaning.kind == "symbol" and meaning.module is not None and meaning.bound is not None:
                yield meaning.module.name, meaning.bound.name


def _ranges(module: Module, name: str) -> Iterator[Range]:
    """Yield the code that decides what a module-level name is: its bindings, and statements that use it."""
    for bound in module.bound(name):
        if bound.kind != "import":
            decorators = getattr(bound.node, "decorator_list", ())
            yield min(map(module.offset, (bound.node, *decorators))), module.end(bound.node)
    yield from module.loose.get(name, ())
