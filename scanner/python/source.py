"""One file's text, parsed once for all rules: its tree, imports, scopes and full dotted names."""

from collections.abc import Sequence
from functools import cached_property

from tree_sitter import Node

from scanner.python import exports
from scanner.python.resolver import Names
from scanner.python.scopes import Binding
from scanner.python.syntax_tree import Location, SyntaxTree

__all__ = ["Location", "Source"]


class Source(SyntaxTree):
    """One file's text, parsed once for all rules.

    `path` is the path from the repository's root, `raw` the bytes as git keeps them, `roots` the plan's
    source roots. Public parts:

    - `raw`, `data` (UTF-8 bytes that the tree's byte offsets count in), `path`, `module`, `package`
      (whether it is an `__init__.py`), `root`
    - `fault`: (line, reason) when the text does not parse, else None; everything else still answers as
      well as it can
    - `words(name)`: every identifier spelled so; `uses(name)`: those that read the name
    - `trail(node)`, `ancestors(node)`, `enclosing(node, *types)`: the way up
    - `scope(node)`: "Class.method"; `location(node)`; `text(node)`; `constant(node)`
    - `resolve(node)`: the full dotted names a name or attribute chain may mean
    - `bindings(name)`, `lookup(node)`: where and how a name is bound
    - `stars`, `exported`: star imports and `__all__`
    """

    def __init__(self, path: str, raw: bytes, roots: Sequence[str] = (".",)) -> None:
        super().__init__(path, raw, roots)
        self._names = Names(self)

    def scope(self, node: Node) -> str:
        """The dotted names of the classes and functions around a node; empty on the module.

        A function's own decorators, defaults and annotations stand outside it; comprehensions and lambdas
        have no name.
        """
        return self._names.scope(node)

    def resolve(self, node: Node) -> tuple[str, ...]:
        """The full dotted names that an identifier, attribute chain or dotted pattern may mean.

        Imports give their targets, module-level definitions `module.name`, names in class bodies
        `module.Class.name`, the first parameter of a method its class. Several bindings in one scope (try
        and except ImportError) give several names. Locals, parameters, builtins and what nothing in the file
        binds give none.
        """
        return self._names.resolve(node)

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Every place of the file that binds `name`, in any scope; `del` counts, `global` does not."""
        return self._names.bindings(name)

    def bindings_in(self, name: str, scope: Node) -> Sequence[Binding]:
        """The bindings of `name` in one scope: the root, or a function, class, lambda or comprehension."""
        return self._names.bindings_in(name, scope)

    def binding_at(self, node: Node) -> Binding | None:
        """The binding that an identifier makes; None where it makes none."""
        return self._names.binding_at(node)

    def lookup(self, node: Node) -> tuple[Binding, ...]:
        """The bindings that the name at an identifier node means, all of one scope; empty if unbound."""
        return self._names.lookup(node)

    def lookup_word(self, name: str, at: Node) -> tuple[Binding, ...]:
        """The bindings that `name` would mean if it stood at the node `at` (as in a quoted annotation)."""
        return self._names.find(name, self._names.scopes(at), at.start_byte)

    def expand(self, bound: tuple[Binding, ...]) -> tuple[str, ...]:
        """The full dotted names that bindings stand for, imports first."""
        return self._names.expand(bound)

    def scopes(self, node: Node) -> list[Node]:
        """The scope nodes around a node, the root (the module) first."""
        return self._names.scopes(node)

    @cached_property
    def stars(self) -> tuple[tuple[Node, str], ...]:
        """Each `from x import *` at module level: its `wildcard_import` node and the full name of `x`."""
        return exports.stars(self, self._names)

    @cached_property
    def exported(self) -> frozenset[str] | None:
        """The names that `__all__` lists, as far as they are literal; None without `__all__`."""
        return exports.exported(self, self._names)

    def is_module_level(self, node: Node) -> bool:
        """Whether the node runs in the module's own scope, `if` and `try` included."""
        return self._names.is_module_level(node)
