"""The statements in a body, unpacked assignments, and the possible values of an expression."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.scopes import FUNCTIONS, Binding
from scanner.python.source import Source

_MAIN = "__main__"
_BLOCKS = frozenset({"if_statement", "try_statement", "with_statement", "for_statement", "while_statement"})
_CLAUSES = frozenset(
    {"block", "else_clause", "elif_clause", "except_clause", "except_group_clause", "finally_clause"}
)
_UNPACKED = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})
_GLOBAL = re.compile(rb"global(?<=\bglobal)[ \t\\\r\n]+([^\n;#]+)")


def statements(source: Source, body: Node) -> Iterator[Node]:
    """Yield the simple statements, classes and functions in a body, including those inside `if` and `try`.

    Blocks under `if __name__ == "__main__":` are excluded, because they run in one process only.
    """
    for child in body.named_children:
        if body == source.root and source.is_displaced(child):
            continue
        if child.type == "decorated_definition":
            inner = child.child_by_field_name("definition")
            if inner is not None:
                yield inner
        elif child.type == "if_statement" and _is_main(source, child):
            for alternative in child.children_by_field_name("alternative"):
                yield from statements(source, alternative)
        elif child.type in _BLOCKS or child.type in _CLAUSES:
            yield from statements(source, child)
        elif child.type == "expression_statement":
            yield from child.named_children
        else:
            yield child


def _is_main(source: Source, statement: Node) -> bool:
    condition = statement.child_by_field_name("condition")
    text = "" if condition is None else source.text(condition)
    return _MAIN in text and "__name__" in text


def targets(assignment: Node) -> Iterator[tuple[Node, Node]]:
    """Yield each (target, value) of an assignment; `a = b = x` and `a, b = x, y` are unpacked."""
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if left is None or right is None:
        return
    if right.type == "assignment":
        yield left, _last_value(right)
        yield from targets(right)
    elif left.type in _UNPACKED and right.type in {"expression_list", "tuple", "list"}:
        if left.named_child_count == right.named_child_count:
            yield from zip(left.named_children, right.named_children, strict=True)
    else:
        yield left, right


def bindings_in_body(source: Source, scope: Node, body: Node) -> Iterator[tuple[Node, Node]]:
    """Yield each (target, value) that the body of a module or class binds, by `=` or by `:=`."""
    for statement in statements(source, body):
        if statement.type == "assignment":
            yield from targets(statement)
    at = source.data.find(b":=", body.start_byte, body.end_byte)
    while at >= 0:
        trail = source.descend(at)
        named = trail[-2].node if len(trail) > 1 else trail[-1].node
        target, value = named.child_by_field_name("name"), named.child_by_field_name("value")
        if named.type == "named_expression" and target is not None and value is not None:
            bound = source.binding_at(target)
            own = bound is not None and bound.scope == scope and source.enclosing(named, *FUNCTIONS) is None
            if own and not source.is_displaced(named) and not _is_in_main(source, named):
                yield target, value
        at = source.data.find(b":=", at + 2, body.end_byte)


def _is_in_main(source: Source, node: Node) -> bool:
    """Return whether a node is in a block under `if __name__ == "__main__":`."""
    return any(above.type == "if_statement" and _is_main(source, above) for above in source.ancestors(node))


def _last_value(assignment: Node) -> Node:
    """Return `x` from `a = b = x`."""
    last = assignment
    while last.type == "assignment":
        below = last.child_by_field_name("right")
        if below is None:
            break
        last = below
    return last


def assigned_values(binding: Binding) -> Iterator[Node]:
    """Yield the expressions that may be the value of a binding."""
    if binding.kind == "assign" and binding.statement.type == "assignment":
        yield from (value for target, value in targets(binding.statement) if target == binding.node)
    elif binding.kind == "walrus" and (value := binding.statement.child_by_field_name("value")) is not None:
        yield value


def alternatives(value: Node) -> Iterator[Node]:
    """Yield the alternatives of a compound expression, one of which is its value."""
    fields: tuple[Node | None, ...] = ()
    match value.type:
        case "conditional_expression":
            fields = (*value.named_children[:1], *value.named_children[2:])
        case "boolean_operator":
            fields = (value.child_by_field_name("left"), value.child_by_field_name("right"))
        case "named_expression":
            fields = (value.child_by_field_name("value"),)
        case "parenthesized_expression" | "await":
            fields = tuple(child for child in value.named_children if child.type != "comment")
    yield from (part for part in fields if part is not None)


def declared_globals(source: Source) -> tuple[str, ...]:
    """Return the distinct names that `global` statements in the file declare."""
    found: dict[str, None] = {}
    for match in _GLOBAL.finditer(source.data):
        statement = source.above(match.start())
        if statement.type == "global_statement":
            found |= dict.fromkeys(
                source.text(name) for name in statement.named_children if name.type == "identifier"
            )
    return tuple(found)
