"""The names of one file: where each is bound, and which full dotted name a place means by it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.imports import dotted, origin
from scanner.python.scopes import COMPREHENSIONS, FUNCTIONS, Binding, Trail, binds, scopes_around
from scanner.python.syntax_tree import SyntaxTree


@dataclass(frozen=True, slots=True)
class _Index:
    """One name: its bindings, also by scope and by identifier (node ids), and the scopes that declare it."""

    bindings: tuple[Binding, ...]
    by_scope: Mapping[int, Sequence[Binding]]
    by_node: Mapping[int, Binding]
    declared: Mapping[int, str]


class Names:
    """Resolution for one Source; each name is indexed when it is first asked for."""

    def __init__(self, tree: SyntaxTree) -> None:
        self._tree = tree
        self._index: dict[tuple[str, int], _Index] = {}
        self._scopes: dict[int, list[Node]] = {}

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Every binding of `name` in the file."""
        return self._read(name).bindings

    def bindings_in(self, name: str, scope: Node) -> Sequence[Binding]:
        """The bindings of `name` in one scope."""
        return self._read(name).by_scope.get(scope.id, ())

    def binding_at(self, node: Node) -> Binding | None:
        """The binding that an identifier makes; None where it makes none."""
        return self._read(self._tree.text(node)).by_node.get(node.id)

    def scopes(self, node: Node) -> list[Node]:
        """The scope nodes around a node, the root first."""
        return self.around(self._tree.trail(node))

    def around(self, trail: Trail) -> list[Node]:
        """The scope nodes around the end of a trail, the root first."""
        key = trail[-1].node.id
        if key not in self._scopes:
            self._scopes[key] = scopes_around(trail)
        return self._scopes[key]

    def _binding_scopes(self, trail: Trail) -> list[Node]:
        """Return the scopes that a walrus target binds in: those around a comprehension."""
        return [scope for scope in self.around(trail) if scope.type not in COMPREHENSIONS]

    def is_module_level(self, node: Node) -> bool:
        """Return whether a node runs in the module's own scope, `if` and `try` included."""
        return self.scopes(node)[-1] == self._tree.root

    def scope(self, node: Node) -> str:
        """The dotted names of the classes and functions around a node."""
        return ".".join(self._labels(self.scopes(node)))

    def _labels(self, scopes: list[Node]) -> list[str]:
        names = (scope.child_by_field_name("name") for scope in scopes)
        return [self._tree.text(name) for name in names if name is not None]

    def lookup(self, node: Node) -> tuple[Binding, ...]:
        """The bindings that an identifier's name means, all of one scope."""
        return self.find(self._tree.text(node), self.scopes(node), node.start_byte)

    def find(self, name: str, scopes: list[Node], offset: int) -> tuple[Binding, ...]:
        """The bindings of `name` as seen from the innermost of `scopes` at a byte offset."""
        innermost = scopes[-1]
        for scope in reversed(scopes):
            if scope.type == "class_definition" and scope != innermost:
                continue
            index = self._read(name, scope)
            if index.declared.get(scope.id) == "global":
                return tuple(self._read(name).by_scope.get(self._tree.root.id, ()))
            here = tuple(index.by_scope.get(scope.id, ()))
            if scope.type == "class_definition":
                # A class body sees the names around it until it binds its own.
                here = tuple(b for b in here if _bound_from(b) <= offset)
            if here:
                return here
        return ()

    def resolve(self, node: Node) -> tuple[str, ...]:
        """The full dotted names that a name or attribute chain may mean."""
        found = split_chain(node)
        if found is None:
            return ()
        head, rest = found
        tail = "".join("." + self._tree.text(part) for part in rest)
        return tuple(base + tail for base in self.expand(self.lookup(head)))

    def expand(self, bound: tuple[Binding, ...]) -> tuple[str, ...]:
        """The full names that bindings stand for, imports first, each once."""
        names = [b.target for b in bound if b.target]
        names += [full for b in bound if (full := self._full(b)) is not None]
        return tuple(dict.fromkeys(names))

    def _full(self, binding: Binding) -> str | None:
        if binding.kind == "import":
            return None
        scopes = self.scopes(binding.scope) if binding.scope != self._tree.root else [self._tree.root]
        if binding.kind == "parameter":
            return self._receiver(binding, scopes)
        if binding.scope != self._tree.root:
            scopes = [*scopes, binding.scope]
        if any(scope.type != "class_definition" for scope in scopes[1:]):
            return None
        return ".".join(filter(None, [self._tree.module, *self._labels(scopes), binding.name]))

    def _receiver(self, binding: Binding, scopes: list[Node]) -> str | None:
        """`self` or `cls` means the class: the first parameter of a function that stands in a class body."""
        function = binding.scope
        if scopes[-1].type != "class_definition" or function.type != "function_definition":
            return None
        parameters = function.child_by_field_name("parameters")
        if parameters is None or not parameters.named_children:
            return None
        first = parameters.named_children[0]
        if first.start_byte != binding.node.start_byte or first.type not in {"identifier", "typed_parameter"}:
            return None
        wrapper = self._tree.enclosing(function, "decorated_definition")
        if wrapper is not None and wrapper.child_by_field_name("definition") == function:
            marks = [self._tree.text(c) for c in wrapper.named_children if c.type == "decorator"]
            if any("staticmethod" in mark for mark in marks):
                return None
        if any(scope.type != "class_definition" for scope in scopes[1:]):
            return None
        return ".".join(filter(None, [self._tree.module, *self._labels(scopes)]))

    def _read(self, name: str, within: Node | None = None) -> _Index:
        """The index of a name, from the whole file or from what stands in one scope.

        A scope's own bindings stand in it, and most names are local: reading a large file's every `result`
        to know one function's took half of all rules' time.
        """
        root = self._tree.root
        key = name, root.id
        if key not in self._index and within is not None and within != root:
            key = name, within.id
            if key not in self._index:
                trails = self._tree.trails_within(name, within.start_byte, within.end_byte)
                self._index[key] = self._indexed(name, trails)
        elif key not in self._index:
            self._index[key] = self._indexed(name, self._tree.trails(name))
        return self._index[key]

    def _indexed(self, name: str, trails: Iterable[Trail]) -> _Index:
        found: list[Binding] = []
        declared: dict[int, str] = {}
        for trail in trails:
            how = binds(trail)
            if how is None:
                continue
            kind, statement = how
            scopes = self.around(trail)
            if kind in {"global", "nonlocal"}:
                declared[scopes[-1].id] = kind
                continue
            if kind == "walrus":
                scopes = self._binding_scopes(trail)
            found.append(
                Binding(name, kind, trail[-1].node, scopes[-1], statement, self._target(trail, kind))
            )
        by_scope: dict[int, list[Binding]] = {}
        placed = tuple(self._redirected(b, declared) for b in found)
        for bound in placed:
            by_scope.setdefault(bound.scope.id, []).append(bound)
        by_node = {bound.node.id: bound for bound in placed}
        return _Index(placed, by_scope, by_node, declared)

    def _redirected(self, binding: Binding, declared: dict[int, str]) -> Binding:
        """The binding as `global` and `nonlocal` statements of its scope place it."""
        word = declared.get(binding.scope.id)
        if word is None or binding.scope == self._tree.root:
            return binding
        scope = self._tree.root
        if word == "nonlocal":
            outer = [s for s in self.scopes(binding.scope) if s.type in FUNCTIONS]
            scope = outer[-1] if outer else scope
        return Binding(binding.name, binding.kind, binding.node, scope, binding.statement, binding.target)

    def _target(self, trail: Trail, kind: str) -> str | None:
        if kind != "import":
            return None
        around = (s.node for s in reversed(trail) if s.node.type.startswith("import_"))
        statement = next(around, None)
        if statement is None:  # a piece of an import in a text that does not parse
            return None
        tree = self._tree
        imported = trail[-2].node
        if imported.type == "aliased_import":
            name = imported.child_by_field_name("name")
            imported = name if name is not None else imported
        if statement.type == "import_statement":
            return dotted(imported) if trail[-2].node.type == "aliased_import" else tree.text(trail[-1].node)
        module = origin(statement, tree.module, tree.package)
        if module is None:
            return None
        return f"{module}.{dotted(imported)}" if module else dotted(imported)


def _bound_from(binding: Binding) -> int:
    """The byte offset from which a class body sees its own binding: not yet inside what gives the value."""
    whole = binding.kind in {"assign", "def", "class"}
    return binding.statement.end_byte if whole else binding.node.end_byte


def split_chain(node: Node) -> tuple[Node, list[Node]] | None:
    """The first name of an attribute chain and the names after it; None where it starts otherwise."""
    rest: list[Node] = []
    while node.type in {"attribute", "parenthesized_expression"}:
        if node.type == "attribute":
            name = node.child_by_field_name("attribute")
            if name is None:
                return None
            rest.append(name)
        below = node.child_by_field_name("object") if node.type == "attribute" else node.named_child(0)
        if below is None:
            return None
        node = below
    if node.type == "dotted_name":
        return node.named_children[0], [*node.named_children[1:], *reversed(rest)]
    return (node, rest[::-1]) if node.type == "identifier" else None
