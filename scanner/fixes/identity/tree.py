"""What names refer to, followed through the imports of a tree to the definitions."""

import gc
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

from scanner.fixes.identity.import_graph import ImportGraph
from scanner.fixes.identity.import_order import has_effects
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Bound, Reference
from scanner.fixes.identity.spelling import may_rebind, words_imported
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath
from scanner.python.builtin_names import BUILTINS
from scanner.python.text import to_utf8

_MAX_STEPS = 40
_KEPT_BYTES = 4 << 20  # of text: a parsed module takes 35 bytes of memory for each byte of its text
_KEPT_STATEMENTS = 4096  # files whose import statements are kept
_MODELS: "WeakKeyDictionary[Workspace, TreeModel]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one expression refers to.

    `names` are the full names on the way from the code to the definition, and `final` is the last of them.
    `rest` are the attributes that follow. `kind` is `symbol`, `module`, `local` (a name of a function or
    class), `missing` if nothing defines it, or `unknown` if only running the code could tell.
    """

    final: str
    kind: str
    names: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    bound: Bound | None = None
    module: Module | None = None

    @property
    def identity(self) -> tuple[str, tuple[str, ...]]:
        """Return what makes two meanings equal."""
        return self.final, self.rest


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of a module: little, because it is kept for every module that was ever read.

    `imports` are the modules that its code can load at any time, and `has_effects` says whether importing it
    changes something outside it. `attributes` are the words that follow a name which may be a module.
    """

    imports: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    has_effects: bool = False


_NO_FACTS = Facts()


