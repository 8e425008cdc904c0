"""The definition of a deprecated name and what only served it, taken out once nothing in the tree uses it."""

from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import Change, Outcome, Sheet
from scanner.fixes.edits.dead_code import uses_of, with_imports
from scanner.fixes.edits.removal import removed, statement_of
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.reexports import listed
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.python.scopes import Binding
from scanner.wording import counted


def definitions(sheet: Sheet, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """One change that takes out every definition which nothing needs, and a refusal for each other one."""
    gone: dict[Finding, Node] = {}
    for finding in findings:
        try:
            gone[finding] = _statement(sheet, finding)
            _require_free(sheet, spec, finding)
        except RefusedError as error:
            gone.pop(finding, None)
            yield refuse(finding, error)
    while late := next(((f, use) for f in gone if (use := _used(sheet, f, gone)) is not None), None):
        finding, use = late
        del gone[finding]
        yield refuse(finding, RefusedError(f"line {use.start_point.row + 1} still uses it", waits=True))
    if not gone:
        return
    try:
        statements = [*gone.values(), *_backing(sheet, list(gone.values()))]
        statements = list({statement.id: statement for statement in statements}.values())
        exports = [e for f in gone for e in listed(sheet, f.symbol.rpartition(".")[2], "")]
        edits = (*removed(sheet, statements), *exports, *with_imports(sheet, statements))
        yield Change(tuple(gone), tuple(dict.fromkeys(edits)))
    except RefusedError as error:
        yield from (refuse(finding, error) for finding in gone)


def _statement(sheet: Sheet, finding: Finding) -> Node:
    """The whole statement of a definition, decorators included."""
    around = sheet.at(
        finding, "function_definition", "class_definition", "assignment", "import_from_statement"
    )
    if around.type == "assignment":
        left = around.child_by_field_name("left")
        right = around.child_by_field_name("right")
        if left is None or left.type != "identifier" or (right is not None and right.type == "assignment"):
            raise RefusedError("it is assigned together with something else: take it out by hand")
    if around.type == "import_from_statement":
        raise RefusedError("the module has it from elsewhere: take the import out by hand")
    return statement_of(sheet, around)


def _require_free(sheet: Sheet, spec: RuleSpec, finding: Finding) -> None:
    """Raise RefusedError where another file of the tree still needs the name."""
    others = [f for f in sheet.draft.findings_of(spec.id, finding.symbol) if f.path != finding.path]
    if others:
        files = len({f.path for f in others})
        first = f"{others[0].path}:{others[0].line}"
        places = f"{counted(len(others), 'place')} in {counted(files, 'other file')}"
        raise RefusedError(f"{places} still use it, the first is {first}", waits=True)
    module, _, last = finding.symbol.rpartition(".")
    takers = sheet.draft.takers(module, last, sheet.source.path, texts=True)
    if takers:
        raise RefusedError(f"{takers[0]} still names {last} in a text, or does not parse", waits=True)


def _bound(sheet: Sheet, finding: Finding) -> Sequence[Binding]:
    last = finding.symbol.rpartition(".")[2]
    return sheet.source.bindings_in(last, sheet.source.root)


def _used(sheet: Sheet, finding: Finding, gone: dict[Finding, Node]) -> Node | None:
    """The first use of a definition outside everything that goes with it."""
    for bound in _bound(sheet, finding):
        for node in uses_of(sheet, bound):
            if not _within(gone.values(), node):
                return node
    return None


def _within(statements: Iterable[Node], node: Node) -> bool:
    return any(s.start_byte <= node.start_byte < s.end_byte for s in statements)


def _backing(sheet: Sheet, gone: Sequence[Node]) -> list[Node]:
    """Globals that only the definitions fill and read, assigned a plain constant at the top."""
    found: list[Node] = []
    for statement in gone:
        for word in _declared(sheet, statement):
            bound = sheet.source.bindings_in(word, sheet.source.root)
            outside = [b for b in bound if not _within(gone, b.node)]
            used = any(not _within(gone, node) for b in bound for node in uses_of(sheet, b))
            if len(outside) != 1 or used or word in (sheet.source.exported or ()):
                continue
            assignment = outside[0].statement
            right = assignment.child_by_field_name("right") if assignment.type == "assignment" else None
            plain = right is None or right.type in {"none", "true", "false", "integer", "string"}
            if plain and not sheet.draft.takers(sheet.source.module, word, sheet.source.path, texts=True):
                found.append(statement_of(sheet, assignment))
    return found


def _declared(sheet: Sheet, statement: Node) -> Iterator[str]:
    """The names that functions in a statement declare global."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        if node.type == "global_statement":
            yield from (sheet.text(child) for child in node.named_children if child.type == "identifier")
        waiting += node.named_children
