"""Resolves the names in one file to their bindings, and to the full dotted names that they refer to."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.imports import IMPORTS, dotted, imported_module, origin
from scanner.python.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    TYPE_PARAMETERS,
    Binding,
    Trail,
    binds,
    scopes_around,
)
from scanner.python.syntax_tree import SyntaxTree


@dataclass(frozen=True, slots=True)
class _Index:
    """The bindings of one name, by scope and by identifier (node ids), and the scopes that declare it."""

    bindings: tuple[Binding, ...]
    by_scope: Mapping[int, tuple[Binding, ...]]
    by_node: Mapping[int, Binding]
    declared: Mapping[int, str]


_FEW = 8


class Names(SyntaxTree):
    """A tree whose names can be resolved; each name is indexed on first use.

    Names and tree are one object: two that refer to each other would stay in memory, with the whole tree,
    until Python looks for cyclic garbage.
    """

    def __init__(
        self, path: str, raw: bytes, roots: Sequence[str] = (".",), *, is_fragment: bool = False
    ) -> None:
        super().__init__(path, raw, roots, is_fragment=is_fragment)
        self._index: dict[tuple[str, int], _Index] = {}
        self._scopes: dict[int, list[Node]] = {}
        # By the identity of the bindings, which are stored too, so that no other tuple can get the same.
        self._meanings: dict[int, tuple[tuple[Binding, ...], tuple[tuple[str, ...], tuple[str, ...]]]] = {}

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Return every binding of `name` in the file, in any scope; this includes `del` but not `global`."""
        return self._read(name).bindings

    def bindings_in(self, name: str, scope: Node) -> Sequence[Binding]:
        """Return the bindings of `name` in one scope: root, function, class, lambda or comprehension."""
        return self._read(name).by_scope.get(scope.id, ())

    def binding_at(self, node: Node) -> Binding | None:
        """Return the binding that an identifier creates; None if it creates none."""
        return self._read(self.text(node)).by_node.get(node.id)

    def scopes_of(self, node: Node) -> list[Node]:
        """Return the scope nodes that enclose a node, outermost first, with those of type parameters."""
        return self.around(self.trail(node))

    def around(self, trail: Trail) -> list[Node]:
        """Return the scope nodes that enclose the end of a trail, outermost first."""
        key = trail[-1].node.id
        if key not in self._scopes:
            self._scopes[key] = scopes_around(trail)
        return self._scopes[key]

    def _binding_scopes(self, trail: Trail) -> list[Node]:
        """Return the scopes in which a walrus target binds, which excludes comprehensions."""
        return [scope for scope in self.around(trail) if scope.type not in COMPREHENSIONS]

    def is_in_module_scope(self, node: Node) -> bool:
        """Return whether a node runs in the module's own scope, including inside `if` and `try`."""
        return self.scopes_of(node)[-1] == self.root

    def scope(self, node: Node) -> str:
        """Return the dotted names of the classes and functions that enclose a node; empty at module level.

        A function's decorators, defaults and annotations are outside it. Comprehensions and lambdas have no
        name.
        """
        return ".".join(self._labels(self.scopes_of(node)))

    def _labels(self, scopes: list[Node]) -> list[str]:
        names = (scope.child_by_field_name("name") for scope in scopes)
        return [self.text(name) for name in names if name is not None]

    def lookup(self, node: Node) -> tuple[Binding, ...]:
        """Return the bindings to which an identifier refers, all in one scope; empty if it is unbound."""
        return self.find(self.text(node), self.scopes_of(node), node.start_byte)

    def find(self, name: str, scopes: list[Node], offset: int) -> tuple[Binding, ...]:
        """Return the bindings of `name` that are visible from the innermost of `scopes` at a byte offset."""
        sees_class = True
        for scope in reversed(scopes):
            if scope.type == "class_definition" and not sees_class:
                continue
            # The body of a class is hidden from its functions, but not from their type parameters.
            sees_class = sees_class and scope.type == TYPE_PARAMETERS
            index = self._read(name, scope)
            if index.declared.get(scope.id) == "global":
                return tuple(self._read(name).by_scope.get(self.root.id, ()))
            here = tuple(index.by_scope.get(scope.id, ()))
            if scope.type == "class_definition":
                # Before a class body binds a name, the name refers to the enclosing binding.
                here = tuple(b for b in here if _bound_from(b) <= offset)
            if here:
                return here
        return ()

    def resolve(self, node: Node) -> tuple[str, ...]:
        """Return the full dotted names to which an identifier, attribute chain or dotted pattern may refer.

        Imports resolve to their targets, module-level definitions to `module.name`, names in class bodies to
        `module.Class.name`, and the first parameter of a method to its class. Several bindings in one scope
        (try and except ImportError) give several names. Locals, parameters, builtins and unbound names give
        none.
        """
        found = split_chain(node)
        if found is None:
            return ()
        head, rest = found
        tail = "".join("." + self.text(part) for part in rest)
        return tuple(base + tail for base in self.expand(self.lookup(head)))

    def expand(self, bound: tuple[Binding, ...]) -> tuple[str, ...]:
        """Return the distinct full names of bindings, imports first."""
        imported, own = self.meanings(bound)
        return tuple(dict.fromkeys((*imported, *own)))

    def meanings(self, bound: tuple[Binding, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the distinct full names of bindings: those of imports, and those of own definitions.

        The names of one scope's bindings are stored, because a file may bind and read a name thousands of
        times.
        """
        known = self._meanings.get(id(bound))
        if known is not None and known[0] is bound:
            return known[1]
        imported = dict.fromkeys(b.target for b in bound if b.target)
        own = dict.fromkeys(full for b in bound if (full := self._full(b)) is not None)
        found = tuple(imported), tuple(own)
        if len(bound) > _FEW and bound[0].scope.type != "class_definition":
            self._meanings[id(bound)] = bound, found
        return found

    def _full(self, binding: Binding) -> str | None:
        if binding.kind == "import":
            return None
        around = self.scopes_of(binding.scope) if binding.scope != self.root else [self.root]
        scopes = [scope for scope in around if scope.type != TYPE_PARAMETERS]
        if binding.kind == "parameter":
            return self._receiver(binding, scopes)
        if binding.scope != self.root:
            scopes = [*scopes, binding.scope]
        if any(scope.type != "class_definition" for scope in scopes[1:]):
            return None
        return ".".join(filter(None, [self.module, *self._labels(scopes), binding.name]))

    def _receiver(self, binding: Binding, scopes: list[Node]) -> str | None:
        """Return the full name of the class for `self` or `cls` (a method's first parameter); else None."""
        function = binding.scope
        if scopes[-1].type != "class_definition" or function.type != "function_definition":
            return None
        parameters = function.child_by_field_name("parameters")
        if parameters is None or not parameters.named_children:
            return None
        first = parameters.named_children[0]
        if first.start_byte != binding.node.start_byte or first.type not in {"identifier", "typed_parameter"}:
            return None
        wrapper = self.enclosing(function, "decorated_definition")
        if wrapper is not None and wrapper.child_by_field_name("definition") == function:
            marks = [self.text(c) for c in wrapper.named_children if c.type == "decorator"]
            if any("staticmethod" in mark for mark in marks):
                return None
        if any(scope.type != "class_definition" for scope in scopes[1:]):
            return None
        return ".".join(filter(None, [self.module, *self._labels(scopes)]))

    def _read(self, name: str, within: Node | None = None) -> _Index:
        """Return the index of a name, built from the whole file or only from the code of one scope.

        All bindings in a scope are inside its code, and most names are local. Indexing every `result` in a
        large file for a single function used to take half of the time of all rules.
        """
        root = self.root
        key = name, root.id
        if key not in self._index and within is not None and within != root:
            key = name, within.id
            if key not in self._index:
                trails = self.trails_within(name, within.start_byte, within.end_byte)
                self._index[key] = self._indexed(name, trails)
        elif key not in self._index:
            self._index[key] = self._indexed(name, self.trails(name))
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
        if self.package and not any(bound.scope == self.root for bound in found):
            found += self._submodules(name)
        by_scope: dict[int, list[Binding]] = {}
        owners = {bound.scope.id for bound in found} - declared.keys()
        placed = tuple(self._redirected(b, declared, owners) for b in found)
        for bound in placed:
            by_scope.setdefault(bound.scope.id, []).append(bound)
        by_node = {bound.node.id: bound for bound in placed}
        grouped = {scope: tuple(bound) for scope, bound in by_scope.items()}
        return _Index(placed, grouped, by_node, declared)

    def _submodules(self, name: str) -> Iterator[Binding]:
        """Yield a binding for each import of a submodule, which makes it an attribute of this package."""
        full = f"{self.module}.{name}".lstrip(".")
        for trail in self.trails(name):
            at = next((i for i, step in enumerate(trail) if step.node.type in IMPORTS), None)
            if at is not None and imported_module(trail, at, self.module, self.package) == full:
                yield Binding(name, "import", trail[-1].node, self.root, trail[at].node, full)

    def _redirected(self, binding: Binding, declared: dict[int, str], owners: Collection[int]) -> Binding:
        """Return a binding in the scope to which a `global` or `nonlocal` statement redirects it.

        `owners` are the scopes that bind the name themselves.
        """
        word = declared.get(binding.scope.id)
        if word is None or binding.scope == self.root:
            return binding
        scope = self.root
        if word == "nonlocal":
            outer = [s for s in self.scopes_of(binding.scope) if s.type in FUNCTIONS]
            owner = (s for s in reversed(outer) if s.id in owners)
            scope = next(owner, outer[0] if outer else scope)
        return Binding(binding.name, binding.kind, binding.node, scope, binding.statement, binding.target)

    def _target(self, trail: Trail, kind: str) -> str | None:
        if kind != "import":
            return None
        around = (s.node for s in reversed(trail) if s.node.type.startswith("import_"))
        statement = next(around, None)
        if statement is None:  # an incomplete import in a text that does not parse
            return None
        imported = trail[-2].node
        if imported.type == "aliased_import":
            name = imported.child_by_field_name("name")
            imported = name if name is not None else imported
        if statement.type == "import_statement":
            return dotted(imported) if trail[-2].node.type == "aliased_import" else self.text(trail[-1].node)
        module = origin(statement, self.module, self.package)
        if module is None:
            return None
        return f"{module}.{dotted(imported)}" if module else dotted(imported)


def _bound_from(binding: Binding) -> int:
    """Return the byte offset from which a class body sees its own binding: after the assigned value."""
    whole = binding.kind in {"assign", "def", "class"}
    return binding.statement.end_byte if whole else binding.node.end_byte


def split_chain(node: Node) -> tuple[Node, list[Node]] | None:
    """Return the first name in an attribute chain and the names after it; None if it starts otherwise."""
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
