"""Where the value of an expression goes: whether it outlives the function that made it."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.scopes import COMPREHENSIONS, FUNCTIONS, Binding, Step, Trail
from scanner.syntax import Source

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
        "named_expression",
        "assignment",
    }
)
_DEFAULTS = frozenset({"default_parameter", "typed_default_parameter"})
_GROUPS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list"})
_BLOCKS = frozenset({"block", "module"})


def is_stored(source: Source, node: Node, seen: frozenset[int] = frozenset()) -> bool:
    """Whether the value of `node` is kept by more than a local name.

    Kept are values that reach an attribute, an item of such an object, a module or class level name, a name
    under `global` or `nonlocal`, or a default argument; also by way of local names of the same function. The
    argument of a call is the callee's business, and `with` binds what `__enter__` returns.
    """
    trail = source.trail(node)
    for index in range(len(trail) - 1, 0, -1):
        parent, step = trail[index - 1].node, trail[index]
        if parent.type in _DEFAULTS and step.field == "value":
            return True
        for target in _targets(parent, step, node):
            if _keeps(source, target, seen):
                return True
        if not _carries(parent, step):
            return False
    return False


def _carries(parent: Node, step: Step) -> bool:
    """Whether the value of the part is (part of) the value of the whole."""
    kind = parent.type
    if kind == "conditional_expression":
        return parent.named_children[1] != step.node
    if kind in {"list_comprehension", "set_comprehension", "dictionary_comprehension"}:
        return step.field == "body"
    if kind == "pair":
        return step.field == "value"
    return kind in _CARRIES


def _targets(parent: Node, step: Step, value: Node) -> Iterator[Node]:
    """What a construct assigns the value of one of its parts to."""
    target: Node | None = None
    if parent.type in {"assignment", "augmented_assignment"} and step.field == "right":
        target = parent.child_by_field_name("left")
    elif parent.type == "named_expression" and step.field == "value":
        target = parent.child_by_field_name("name")
    if target is None:
        return
    yield _opposite(target, step.node, value)


def _opposite(target: Node, whole: Node, value: Node) -> Node:
    """In `a, self.b = x(), y()` the one target that gets the value; else all of the target."""
    if target.type in _GROUPS and whole.type in {"expression_list", "tuple", "list"}:
        names, values = target.named_children, whole.named_children
        parts = [node.type for node in (*names, *values)]
        if len(names) == len(values) and not {"list_splat_pattern", "list_splat"} & set(parts):
            for name, part in zip(names, values, strict=True):
                if part.start_byte <= value.start_byte and value.end_byte <= part.end_byte:
                    return name
    return target


def _keeps(source: Source, target: Node, seen: frozenset[int]) -> bool:
    if target.type in _GROUPS:
        return any(_keeps(source, part, seen) for part in target.named_children)
    if target.type == "subscript":
        return _keeps_item(source, target, seen)
    if target.type != "identifier":
        return target.type == "attribute"
    return target.id not in seen and _keeps_name(source, target, seen)


def _keeps_name(source: Source, target: Node, seen: frozenset[int]) -> bool:
    bound = source.binding_at(target)
    if bound is None:
        return False
    around = [scope for scope in source.scopes(target) if scope.type not in COMPREHENSIONS]
    if bound.scope.type not in FUNCTIONS or bound.scope != around[-1]:
        return True  # a module or class level name, or one under global or nonlocal
    return _passes_on(source, bound, target.end_byte, seen | {target.id})


def _keeps_item(source: Source, target: Node, seen: frozenset[int]) -> bool:
    """`x[...] = value` keeps what `x` is: an own local keeps nothing until it is stored itself."""
    owner = target.child_by_field_name("value")
    while owner is not None and owner.type == "subscript":
        owner = owner.child_by_field_name("value")
    if owner is None or owner.type != "identifier":
        return True
    bound = source.lookup(owner)
    local = bound and bound[0].scope.type in FUNCTIONS and all(b.kind != "parameter" for b in bound)
    if not local or owner.id in seen:
        return not local
    return _passes_on(source, bound[0], owner.end_byte, seen | {owner.id})


def _passes_on(source: Source, bound: Binding, offset: int, seen: frozenset[int]) -> bool:
    """Whether the function that owns a local name stores that name further down."""
    for trail in source.trails_within(bound.name, offset, bound.scope.end_byte):
        use = trail[-1].node
        if not any(b.scope == bound.scope for b in source.lookup(use)):
            continue
        inside = [scope for scope in source.scopes(use) if scope.type in FUNCTIONS]
        if not inside or inside[-1] != bound.scope or _is_replaced(source, bound, offset, trail):
            continue
        if is_stored(source, use, seen):
            return True
    return False


def _is_replaced(source: Source, bound: Binding, offset: int, use: Trail) -> bool:
    """Whether another value is surely put under the name between the offset and the use."""
    blocks = {step.node.id for step in use if step.node.type in _BLOCKS}
    for other in source.bindings_in(bound.name, bound.scope):
        if offset <= other.node.start_byte and other.statement.end_byte <= use[-1].node.start_byte:
            block = source.enclosing(other.node, *_BLOCKS)
            if block is not None and block.id in blocks:
                return True
    return False
