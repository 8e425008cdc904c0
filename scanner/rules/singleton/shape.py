"""The shapes of a singleton, one a file: what each finds is a Shape, and the rule decides what to report."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.inference import Classes
from scanner.python.source import Source

_MAIN = "__main__"
_BLOCKS = frozenset({"if_statement", "try_statement", "with_statement", "for_statement", "while_statement"})
_CLAUSES = frozenset(
    {"block", "else_clause", "elif_clause", "except_clause", "except_group_clause", "finally_clause"}
)


@dataclass(frozen=True, slots=True)
class Shape:
    """One place that keeps an instance: the nodes that the place runs over, and the classes it may be of.

    `asks` names what another file must say before the place counts: (topic, full dotted name). `declared`
    says that it stands as fields of records stand, which are not shared although a class holds them.
    """

    role: str
    start: Node
    end: Node
    symbol: str
    classes: Classes
    asks: tuple[str, str] | None = None
    declared: bool = False


def statements(source: Source, body: Node) -> Iterator[Node]:
    """The simple statements, classes and functions that run in a body, `if` and `try` opened.

    What stands under `if __name__ == "__main__":` runs for one process alone and is left out.
    """
    for child in body.named_children:
        if child.type == "decorated_definition":
            inner = child.child_by_field_name("definition")
            if inner is not None:
                yield inner
        elif child.type in _BLOCKS or child.type in _CLAUSES:
            if not (child.type == "if_statement" and _is_main(source, child)):
                yield from statements(source, child)
            else:
                yield from (
                    s
                    for part in child.children_by_field_name("alternative")
                    for s in statements(source, part)
                )
        elif child.type == "expression_statement":
            yield from child.named_children
        else:
            yield child


def _is_main(source: Source, statement: Node) -> bool:
    condition = statement.child_by_field_name("condition")
    text = "" if condition is None else source.text(condition)
    return _MAIN in text and "__name__" in text


def targets(assignment: Node) -> Iterator[tuple[Node, Node]]:
    """Each (target, value) of an assignment, `a = b = x` and `a, b = x, y` taken apart."""
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if left is None or right is None:
        return
    if right.type == "assignment":
        last = right
        while last.type == "assignment":
            below = last.child_by_field_name("right")
            if below is None:
                break
            last = below
        yield left, last
        yield from targets(right)
    elif left.type in {"pattern_list", "tuple_pattern"} and right.type in {"expression_list", "tuple"}:
        if left.named_child_count == right.named_child_count:
            yield from zip(left.named_children, right.named_children, strict=True)
    else:
        yield left, right
