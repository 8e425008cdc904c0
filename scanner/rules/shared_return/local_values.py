"""Determines which assignments to a local name may provide its value at a later use."""

from tree_sitter import Node

from scanner.python.scopes import Binding
from scanner.python.source import Source


def reaching_bindings(source: Source, bound: tuple[Binding, ...], use: Node) -> list[Binding]:
    """Return the bindings that a use of a local name may read: those since the last unconditional one."""
    found: list[Binding] = []
    for binding in sorted(bound, key=lambda b: b.node.start_byte):
        if binding.statement.end_byte > use.start_byte:
            break
        if binding.kind == "assign" and binding.statement.type == "assignment":
            if always_runs_before(source, binding.statement, use):
                found.clear()
            found.append(binding)
        elif binding.kind == "walrus":
            found.append(binding)
    return found


def always_runs_before(source: Source, statement: Node, use: Node) -> bool:
    """Return whether an earlier statement has always run before a later use: its block contains the use."""
    block = source.enclosing(statement, "block", "module")
    return block is not None and any(above == block for above in source.ancestors(use))