class TreeModel:
    """The modules of a workspace in its current state."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.graph = ImportGraph(workspace)
        self._modules: OrderedDict[tuple[RepoPath, str | bytes | None], Module | None] = OrderedDict()
        self._size = 0
        self._known: dict[tuple[str, str], tuple[Meaning, ...]] = {}
        self.reaching: dict[str, list[RepoPath]] = {}  # files that may use a module without importing it
        self.without_uses: dict[tuple[str, str, RepoPath], object] = {}  # the state of each such file
        self._facts: dict[tuple[RepoPath, object], Facts] = {}
        self._version = -1
        self._may_rebind: dict[tuple[str, RepoPath], tuple[object, bool]] = {}
        self._imported = lru_cache(_KEPT_STATEMENTS)(self._read_imports)

    def facts(self, name: str) -> Facts:
        """Return what importing a module does."""
        path = self._workspace.path_of(name)
        return _NO_FACTS if path is None else self.facts_at(path)

    def facts_at(self, path: RepoPath) -> Facts:
        """Return what is kept of the module in a file; nothing if it does not parse."""
        key = path, self._workspace.state_of(path)
        if key not in self._facts:
            module = self.module_at(path)
            self._facts[key] = _NO_FACTS if module is None else self._read_facts(module)
        return self._facts[key]

    def _read_facts(self, module: Module) -> Facts:
        imports = frozenset(each for full, _ in module.imports for each in loaded(self, full))
        return Facts(imports, module.attributes, has_effects(module))

    def may_rebind(self, path: RepoPath, name: str) -> bool:
        """Return whether the text of a file may give a name of another module a value, or name it."""
        state = self._workspace.state_of(path)
        known = self._may_rebind.get((name, path))
        if known is None or known[0] != state:
            text = self._workspace.content(path)
            known = state, isinstance(text, bytes) and may_rebind(text, name)
            self._may_rebind[name, path] = known
        return known[1]

    def imported(self, path: RepoPath) -> tuple[frozenset[bytes], ...]:
        """Return the words of each import statement in a file, and `*` if it imports everything."""
        return self._imported(path, self._workspace.state_of(path))

    def _read_imports(self, path: RepoPath, _state: object) -> tuple[frozenset[bytes], ...]:
        content = self._workspace.content(path)
        return words_imported(content) if isinstance(content, bytes) else ()

    def module_at(self, path: RepoPath, content: bytes | None = None) -> Module | None:
        """Return the module in a file, with another text if one is given; None if it does not parse."""
        key = path, self._workspace.state_of(path) if content is None else content
        if key in self._modules:
            self._modules.move_to_end(key)
            return self._modules[key]
        raw = self._workspace.content(path) if content is None else content
        module = self._modules[key] = self._parse(path, raw) if isinstance(raw, bytes) else None
        self._size += 0 if module is None else len(module.data)
        while self._size > _KEPT_BYTES and len(self._modules) > 1:
            gone = self._modules.popitem(last=False)[1]
            self._size -= 0 if gone is None else len(gone.data)
        return module

    def _parse(self, path: RepoPath, raw: bytes) -> Module | None:
        data, fault = to_utf8(raw)
        if fault is not None:
            return None
        collecting = gc.isenabled()
        gc.disable()  # a new module holds no garbage yet, and looking for some would triple the time
        try:
            return Module(path, data, tuple(self._workspace.plan.scope.source_roots))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        finally:
            if collecting:
                gc.enable()

    def module(self, name: str) -> Module | None:
        """Return the module with a full name, if it is a file in the tree that parses."""
        path = self._workspace.path_of(name)
        return None if path is None else self.module_at(path)

    def state(self, name: str) -> object:
        """Return what identifies the current text of a module."""
        path = self._workspace.path_of(name)
        return None if path is None else self._workspace.state_of(path)

    def is_module(self, name: str) -> bool:
        """Return whether a full name is a module or package in the tree."""
        return self._workspace.is_module(name) or self._workspace.is_folder(name)

    def resolve(self, module: Module, reference: Reference) -> tuple[Meaning, ...]:
        """Return what a reference may refer to, with all of its attributes."""
        return self.resolve_parts(module, reference, len(reference.parts))

    def resolve_parts(self, module: Module, reference: Reference, count: int) -> tuple[Meaning, ...]:
        """Return what the first parts of a reference may refer to."""
        head = self.head(module, reference)
        return tuple(end for one in head for end in self._follow(one, reference.parts[1:count]))

    def head(self, module: Module, reference: Reference) -> tuple[Meaning, ...]:
        """Return what the first name of a reference may refer to."""
        name = reference.parts[0]
        bound = reference.bindings()
        if not bound:
            return self._unbound(module, name)
        if not reference.lazy:
            bound = [one for one in bound if not one.typing] or bound
        starred = self._starred(module, name, ()) if bound[0].scope is module.root else ()
        return tuple(end for one in bound for end in self.of_binding(module, one)) + starred

    def _unbound(self, module: Module, name: str) -> tuple[Meaning, ...]:
        found = self._starred(module, name, ())
        if found:
            return found
        if name in BUILTINS:
            return (Meaning(f"builtins.{name}", "symbol", (f"builtins.{name}",)),)
        foreign = [star for star in module.stars if self.module(star) is None]
        return (Meaning(f"{module.name}.{name}", "unknown" if foreign else "missing"),)

    def of_binding(self, module: Module, bound: Bound) -> tuple[Meaning, ...]:
        """Return what one binding refers to."""
        if bound.kind == "import":
            own = (f"{module.name}.{bound.name}",) if bound.scope is module.root else ()
            return tuple(replace(one, names=(*own, *one.names)) for one in self.named(bound.target))
        if bound.scope is module.root:
            return self._own(module, bound, ())
        where = f"{module.name}:{bound.scope.at}:{bound.name}"
        return (Meaning(where, "local", bound=bound, module=module),)

    def named(self, full: str) -> tuple[Meaning, ...]:
        """Return what a full dotted name refers to, as an import finds it."""
        module, _, last = full.rpartition(".")
        if self._version != self._workspace.version:
            self._version = self._workspace.version
            self._known.clear()
        key = module, last
        if key not in self._known:
            self._known[key] = (Meaning(full, "unknown"),)  # what a circular import finds
            self._known[key] = self._member(module, last, ())
        return self._known[key]

    def _member(self, name: str, last: str, seen: tuple[str, ...]) -> tuple[Meaning, ...]:
        full = f"{name}.{last}".lstrip(".")
        if full in seen or len(seen) > _MAX_STEPS:
            return (Meaning(full, "unknown"),)
        seen = (*seen, full)
        module = self.module(name) if name else None
        if module is None:
            return self._outside(name, full)
        bound = [one for one in module.bound(last) if not one.typing] or module.bound(last)
        if bound:
            own = tuple(end for one in bound for end in self._own(module, one, seen))
            return own + self._starred(module, last, seen)
        found = self._starred(module, last, seen)
        if found:
            return tuple(replace(one, names=(full, *one.names)) for one in found)
        if self.is_module(full):
            return (Meaning(full, "module", (full,)),)
        return (Meaning(full, "unknown" if module.is_dynamic or module.stars else "missing", (full,)),)

    def _outside(self, name: str, full: str) -> tuple[Meaning, ...]:
        if self.is_module(full):
            return (Meaning(full, "module", (full,)),)
        return (Meaning(full, "symbol" if not name or not self.is_module(name) else "unknown", (full,)),)

    def _own(self, module: Module, bound: Bound, seen: tuple[str, ...]) -> tuple[Meaning, ...]:
        """Return what a module-level binding refers to."""
        full = f"{module.name}.{bound.name}".lstrip(".")
        if bound.kind != "import":
            return (Meaning(full, "symbol", (full,), bound=bound, module=module),)
        target, _, last = bound.target.rpartition(".")
        found = self._member(target, last, seen)
        return tuple(replace(one, names=(full, *one.names)) for one in found)

    def _starred(self, module: Module, last: str, seen: tuple[str, ...]) -> tuple[Meaning, ...]:
        """Return what a star import of a module provides under a name; empty if none does."""
        for star in reversed(module.stars):
            source = self.module(star)
            if source is None or source is module or not source.exports(last):
                continue
            if f"{star}.{last}" in seen:
                continue
            found = self._member(star, last, seen)
            if found and not all(one.kind == "missing" for one in found):
                return found
        return ()

    def _follow(self, meaning: Meaning, parts: Sequence[str]) -> tuple[Meaning, ...]:
        """Return what the attributes after a meaning refer to, as far as they are members of modules."""
        if not parts:
            return (meaning,)
        if meaning.kind != "module" and self._is_package_like(meaning):
            meaning = replace(meaning, kind="module")
        if meaning.kind != "module":
            if meaning.kind == "symbol" and meaning.bound is None and not meaning.rest:
                # Outside the tree, every dotted name is as good as another one.
                fulls = [".".join((meaning.final, *parts[: end + 1])) for end in range(len(parts))]
                return (Meaning(fulls[-1], "symbol", (*meaning.names, *fulls)),)
            return (replace(meaning, rest=(*meaning.rest, *parts)),)
        found = self.named(f"{meaning.final}.{parts[0]}")
        return tuple(
            end
            for one in found
            for end in self._follow(replace(one, names=(*meaning.names, *one.names)), parts[1:])
        )

    def _is_package_like(self, meaning: Meaning) -> bool:
        return meaning.bound is None and not meaning.rest and self.is_module(meaning.final)


def loaded(model: TreeModel, full: str) -> Iterator[str]:
    """Yield the modules of the tree that an import of a full name runs, packages first."""
    return model.graph.loaded(full)


def model_of(workspace: Workspace) -> TreeModel:
    """Return the model of a workspace; it is kept as long as the workspace."""
    if workspace not in _MODELS:
        _MODELS[workspace] = TreeModel(workspace)
    return _MODELS[workspace]


def identities(meanings: Iterable[Meaning]) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Return what a set of meanings is, for comparison with another one."""
    return frozenset(meaning.identity for meaning in meanings)
