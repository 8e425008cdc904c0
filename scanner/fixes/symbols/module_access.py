"""Fixes uses through a module that lacks the replacement: `import a.old` and `a.old.name`."""

from collections.abc import Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.cst.import_clauses import Alias
from scanner.fixes.edits.imports import already_means, edit_import, find_position, insert_import
from scanner.fixes.model import RefusedError
from scanner.fixes.symbols.doctests import example_line
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.text_edits import Edit
from scanner.python.annotations import uses_of
from scanner.python.imports import dotted
from scanner.python.resolver import split_chain
from scanner.python.scopes import Binding


def find_module_import(context: FixContext, node: Node) -> Binding | None:
    """Return the import that provides the module in a chain; None if it cannot be told.

    Several imports may bind the first name: `import a.b` and `import a.c` both bind `a`.
    """
    chain = split_chain(node) if node.type == "attribute" else None
    bound = context.source.lookup(chain[0]) if chain is not None else ()
    if len(bound) == 1:
        return bound[0] if bound[0].kind == "import" else None
    whole = context.text(node)
    fitting = [one for one in bound if _provides(one, whole)]
    return fitting[0] if len(fitting) == 1 and all(_submodule(one) for one in bound) else None


def _submodule(bound: Binding) -> str:
    """Return the `a.b` of an `import a.b` that binds `a`, or the `a` of an `import a`; else empty."""
    if bound.kind != "import" or bound.statement.type != "import_statement":
        return ""
    part = bound.statement.children_by_field_name("name")[find_position(bound.statement, bound)]
    return "" if part.type == "aliased_import" else dotted(part)


def _provides(bound: Binding, chain: str) -> bool:
    """Return whether an `import a.b` is what an attribute chain needs."""
    module = _submodule(bound)
    return bool(module) and f"{chain}.".startswith(f"{module}.")


def _needs(context: FixContext, use: Node, binding: Binding) -> bool:
    """Return whether a use of a name needs one of its imports: no other one provides what it reaches."""
    whole = use
    for above in context.source.ancestors(use):
        if above.type != "attribute" or above.start_byte != use.start_byte:
            break
        whole = above
    chain = context.text(whole)
    others = [one for one in context.source.lookup(use) if one.node != binding.node]
    own, depth = _submodule(binding), 0
    for other in others:
        if other.scope == binding.scope and _provides(other, chain):
            depth = max(depth, len(_submodule(other)))
    return not depth or (f"{chain}.".startswith(f"{own}.") and len(own) >= depth)


def name_directly(context: FixContext, target: Replacement, node: Node, *, late: bool) -> Edit:
    """Return the edit that replaces an attribute chain with the replacement's bare name.

    If the name must be looked up `late`, its full name is used. Raises RefusedError if the name already
    refers to something else, or if a comment would be lost.
    """
    if late:
        _require_free(context, target, node)
    else:
        already_means(context, node, target.last, target.symbol)
    if "#" in context.text(node):
        raise RefusedError("a comment would be lost: change the code by hand")
    return Edit(node.start_byte, node.end_byte, (target.symbol if late else target.last).encode())


def _require_free(context: FixContext, target: Replacement, node: Node) -> None:
    """Raise RefusedError if the first name of the replacement's module means something else at a node."""
    first, dot, _ = target.symbol.partition(".")
    if not dot:
        raise RefusedError(f"{target.symbol} has no module through which it could be looked up")
    for bound in context.source.lookup_word(first, node):
        if bound.kind != "import" or bound.target != first:
            line = bound.node.start_point.row + 1
            raise RefusedError(f"{first} already refers to something else here (line {line})")


def import_replacement(
    context: FixContext, target: Replacement, binding: Binding, chains: Sequence[Node], *, late: bool
) -> tuple[Edit, ...]:
    """Return the edits that import the replacement beside the module or instead of it."""
    statement = binding.statement
    module = target.symbol.rpartition(".")[0]
    there = not late and already_means(context, chains[0], target.last, target.symbol)
    starts = {chain.start_byte for chain in chains}
    needed = any(
        use.start_byte not in starts and _needs(context, use, binding)
        for use in uses_of(context.source, binding)
    ) or bool(binding.scope == context.source.root and example_line(context, binding.name))
    is_exported = binding.scope == context.source.root and (
        binding.name in (context.source.exported or ())
        or bool(context.workspace.importers(context.source.module, binding.name, context.source.path))
    )
    if needed or is_exported or context.source.enclosing(statement, "try_statement") is not None:
        return () if there else _insert(context, target, statement, late=late)
    names = statement.children_by_field_name("name")
    if len(names) == 1 and not there:
        text = f"import {module}".encode() if late else f"from {module} import {target.last}".encode()
        return (Edit(statement.start_byte, statement.end_byte, text),)
    less = edit_import(context, statement, drop=[find_position(statement, binding)])
    return less if there else (*less, *_insert(context, target, statement, late=late))


def _insert(context: FixContext, target: Replacement, statement: Node, *, late: bool) -> tuple[Edit, ...]:
    """Return the edit that imports the replacement, or its module, after a statement."""
    module = target.symbol.rpartition(".")[0]
    return insert_import(context, statement, module, None if late else Alias(target.last))
