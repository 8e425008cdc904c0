"""One file's text, parsed once for all rules, with its tree, imports, scopes and full dotted names."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from tree_sitter import Node

from scanner.python import exports
from scanner.python.resolver import Names
from scanner.python.scopes import TYPE_PARAMETERS, Binding
from scanner.python.syntax_tree import Location

__all__ = ["Location", "Source"]


class Source(Names):
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
        self.uses_by_name: dict[str, Any] = {}  # filled by `annotations.uses_of`
        self.value_classes: Any = None  # filled by `immutable_classes.value_classes`

    def lookup_word(self, name: str, at: Node) -> tuple[Binding, ...]:
        """Return the bindings to which `name` would refer at the node `at`, as in a quoted annotation."""
        return self.find(name, self.scopes_of(at), at.start_byte)

    def scopes(self, node: Node) -> list[Node]:
        """Return the scope nodes that enclose a node, outermost (the module) first."""
        return [scope for scope in self.scopes_of(node) if scope.type != TYPE_PARAMETERS]

    @cached_property
    def stars(self) -> tuple[tuple[Node, str], ...]:
        """Return each module-level `from x import *` as its `wildcard_import` node and the full name `x`."""
        return exports.stars(self)

    @cached_property
    def exported(self) -> frozenset[str] | None:
        """Return the literal names in `__all__`, or None if there is no `__all__`."""
        return exports.exported(self)

    def is_module_level(self, node: Node) -> bool:
        """Return whether a node runs in the module's own scope, including inside `if` and `try`."""
        return self.is_in_module_scope(node) and not self.is_displaced(node)
