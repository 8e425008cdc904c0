"""One module as the proofs see it: its scopes, its exports, and what its import loads."""

import ast
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from scanner.fixes.identity.scopes import Bound, Reference, Scope
from scanner.fixes.identity.statements import StatementReader
from scanner.python.imports import module_name

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Module:
    """A parsed module. `data` is its text in UTF-8, to which all offsets refer."""

    def __init__(self, path: str, data: bytes, roots: tuple[str, ...]) -> None:
        self.path, self.data = path, data
        self.name, self.package = module_name(path, roots)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(data.decode())
        self._reader = StatementReader(self.tree, data, self.name, package=self.package)
        self.offset, self.end = self._reader.offset, self._reader.end

    @property
    def root(self) -> Scope:
        """Return the module's own scope."""
        return self._reader.root

    @property
    def references(self) -> list[Reference]:
        """Return every name that the code reads, binds or deletes, with the attributes that follow it."""
        return self._reader.references

    @property
    def imports(self) -> list[tuple[str, Bound]]:
        """Return the full name of everything that an import statement names, with its binding."""
        return self._reader.imports

    @property
    def stars(self) -> list[str]:
        """Return the modules from which the module itself imports `*`, in order."""
        return [module for module, bound in self._reader.stars if bound.scope is self.root]

    @cached_property
    def words(self) -> dict[str, list[Reference]]:
        """Return the references that contain each word, in the order of `references`."""
        found: dict[str, list[Reference]] = {}
        for reference in self.references:
            for word in dict.fromkeys(reference.parts):
                found.setdefault(word, []).append(reference)
        return found

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Return the words that follow a name which may be a module, because no other binding is in sight."""
        found: set[str] = set()
        for reference in self.references:
            if len(reference.parts) > 1 and not found.issuperset(reference.parts[1:]):
                bound = reference.bindings()
                is_own = bool(bound) and all(one.kind != "import" for one in bound)
                if not is_own or (self.stars and bound[0].scope is self.root):
                    found.update(reference.parts[1:])
        return frozenset(found)

    @cached_property
    def _by_offset(self) -> tuple[list[int], list[int]]:
        """Return the offsets of the references in ascending order, and their positions in `references`."""
        order = sorted(range(len(self.references)), key=lambda at: self.references[at].start)
        return [self.references[at].start for at in order], order

    def within(self, ranges: Iterable[tuple[int, int]]) -> list[Reference]:
        """Return the references inside of some ranges, in the order of `references`."""
        starts, order = self._by_offset
        found = {
            at for start, end in ranges for at in order[bisect_left(starts, start) : bisect_left(starts, end)]
        }
        return [self.references[at] for at in sorted(found)]

    @cached_property
    def mentions(self) -> dict[str, list[ast.AST]]:
        """Return the strings that end in each word, and the attributes and definitions of that name."""
        found: dict[str, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant):
                if isinstance(node.value, str):
                    last = node.value.rpartition(".")[2].rpartition(":")[2]
                    found.setdefault(last, []).append(node)
            elif hasattr(node, "lineno"):
                for name in {getattr(node, "attr", ""), getattr(node, "name", "")}:
                    if name and isinstance(name, str):
                        found.setdefault(name, []).append(node)
        return found

    @cached_property
    def _spelling(self) -> list[ast.AST]:
        """Return the calls and strings, and the sums, some of which put strings together."""
        kinds = (ast.Call, ast.Constant, ast.JoinedStr, ast.BinOp)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]

    def nodes_with(self, word: str) -> Iterator[ast.AST]:
        """Yield the calls and strings that may name a word, and every string made of several parts."""
        for node in self._spelling:
            if isinstance(node, ast.Call):
                texts = (one.value for one in node.args if isinstance(one, ast.Constant))
                if word in (*texts, *(keyword.arg for keyword in node.keywords)):
                    yield node
            elif isinstance(node, ast.Constant):
                if isinstance(node.value, str) and word in node.value:
                    yield node
            elif isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
            ):
                yield node

    def is_export(self, node: ast.AST) -> bool:
        """Return whether a string is an item of `__all__`."""
        return any(
            node is part for bound in self.root.bound.get("__all__", ()) for part in ast.walk(bound.node)
        )

    @cached_property
    def by_start(self) -> dict[int, Reference]:
        """Return the references by their offset."""
        return {one.start: one for one in self.references if one.use != "declare"}

    @cached_property
    def _parents(self) -> dict[int, ast.AST]:
        return {id(child): node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node around another one."""
        return self._parents.get(id(node))

    def class_around(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the innermost class around a node."""
        around = self.parent(node)
        while around is not None and not isinstance(around, ast.ClassDef):
            around = self.parent(around)
        return around

    def expression(self, reference: Reference) -> ast.expr:
        """Return the whole dotted name of a reference."""
        node = reference.node
        for _ in reference.parts[1:]:
            node = self._parents[id(node)]
        return node  # type: ignore[return-value]

    @property
    def scopes(self) -> list[Scope]:
        """Return the scopes of the module, the module's own first."""
        return self._reader.scopes

    def line(self, offset: int) -> int:
        """Return the line of an offset."""
        return self.data.count(b"\n", 0, offset) + 1

    @cached_property
    def exported(self) -> frozenset[str] | None:
        """Return the literal names in `__all__`; None if there is none."""
        found: set[str] = set()
        listed = False
        for bound in self.root.bound.get("__all__", ()):
            listed = True
            found |= {
                node.value
                for node in ast.walk(bound.node)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
        for reference in self.references:
            if reference.parts[0] == "__all__" and len(reference.parts) > 1:
                found |= set(self._appended(reference))
        return frozenset(found) if listed else None

    def _appended(self, reference: Reference) -> Iterator[str]:
        for node in self.tree.body:
            if isinstance(node, ast.Expr) and self.offset(node) == reference.start:
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value

    def exports(self, name: str) -> bool:
        """Return whether `from module import *` binds a name."""
        return name in self.exported if self.exported is not None else not name.startswith("_")

    @property
    def is_dynamic(self) -> bool:
        """Return whether the module computes attributes that nothing binds."""
        return "__getattr__" in self.root.bound

    def bound(self, name: str) -> list[Bound]:
        """Return the bindings of a module-level name."""
        return [one for one in self.root.bound.get(name, ()) if one.kind != "del"]

    @cached_property
    def loose(self) -> dict[str, list[tuple[int, int]]]:
        """Return the ranges of the module-level statements, other than definitions, that use each name."""
        found: dict[str, list[tuple[int, int]]] = {}
        ranges = [(self.offset(n), self.end(n)) for n in self.tree.body if not isinstance(n, _DEFINITIONS)]
        starts = [start for start, _ in ranges]
        for reference in self.references:
            at = bisect_right(starts, reference.start) - 1
            if at >= 0 and reference.start < ranges[at][1]:
                found.setdefault(reference.parts[0], []).append(ranges[at])
        return found

    @cached_property
    def loads(self) -> tuple[tuple[str, Bound], ...]:
        """Return what importing the module imports: the imports that run outside functions."""
        return tuple(
            (name, bound) for name, bound in self.imports if not bound.typing and not bound.scope.is_deferred
        )
