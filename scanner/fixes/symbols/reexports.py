"""Fixes imports of a deprecated name that the importing file does not use, or only re-exports."""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.cst.import_clauses import drop_item
from scanner.fixes.edits.imports import edit_import, find_position, is_from, replace_import
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.conditions import keeps_object
from scanner.fixes.symbols.doctests import example_line
from scanner.fixes.symbols.lookups import own_lookup
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.text_edits import Edit, edits_between
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.python.annotations import uses_of
from scanner.python.scopes import Binding


def remove_unused_import(context: FixContext, spec: RuleSpec, finding: Finding) -> Outcome:
    """Drop an unused import.

    If strings refer to it, as for `mock.patch`, import the new name instead.
    """
    try:
        bound = _binding(context, finding)
        if bound.scope.type == "class_definition":
            raise RefusedError(f"{bound.name} is an attribute of the class, which other code may use")
        if bound.scope == context.source.root and (line := example_line(context, bound.name)):
            raise RefusedError(f"the example on line {line} still uses it: change it by hand")
        if bound.scope == context.source.root and (line := own_lookup(context, bound.name)):
            raise RefusedError(f"line {line} looks {bound.name} up by its name")
        if bound.scope == context.source.root and context.workspace.string_mentions(
            context.source.module, bound.name
        ):
            target = Replacement.of(context, spec)
            return ProposedEdit((finding,), replace_import(context, bound, target.symbol, drop=True))
        return ProposedEdit(
            (finding,), edit_import(context, bound.statement, drop=[find_position(bound.statement, bound)])
        )
    except RefusedError as error:
        return refuse(finding, error)


def fix_reexports(
    context: FixContext, target: Replacement, symbol: str, findings: Sequence[Finding]
) -> Iterator[Outcome]:
    """Yield a change for each re-export, once no other file imports the old name through it."""
    for finding in findings:
        try:
            yield _fix_reexport(context, target, symbol, finding)
        except RefusedError as error:
            yield refuse(finding, error)


def _fix_reexport(context: FixContext, target: Replacement, symbol: str, finding: Finding) -> Outcome:
    bound = _binding(context, finding)
    if bound.name != symbol.rpartition(".")[2]:
        reason = f"it is re-exported as {bound.name}, a name whose meaning would change"
        raise RefusedError(reason, waits=True)  # it is unused once no other file imports it
    importers = context.workspace.importers(context.source.module, bound.name, context.source.path)
    if importers and not keeps_object(context, target, symbol, bound.name):
        raise RefusedError(
            f"{importers[0]} imports {bound.name} from this file: fix that file first", waits=True
        )
    if next(iter(uses_of(context.source, bound)), None) is not None:
        raise RefusedError("the file also uses it: fix its uses first", waits=True)
    every = context.source.bindings_in(target.last, context.source.root)
    new = [b for b in every if b.node != bound.node]
    if any(b.target != target.symbol for b in new):
        raise RefusedError(
            f"{target.last} already refers to something else here (line {new[0].node.start_point.row + 1})"
        )
    imports = replace_import(context, bound, target.symbol, drop=True)
    # A builtin is no attribute of this module.
    exported = "" if target.symbol.startswith("builtins.") else target.last
    return ProposedEdit((finding,), (*imports, *edit_exports(context, bound.name, exported)))


def edit_exports(context: FixContext, old: str, new: str) -> tuple[Edit, ...]:
    """Return the edits that replace a name in `__all__`; if the new name is empty, the old one is removed."""
    edits: list[Edit] = []
    for node in context.source.strings(old):
        if context.source.constant(node) != old or not _is_export(context, node):
            continue
        around = next(context.source.ancestors(node), None)
        if new and new not in (context.source.exported or ()):
            content = next(child for child in node.named_children if child.type == "string_content")
            edits.append(Edit(content.start_byte, content.end_byte, new.encode()))
        elif around is not None:
            text = context.text(around)
            less = drop_item(text, old)
            edits += [edit.moved(around.start_byte) for edit in edits_between(text.encode(), less.encode())]
    return tuple(edits)


def _is_export(context: FixContext, node: Node) -> bool:
    """Return whether a string is part of `__all__`."""
    for above in context.source.ancestors(node):
        if above.type in {"assignment", "augmented_assignment"}:
            left = above.child_by_field_name("left")
            return left is not None and context.text(left) == "__all__"
        if above.type == "call":
            function = above.child_by_field_name("function")
            return function is not None and context.text(function).startswith("__all__.")
    return False


def _binding(context: FixContext, finding: Finding) -> Binding:
    part = context.node(finding)
    if part.type == "wildcard_import":
        raise RefusedError("it comes from a star import: import it by name first")
    local = part.child_by_field_name("alias") or (part.named_children[-1] if part.named_children else part)
    bound = context.source.binding_at(local)
    if bound is None or not is_from(bound):
        raise RefusedError("it imports a whole module: change it by hand")
    return bound


def refuse_import(context: FixContext, finding: Finding) -> Outcome:
    """Refuse an import that imports a module, or whose uses could not be fixed."""
    node = context.at(finding, "import_from_statement", "import_statement")
    if node.type == "import_statement":
        return refuse(finding, RefusedError("it imports a whole module: change it by hand"))
    start, end = (
        context.offset(finding.line, finding.column),
        context.offset(finding.end_line, finding.end_column),
    )
    identifiers = (child for part in node.children_by_field_name("name") for child in _identifiers(part))
    for identifier in identifiers:
        bound = context.source.binding_at(identifier) if start <= identifier.start_byte < end else None
        use = next(uses_of(context.source, bound), None) if bound is not None else None
        if use is not None:
            return refuse(finding, RefusedError(f"line {use.start_point.row + 1} still uses it", waits=True))
    return refuse(finding, RefusedError("its uses in this file could not be fixed", waits=True))


def _identifiers(part: Node) -> list[Node]:
    """Return the identifiers in one imported name, including its alias."""
    alias = part.child_by_field_name("alias")
    return [*part.named_children[-1:], *([alias] if alias is not None else [])]
