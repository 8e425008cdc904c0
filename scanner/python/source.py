"""One file's text, parsed once for all rules, with its tree, imports, scopes and full dotted names."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from tree_sitter import Node

from scanner.python import exports
from scanner.python.resolver import Names
from scanner.python.scopes import TYPE_PARAMETERS, Binding
from scanner.python.syntax_tree import Location, SyntaxTree

__all__ = ["Location", "Source"]

# The nodes that read a name, by the scope of the binding to which they refer, and the search for more nodes.
Uses = tuple[dict[int, list[Node]], Iterator[tuple[int, Node]]]


class Source(SyntaxTree):
    """One file's text, parsed once for all rules.

    `path` is relative to the root of the repository, `raw` the bytes as stored in git, `roots` the plan's
    source roots. In a fragment, only errors that the grammar finds matter. Public members:

    - `raw`, `data` (UTF-8 bytes, to which the tree's byte offsets refer), `parsed` (the same without what
      the grammar misreads), `path`, `module`, `package` (whether it is an `__init__.py`), `root`
    - `fault`: (line, reason) if the text does not parse, else None; everything else still works as well
      as possible
    - `words(name)`: every identifier with this spelling; `uses(name)`: those that read the name
    - `trail(node)`, `ancestors(node)`, `enclosing(node, *types)`: the path to the root
    - `scope(node)`: "Class.method"; `location(node)`; `text(node)`; `constant(node)`
    - `resolve(node)`: the full dotted names that a name or attribute chain may refer to
    - `bindings(name)`, `lookup(node)`: where and how a name is bound
    - `stars`, `exported`: star imports and `__all__`
    """

    def __init__(
        self, path: str, raw: bytes, roots: Sequence[str] = (".",), *, is_fragment: bool = False
    ) -> None:
        super().__init__(path, raw, roots, is_fragment=is_fragment)
        self._names = Names(self)
        self.uses_by_name: dict[str, Uses] = {}  # filled by `annotations.uses_of`
        self.value_classes: Any = None  # filled by `immutable_classes.value_classes`

    def scope(self, node: Node) -> str:
        """Return the dotted names of the classes and functions that enclose a node; empty at module level.

        A function's decorators, defaults and annotations are outside it. Comprehensions and lambdas have no
        name.
        """
        return self._names.scope(node)

    def resolve(self, node: Node) -> tuple[str, ...]:
        """Return the full dotted names to which an identifier, attribute chain or dotted pattern may refer.

        Imports resolve to their targets, module-level definitions to `module.name`, names in class bodies to
        `module.Class.name`, and the first parameter of a method to its class. Several bindings in one scope
        (try and except ImportError) give several names. Locals, parameters, builtins and unbound names give
        none.
        """
        return self._names.resolve(node)

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Return every binding of `name` in the file, in any scope; this includes `del` but not `global`."""
        return self._names.bindings(name)

    def bindings_in(self, name: str, scope: Node) -> Sequence[Binding]:
        """Return the bindings of `name` in one scope: root, function, class, lambda or comprehension."""
        return self._names.bindings_in(name, scope)

    def binding_at(self, node: Node) -> Binding | None:
        """Return the binding that an identifier creates; None if it creates none."""
        return self._names.binding_at(node)

    def lookup(self, node: Node) -> tuple[Binding, ...]:
        """Return the bindings to which an identifier refers, all in one scope; empty if it is unbound."""
        return self._names.lookup(node)

    def lookup_word(self, name: str, at: Node) -> tuple[Binding, ...]:
        """Return the bindings to which `name` would refer at the node `at`, as in a quoted annotation."""
        return self._names.find(name, self._names.scopes(at), at.start_byte)

    def expand(self, bound: tuple[Binding, ...]) -> tuple[str, ...]:
        """Return the full dotted names of bindings, with imports first."""
        return self._names.expand(bound)

    def meanings(self, bound: tuple[Binding, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the distinct full dotted names of bindings: those of imports, and those of definitions."""
        return self._names.meanings(bound)

    def scopes(self, node: Node) -> list[Node]:
        """Return the scope nodes that enclose a node, outermost (the module) first."""
        return [scope for scope in self._names.scopes(node) if scope.type != TYPE_PARAMETERS]

    @cached_property
    def stars(self) -> tuple[tuple[Node, str], ...]:
        """Return each module-level `from x import *` as its `wildcard_import` node and the full name `x`."""
        return exports.stars(self, self._names)

    @cached_property
    def exported(self) -> frozenset[str] | None:
        """Return the literal names in `__all__`, or None if there is no `__all__`."""
        return exports.exported(self, self._names)

    def is_module_level(self, node: Node) -> bool:
        """Return whether a node runs in the module's own scope, including inside `if` and `try`."""
        return self._names.is_module_level(node) and not self.is_displaced(node)
