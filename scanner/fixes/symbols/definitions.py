"""Removes a deprecated definition that is no longer used, and the code that only served it."""

from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.edits.dead_code import drop_orphaned_imports
from scanner.fixes.edits.removal import remove_statements, statement_of
from scanner.fixes.identity.rebinding import rebindings
from scanner.fixes.identity.tree import model_of
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.doctests import example_of, examples_with
from scanner.fixes.symbols.lookups import require_no_lookup
from scanner.fixes.symbols.reexports import edit_exports
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.python.annotations import uses_of
from scanner.python.scopes import Binding
from scanner.wording import counted


def remove_definitions(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """Yield one change that removes all unused definitions, and a refusal for each of the others."""
    removed: dict[Finding, Node] = {}
    for finding in findings:
        try:
            removed[finding] = _statement(context, finding)
            _require_unused(context, spec, finding)
        except RefusedError as error:
            removed.pop(finding, None)
            yield refuse(finding, error)
    while late := next(
        ((f, use) for f in removed if (use := _find_use(context, f, removed)) is not None), None
    ):
        finding, use = late
        del removed[finding]
        yield refuse(finding, RefusedError(f"line {use.start_point.row + 1} still uses it", waits=True))
    if not removed:
        return
    try:
        statements = [*removed.values(), *_find_backing_globals(context, list(removed.values()))]
        statements = list({statement.id: statement for statement in statements}.values())
        exports = [e for f in removed for e in edit_exports(context, f.symbol.rpartition(".")[2], "")]
        edits = (
            *remove_statements(context, statements),
            *exports,
            *drop_orphaned_imports(context, statements),
        )
        yield ProposedEdit(tuple(removed), tuple(dict.fromkeys(edits)))
    except RefusedError as error:
        yield from (refuse(finding, error) for finding in removed)


def _statement(context: FixContext, finding: Finding) -> Node:
    """Return the complete statement of a definition, including decorators."""
    around = context.at(
        finding, "function_definition", "class_definition", "assignment", "import_from_statement"
    )
    if around.type == "assignment":
        left = around.child_by_field_name("left")
        right = around.child_by_field_name("right")
        if left is None or left.type != "identifier" or (right is not None and right.type == "assignment"):
            raise RefusedError("it is assigned together with something else: remove it by hand")
    if around.type == "import_from_statement":
        raise RefusedError("the module imports it: remove the import by hand")
    return statement_of(context, around)


def _require_unused(context: FixContext, spec: RuleSpec, finding: Finding) -> None:
    """Raise RefusedError if another file in the tree still needs the name."""
    others = [f for f in context.workspace.findings_of(spec.id, finding.symbol) if f.path != finding.path]
    if others:
        files = len({f.path for f in others})
        first = f"{others[0].path}:{others[0].line}"
        uses = f"{counted(len(others), 'use')} in {counted(files, 'other file')}"
        raise RefusedError(f"it is still used: {uses}, the first at {first}", waits=True)
    module, _, last = finding.symbol.rpartition(".")
    importers = context.workspace.importers(module, last, context.source.path, texts=True)
    if importers:
        raise RefusedError(f"{importers[0]} still contains {last} in a string, or does not parse", waits=True)
    if example := example_of(context.workspace, finding.symbol):
        raise RefusedError(f"{example[0]}:{example[1]} still uses it in an example", waits=True)
    for one in rebindings(context.workspace, model_of(context.workspace), finding.symbol):
        if one.how in {"replaced", "assigned"}:
            raise RefusedError(f"{one.path}:{one.line} still replaces it by its name", waits=True)
    require_no_lookup(context, finding.symbol)


def _bound(context: FixContext, finding: Finding) -> Sequence[Binding]:
    last = finding.symbol.rpartition(".")[2]
    return context.source.bindings_in(last, context.source.root)


def _find_use(context: FixContext, finding: Finding, removed: dict[Finding, Node]) -> Node | None:
    """Return the first use of a definition outside all the code that is removed with it."""
    for bound in _bound(context, finding):
        if bound.kind != "import" and not _within(removed.values(), bound.node):
            return bound.node
        for node in uses_of(context.source, bound):
            if not _within(removed.values(), node):
                return node
    for at in examples_with(context, finding.symbol.rpartition(".")[2]):
        if not any(statement.start_byte <= at < statement.end_byte for statement in removed.values()):
            return context.source.above(at, 0)
    return None


def _within(statements: Iterable[Node], node: Node) -> bool:
    return any(s.start_byte <= node.start_byte < s.end_byte for s in statements)


def _find_backing_globals(context: FixContext, removed: Sequence[Node]) -> list[Node]:
    """Return module-level constants that only the removed definitions set and read."""
    found: list[Node] = []
    for statement in removed:
        for word in _declared_globals(context, statement):
            bound = context.source.bindings_in(word, context.source.root)
            outside = [b for b in bound if not _within(removed, b.node)]
            used = any(not _within(removed, node) for b in bound for node in uses_of(context.source, b))
            if len(outside) != 1 or used or word in (context.source.exported or ()):
                continue
            assignment = outside[0].statement
            right = assignment.child_by_field_name("right") if assignment.type == "assignment" else None
            plain = right is None or right.type in {"none", "true", "false", "integer", "string"}
            if plain and not context.workspace.importers(
                context.source.module, word, context.source.path, texts=True
            ):
                found.append(statement_of(context, assignment))
    return found


def _declared_globals(context: FixContext, statement: Node) -> Iterator[str]:
    """Yield the names that functions inside a statement declare as global."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        if node.type == "global_statement":
            yield from (context.text(child) for child in node.named_children if child.type == "identifier")
        waiting += node.named_children
