"""Finds local values and imports that are no longer read once some statements are removed."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.edits.imports import edit_import, find_position
from scanner.fixes.model import RefusedError
from scanner.fixes.text_edits import Edit
from scanner.python.annotations import uses_of
from scanner.python.scopes import FUNCTIONS, Binding

_VALUES = frozenset(
    {"string", "concatenated_string", "identifier", "attribute", "integer", "binary_operator"}
)


def find_orphaned_values(context: FixContext, removed: Sequence[Node]) -> list[Node]:
    """Return the assignments of strings to local names that are read only by these statements."""
    found = []
    for bound in _bindings(context, removed):
        if bound.kind != "assign" or bound.scope.type not in FUNCTIONS:
            continue
        statement = next(context.source.ancestors(bound.statement), None)
        right = bound.statement.child_by_field_name("right")
        left = bound.statement.child_by_field_name("left")
        alone = len(context.source.bindings_in(bound.name, bound.scope)) == 1
        if (
            alone
            and statement is not None
            and statement.type == "expression_statement"
            and left == bound.node
            and right is not None
            and _is_value(right)
            and not _within(removed, statement)
            and _is_read_only_by(context, bound, removed)
        ):
            found.append(statement)
    return found


def drop_orphaned_imports(context: FixContext, removed: Sequence[Node]) -> tuple[Edit, ...]:
    """Return the edits that remove imports used only by these statements."""
    edits: list[Edit] = []
    statements: dict[int, tuple[Node, list[int]]] = {}
    for bound in _bindings(context, removed):
        if (
            bound.kind != "import"
            or _within(removed, bound.node)
            or not _is_read_only_by(context, bound, removed)
        ):
            continue
        if not context.source.package and bound.name not in (context.source.exported or ()):
            whole = bound.statement
            statements.setdefault(whole.id, (whole, []))[1].append(find_position(whole, bound))
    for statement, drop in statements.values():
        with suppress(RefusedError):  # an unused import does no harm
            edits += edit_import(context, statement, drop=drop)
    return tuple(edits)


def _bindings(context: FixContext, removed: Sequence[Node]) -> Iterator[Binding]:
    """Yield the bindings of every name that the statements read, without duplicates."""
    seen: set[int] = set()
    for statement in removed:
        for identifier in _identifiers(statement):
            for bound in context.source.lookup(identifier):
                if bound.node.id not in seen:
                    seen.add(bound.node.id)
                    yield bound


def _identifiers(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part.type == "identifier":
            yield part
        waiting += part.named_children


def _is_read_only_by(context: FixContext, bound: Binding, removed: Sequence[Node]) -> bool:
    """Return whether a binding has uses and all of them are inside the statements."""
    uses = list(uses_of(context.source, bound))
    return bool(uses) and all(_within(removed, node) for node in uses)


def _within(removed: Sequence[Node], node: Node) -> bool:
    return any(each.start_byte <= node.start_byte and node.end_byte <= each.end_byte for each in removed)


def _is_value(node: Node) -> bool:
    if node.type in {"string_start", "string_content", "string_end", "escape_sequence", "interpolation"}:
        return all(_is_value(child) for child in node.named_children if child.type != "type_conversion")
    return node.type in _VALUES and all(_is_value(child) for child in node.named_children)
