"""Decides whether a changed file still means the same, apart from what the plan exchanges."""

import ast
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from scanner.fixes.identity.classes import has_registered_class
from scanner.fixes.identity.comparison import Comparison, Pair, Place
from scanner.fixes.identity.exchange import Exchanges
from scanner.fixes.identity.loading import lost, new_cycles, packages_of, unimported_uses
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.spelling import imports_relatively, may_name, may_reach, may_use
from scanner.fixes.identity.tree import loaded, model_of
from scanner.fixes.model import RefusedError
from scanner.fixes.text_edits import Edit
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a change is not shown to be right; `waits` says that this may change once others are fixed."""

    reason: str
    waits: bool = False


class Snapshot:
    """What a file and the files that use it mean before a change. `fault` judges them after it."""

    def __init__(
        self,
        workspace: Workspace,
        path: RepoPath,
        content: bytes,
        edits: Sequence[Edit],
        skip: Sequence[Edit],
    ) -> None:
        self._workspace, self._path = workspace, path
        self._model = model_of(workspace)
        self._edits, self._skip = edits, skip
        self._before = self._model.module_at(path)
        self._after = self._model.module_at(path, content)
        self._pairs: list[Pair] = []
        self._others: dict[RepoPath, list[Pair]] = {}
        if self._before is not None and self._after is not None:
            self._comparison = Comparison(self._before, self._after, edits, skip)
            self._pairs = self._comparison.pairs(self._model)
            self._lost = lost(self._model, self._before, self._after)
            self._others = {path: self._uses_in(path) for path in self._users()}

    def fault(self) -> Fault | None:
        """Return why the change, which is in the workspace, is not shown to be right; None if it is."""
        if self._before is None or self._after is None:
            return None if self._before is None else Fault("it does not compile")
        for found, waits in self._faults(self._before, self._after):
            if (reason := next(found, None)) is not None:
                return Fault(reason, waits)
        return None

    def _faults(self, before: Module, after: Module) -> Iterator[tuple[Iterator[str], bool]]:
        """Yield searches for faults, each with whether its faults may go once other files are fixed."""
        exchanges = Exchanges(self._model, self._workspace.plan)
        yield self._comparison.faults(self._model, self._pairs, exchanges.allow), False
        yield new_cycles(self._model, before, after), True
        yield self._comparison.lost_attributes(), False
        yield self._named_in_strings(before, after), True
        yield self._faults_of_others(exchanges), True
        yield self._lost_modules(after), True

    def _faults_of_others(self, exchanges: Exchanges) -> Iterator[str]:
        for path, pairs in self._others.items():
            module = self._model.module_at(path)
            if pairs and module is not None:
                same = Comparison(module, module, (), ())
                for fault in same.faults(self._model, pairs, exchanges.allow):
                    yield f"in {path}, {fault}"

    def _named_in_strings(self, before: Module, after: Module) -> Iterator[str]:
        """Yield the strings that reach into a name which the file would no longer have."""
        for name in sorted(before.root.bound.keys() - after.root.bound.keys()):
            prefix = f"{before.name}.{name}.".lstrip(".")
            last = before.name.rpartition(".")[2]
            every = set(self._workspace.containing(name)) & set(self._workspace.containing(last or name))
            for path in sorted(every):
                text = self._workspace.content(path)
                if not isinstance(text, bytes) or not may_name(text, prefix):
                    continue
                module = self._model.module_at(path)
                for node in module.nodes_with(name) if module is not None else ():
                    if isinstance(node, ast.Constant) and str(node.value).startswith(prefix):
                        yield f"{path} names {prefix}… in a string on line {node.lineno}"

    def _lost_modules(self, after: Module) -> Iterator[str]:
        if not self._lost:
            return
        imported = {name for full, _ in after.imports for name in loaded(self._model, full)}
        deepest = [one for one in self._lost if not any(each.startswith(f"{one}.") for each in self._lost)]
        for name in deepest:
            for path in self._reaching(name):
                if path != self._path:
                    yield from self._unimported(path, name)
            yield from self._lost_effects(name, imported | packages_of(after.name))

    def _lost_effects(self, name: str, kept: Set[str]) -> Iterator[str]:
        """Yield the modules with an effect that a lost module loads, and that those in `kept` do not."""
        question = "whether an effect would be lost"
        try:
            still = self._model.graph.reached(kept, question)
            gone = self._model.graph.reached({name}, question, still)
        except RefusedError as error:
            yield str(error)
            return
        for other in sorted(gone):
            if self._has_effects(other):
                yield f"importing {other} has an effect, which would be lost"

    def _has_effects(self, name: str) -> bool:
        """Return whether importing a module changes something outside it."""
        if self._model.facts(name).has_effects:
            return True
        hooks = self._workspace.containing("__init_subclass__")
        module = self._model.module(name) if hooks else None
        return module is not None and has_registered_class(self._model, module)

    def _reaching(self, name: str) -> list[RepoPath]:
        """Return the files that may reach a module as an attribute of its package, without importing it."""
        last = name.rpartition(".")[2]

        def may(path: RepoPath) -> bool:
            text = self._workspace.content(path)
            return isinstance(text, bytes) and may_reach(text, lambda: self._model.imported(path), name)

        changed = set(self._workspace.changed)
        if name not in self._model.reaching:  # of the files as they are in the revision
            every = self._workspace.containing(last)
            self._model.reaching[name] = [path for path in every if path in changed or may(path)]
        known = [path for path in self._model.reaching[name] if path not in changed]
        return sorted({*known, *(path for path in changed if may(path))})

    def _unimported(self, path: RepoPath, name: str) -> Iterator[str]:
        facts = self._model.facts_at(path)
        if name in facts.imports or name.rpartition(".")[2] not in facts.attributes:
            return
        module = self._model.module_at(path)
        line = next(unimported_uses(self._model, module, name), 0) if module is not None else 0
        if line and module is not None:
            everything = {each for full, _ in module.imports for each in loaded(self._model, full)}
            try:
                found = self._model.graph.reached(
                    everything | packages_of(module.name), f"whether one of them imports {name}"
                )
            except RefusedError as error:
                yield str(error)
                return
            if name not in found:
                yield f"{path} uses {name} on line {line} without importing it"

    @cached_property
    def _changed(self) -> frozenset[str]:
        """Return the module-level names whose binding changes."""
        if self._before is None or self._after is None:
            return frozenset()
        before, after = _top(self._before), _top(self._after)
        return frozenset(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))

    def _users(self) -> list[RepoPath]:
        """Return the other files that may use a module-level name whose binding changes."""
        if self._before is None or not self._changed:
            return []
        last = self._before.name.rpartition(".")[2]
        mentions = set(self._workspace.containing(last))
        names = sorted(self._changed & self._before.root.bound.keys())
        found = {path for name in names for path in self._workspace.containing(name)} - {self._path}
        found = {path for path in found if self._may_use(path, names, named=path in mentions)}
        starring = (path for path in mentions - found if self._may_star(path, last))
        return sorted({*found, *starring} - {self._path})

    def _may_use(self, path: RepoPath, names: Sequence[str], *, named: bool) -> bool:
        """Return whether a file may use one of the names; `named` says that it contains the module's name."""
        text = self._workspace.content(path) if named or self._is_around(path) else None
        if self._before is None or not isinstance(text, bytes):
            return False
        if self._is_around(path) and imports_relatively(text):
            return True
        return named and may_use(text, self._model.imported(path), self._before.name, names)

    def _is_around(self, path: RepoPath) -> bool:
        """Return whether the changed file is the package around another file."""
        if self._before is None or not self._before.package:
            return False
        return path.startswith(self._path.rpartition("/")[0])

    def _may_star(self, path: RepoPath, last: str) -> bool:
        """Return whether a file may import everything from the changed file."""
        return any(b"*" in words and last.encode() in words for words in self._model.imported(path))

    def _uses_in(self, path: RepoPath) -> list[Pair]:
        """Return the references in another file that may lead through a changed name."""
        module = self._model.module_at(path)
        if module is None or self._before is None:
            return []
        is_starring = self._before.name in module.stars
        return [
            Pair(Place(one, self._model.resolve(module, one)), one, module.line(one.start))
            for one in module.references
            if is_starring
            or not self._changed.isdisjoint(one.parts)
            or any(bound.target.rpartition(".")[2] in self._changed for bound in one.bindings())
        ]


def _top(module: Module) -> dict[str, set[tuple[str, str]]]:
    return {name: {(one.kind, one.target) for one in every} for name, every in module.root.bound.items()}
