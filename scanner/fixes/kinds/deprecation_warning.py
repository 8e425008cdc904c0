"""Removes deprecation warnings and the code that only they used.

A function that warns of its own deprecation is deleted with the warning if nothing in the tree uses it. If
something does, the warning stays until the callers have changed: otherwise only the measure would be gone.
In a branch or at module level, only the warning goes: the statement, an enclosing `if` that contains nothing
else and has no side effect, local strings that nothing else reads, and imports that become unused. A warning
whose value is used is refused.
"""

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.edits.dead_code import drop_orphaned_imports, find_orphaned_values
from scanner.fixes.edits.removal import block_of, remove_statements, statement_of, statements_in
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.deprecated_functions import deprecated_function, require_unused
from scanner.model import Finding
from scanner.plan import RuleSpec

_WARNS = re.compile(r"DeprecationWarning\b")  # a log message may be about anything
_PURE = frozenset(
    {"identifier", "attribute", "not_operator", "boolean_operator", "comparison_operator", "none", "true"}
    | {
        "false",
        "integer",
        "string",
        "parenthesized_expression",
        "string_start",
        "string_content",
        "string_end",
    }
)


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:  # noqa: ARG001
    """Yield a single change for all removable warnings, because they may share an import."""
    found: dict[Finding, Node] = {}
    for finding in findings:
        try:
            found[finding] = _removable(context, finding)
        except RefusedError as error:
            yield refuse(finding, error)
    if found:
        removed = list({node.id: node for node in found.values()}.values())
        removed = [node for node in removed if not _is_inside(node, removed)]
        removed += find_orphaned_values(context, removed)
        yield ProposedEdit(
            tuple(found), (*remove_statements(context, removed), *drop_orphaned_imports(context, removed))
        )


def _is_inside(node: Node, others: Sequence[Node]) -> bool:
    """Return whether a statement is inside another statement that is removed."""
    return any(
        other.id != node.id and other.start_byte <= node.start_byte and node.end_byte <= other.end_byte
        for other in others
    )


def _removable(context: FixContext, finding: Finding) -> Node:
    """Return the function that a warning announces, if nothing uses it, or else the warning's statement."""
    statement = _statement(context, finding)
    call = context.node(finding, "call")
    warning = statement_of(context, call)
    function = deprecated_function(context, warning) if _WARNS.search(context.text(call)) else None
    if function is None:
        return statement
    require_unused(context, function)
    return statement_of(context, function)


def _statement(context: FixContext, finding: Finding) -> Node:
    """Return the statement that consists only of the warning, or the `if` that encloses it."""
    call = context.node(finding, "call")
    statement = next(context.source.ancestors(call), context.source.root)
    if statement.type != "expression_statement":
        raise RefusedError("its value is used: remove it by hand")
    while (around := _only_question(context, statement)) is not None:
        statement = around
    return statement


def _only_question(context: FixContext, statement: Node) -> Node | None:
    """Return an `if` without `else` that contains only this statement and has no side effect; else None."""
    block = block_of(context, statement)
    around = next(context.source.ancestors(block), None)
    if around is None or around.type != "if_statement" or len(statements_in(block)) != 1:
        return None
    if any(child.type in {"elif_clause", "else_clause"} for child in around.named_children):
        return None
    if any(child.type == "comment" for child in (*block.named_children, *around.named_children)):
        return None
    test = around.child_by_field_name("condition")
    return around if test is not None and _is_pure(test) else None


def _is_pure(node: Node) -> bool:
    return node.type in _PURE and all(_is_pure(child) for child in node.named_children)
