"""Follows the value of an expression to determine whether it outlives the function that created it."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.scopes import COMPREHENSIONS, FUNCTIONS, Binding, TrailNode, is_use
from scanner.python.source import Source

_CARRIES = frozenset(
    {
        "parenthesized_expression",
        "await",
        "boolean_operator",
        "list",
        "tuple",
        "set",
        "dictionary",
        "pair",
        "expression_list",
        "list_splat",
        "dictionary_splat",
        "named_expression",
        "assignment",
    }
)
_DEFAULTS = frozenset({"default_parameter", "typed_default_parameter"})
_GROUPS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list"})
_BLOCKS = frozenset({"block", "module"})


@dataclass(frozen=True, slots=True)
class _Use:
    """One use of a local name; it reads values that were bound after the byte offset `since`."""

    node: Node
    since: int

    def sees(self, offset: int) -> bool:
        """Return whether the use may read a value that was bound at this offset."""
        return self.since < offset <= self.node.start_byte


class Flow:
    """Follows values through one file.

    Each local name is examined once, however often it is bound.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._uses: dict[tuple[int, str], list[_Use]] = {}

    def is_stored(self, value: Node) -> bool:
        """Return whether a value is stored anywhere other than in local names.

        A value is stored if it reaches an attribute, an item of a stored object, a module-level or
        class-level name, a `global` or `nonlocal` name, or a default argument, including through local names
        in the same function. Arguments of a call are the callee's responsibility, and `with` binds the result
        of `__enter__`. Where a syntax error hides the enclosing function, nothing counts as stored.
        """
        if self.source.is_displaced(value):
            return False
        pending = [value]
        remaining: dict[tuple[int, str], list[_Use]] = {}  # uses of each local not reached yet
        while pending:
            for target in self._targets(pending.pop()):
                if target is None:
                    return True
                local = self._local(target)
                if local is None:
                    return True
                key = (local.scope.id, local.name)
                uses = remaining[key] if key in remaining else self._uses_of(local)
                remaining[key] = [use for use in uses if not use.sees(target.end_byte)]
                pending += [use.node for use in uses if use.sees(target.end_byte)]
        return False

    def _targets(self, value: Node) -> Iterator[Node | None]:
        """Yield the names to which a value is bound; None if it is certainly stored."""
        trail = self.source.trail(value)
        for index in range(len(trail) - 1, 0, -1):
            parent, step = trail[index - 1].node, trail[index]
            if parent.type in _DEFAULTS and step.field == "value":
                yield None
            target = _target(parent, step, value)
            if target is not None:
                yield from _names(target)
            if not _contains_value(parent, step):
                return

    def _local(self, name: Node) -> Binding | None:
        """Return the binding of a function's own local; None for a name that is visible elsewhere."""
        source = self.source
        bound = source.binding_at(name)
        if bound is None:  # the container whose item is assigned
            found = source.lookup(name)
            own = found and found[0].scope.type in FUNCTIONS and all(b.kind != "parameter" for b in found)
            return found[0] if own else None
        around = [scope for scope in source.scopes(name) if scope.type not in COMPREHENSIONS]
        return bound if bound.scope.type in FUNCTIONS and bound.scope == around[-1] else None

    def _uses_of(self, local: Binding) -> list[_Use]:
        """Return the uses of a local name in its own function."""
        key = (local.scope.id, local.name)
        if key not in self._uses:
            self._uses[key] = list(self._read(local))
        return self._uses[key]

    def _read(self, local: Binding) -> Iterator[_Use]:
        source = self.source
        replaced: dict[int, list[tuple[int, int]]] = {}
        for other in source.bindings_in(local.name, local.scope):
            block = source.enclosing(other.node, *_BLOCKS)
            if block is not None:
                replaced.setdefault(block.id, []).append((other.statement.end_byte, other.node.start_byte))
        for trail in source.trails_within(local.name, local.scope.start_byte, local.scope.end_byte):
            use = trail[-1].node
            inside = [scope for scope in source.scopes(use) if scope.type in FUNCTIONS]
            if not inside or inside[-1] != local.scope or not is_use(trail):
                continue
            since = -1
            for step in trail:
                before = replaced.get(step.node.id, ()) if step.node.type in _BLOCKS else ()
                last = bisect_right(before, (use.start_byte, len(source.data))) - 1
                since = max(since, before[last][1] if last >= 0 else -1)
            yield _Use(use, since)


def _contains_value(parent: Node, step: TrailNode) -> bool:
    """Return whether the value of a part is the value of the whole, or becomes part of it."""
    kind = parent.type
    if kind == "conditional_expression":
        return parent.named_children[1] != step.node
    if kind in {"list_comprehension", "set_comprehension", "dictionary_comprehension"}:
        return step.field == "body"
    if kind == "pair":
        return step.field == "value"
    return kind in _CARRIES


def _target(parent: Node, step: TrailNode, value: Node) -> Node | None:
    """Return the target to which a construct assigns the value of one of its parts."""
    target: Node | None = None
    if parent.type in {"assignment", "augmented_assignment"} and step.field == "right":
        target = parent.child_by_field_name("left")
    elif parent.type == "named_expression" and step.field == "value":
        target = parent.child_by_field_name("name")
    return None if target is None else _matching_target(target, step.node, value)


def _matching_target(target: Node, whole: Node, value: Node) -> Node:
    """Return the target that receives the value in `a, self.b = x(), y()`, or else the whole target."""
    if target.type in _GROUPS and whole.type in {"expression_list", "tuple", "list"}:
        names, values = target.named_children, whole.named_children
        parts = [node.type for node in (*names, *values)]
        if len(names) == len(values) and not {"list_splat_pattern", "list_splat"} & set(parts):
            for name, part in zip(names, values, strict=True):
                if part.start_byte <= value.start_byte and value.end_byte <= part.end_byte:
                    return name
    return target


def _names(target: Node) -> Iterator[Node | None]:
    """Yield names that a target binds or whose items it sets; None for an attribute or an item of a call."""
    pending = [target]
    while pending:
        part = pending.pop()
        if part.type in _GROUPS:
            pending += part.named_children
            continue
        owner: Node | None = part
        while owner is not None and owner.type == "subscript":
            owner = owner.child_by_field_name("value")
        if owner is not None and owner.type == "identifier":
            yield owner
        elif part.type in {"attribute", "subscript"}:
            yield None
