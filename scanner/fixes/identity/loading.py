"""Which modules an import loads, and what other files lose when an import goes."""

from collections import deque
from collections.abc import Iterator

from scanner.fixes.identity.import_graph import require_few
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Bound
from scanner.fixes.identity.tree import TreeModel, loaded
from scanner.fixes.model import RefusedError


def find_way(model: TreeModel, start: str, goal: str) -> str:
    """Return the module through which importing `start` imports `goal`; empty if it does not.

    A package around `goal` is not searched if it always runs before `start`: if it is also around `start`, or
    if a package that is around both imports it. Raises RefusedError if there are too many modules to search.
    """
    common = packages_of(goal) & packages_of(start)
    around = common | (packages_of(goal) & {each for name in common for each in model.graph.loads(name)})
    waiting, seen = deque([start]), {start}
    while waiting:
        require_few(len(seen), start, f"whether one of them imports {goal}")
        name = waiting.popleft()
        for other in sorted(model.graph.loads(name)):
            if other == goal:
                return name
            if other not in seen and other not in around:
                seen.add(other)
                waiting.append(other)
    return ""


def packages_of(module: str) -> set[str]:
    """Return the packages around a module."""
    return {module[:end] for end, letter in enumerate(module) if letter == "."}


def new_cycles(model: TreeModel, before: Module, after: Module) -> Iterator[str]:
    """Yield what is wrong with each new import that would take part in an import cycle."""
    known = {name for full, bound in before.loads for name in _direct(model, full, bound)}
    for full, bound in after.loads:
        for name in _direct(model, full, bound) - known:
            if name == after.name:
                yield "the file would import itself"
                continue
            try:
                way = find_way(model, name, after.name)
            except RefusedError as error:
                yield str(error)
                continue
            if way:
                yield f"{way} imports this file, so importing {name} here would create an import cycle"


def _direct(model: TreeModel, full: str, bound: Bound) -> set[str]:
    """Return the modules whose content an import needs: `a`, and `a.b` if `from a import b` loads one."""
    names = {full, full.rpartition(".")[0]} if bound.target == full else {full}
    return {name for name in names if name and model.is_module(name)}


def lost(model: TreeModel, before: Module, after: Module) -> list[str]:
    """Return the modules of the tree that a file imported before its edits and does not import after them."""
    was = {name for full, _ in before.imports for name in loaded(model, full)}
    return sorted(was - {name for full, _ in after.imports for name in loaded(model, full)})


def unimported_uses(model: TreeModel, module: Module, goal: str) -> Iterator[int]:
    """Yield the lines on which a module reaches a submodule as an attribute of its package."""
    if goal in {name for full, _ in module.imports for name in loaded(model, full)}:
        return
    last = goal.rpartition(".")[2]
    for reference in module.words.get(last, ()):
        for end in range(2, len(reference.parts) + 1):
            if reference.parts[end - 1] != last:
                continue
            for meaning in model.resolve_parts(module, reference, end):
                if meaning.kind == "module" and meaning.final == goal:
                    yield module.line(reference.start)
