"""Imports of one file changed: a name replaced, added, dropped or merged, where the old one stands."""

from collections.abc import Sequence

from tree_sitter import Node

from scanner.fixes.context import Sheet
from scanner.fixes.cst.import_clauses import Alias, with_names, without_modules
from scanner.fixes.edits.removal import block_of, removed, statements
from scanner.fixes.model import RefusedError
from scanner.fixes.text_edits import Edit, between
from scanner.python.imports import origin
from scanner.python.scopes import Binding

_FROM = "import_from_statement"


def position(statement: Node, binding: Binding) -> int:
    """Which name of its `from` import a binding is, from 0."""
    parts = statement.children_by_field_name("name")
    return next(
        i for i, part in enumerate(parts) if part.start_byte <= binding.node.start_byte < part.end_byte
    )


def is_from(binding: Binding) -> bool:
    """Whether a binding is a name of a `from` import."""
    return binding.kind == "import" and binding.statement.type == _FROM


def is_there(sheet: Sheet, at: Node, local: str, symbol: str, *, runs: bool = True) -> bool:
    """Whether a local name means a symbol at a node; False where it means nothing yet.

    Raises RefusedError where it means something else, or is there for type checkers alone while the program
    `runs` the node.
    """
    bound = sheet.source.lookup_word(local, at)
    if not bound:
        return False
    line = bound[0].node.start_point.row + 1
    if any(symbol not in sheet.source.expand((one,)) for one in bound):
        raise RefusedError(f"{local} already means something else here (line {line})")
    for one in bound:
        around = sheet.source.enclosing(one.node, "if_statement") if runs else None
        if around is not None and "TYPE_CHECKING" in sheet.text(around).partition("\n")[0]:
            raise RefusedError(f"{local} is imported for type checkers alone (line {line})")
        if one.scope != sheet.source.root and one.node.start_byte > at.start_byte:
            raise RefusedError(f"{local} is imported only in line {line}, after this one")
    return True


def rewritten(
    sheet: Sheet, binding: Binding, symbol: str, *, drop: bool, add: bool = True
) -> tuple[Edit, ...]:
    """A `from` import that gives another symbol: beside its old name, or with `drop` instead of it.

    With `add` False the old name is only dropped.
    """
    statement = binding.statement
    module, _, last = symbol.rpartition(".")
    at = position(statement, binding)
    add = add and not _is_imported(sheet, statement, symbol, last)
    if not add:
        return edited(sheet, statement, drop=[at]) if drop else ()
    if origin(statement, sheet.source.module, sheet.source.package) == module:
        return (
            edited(sheet, statement, rename={at: last})
            if drop
            else edited(sheet, statement, add=[Alias(last)])
        )
    if drop and len(statement.children_by_field_name("name")) == 1:
        return edited(sheet, statement, rename={at: last}, module=module)
    alias = Alias(last, binding.name) if drop and _has_alias(statement, at) else Alias(last)
    new = inserted(sheet, statement, module, alias)
    return (*edited(sheet, statement, drop=[at]), *new) if drop else new


def _has_alias(statement: Node, at: int) -> bool:
    return statement.children_by_field_name("name")[at].type == "aliased_import"


def _is_imported(sheet: Sheet, statement: Node, symbol: str, last: str) -> bool:
    """Whether the same scope imports a symbol by its own name already."""
    bound = sheet.source.lookup_word(last, statement)
    return bool(bound) and all(b.target == symbol and b.node.start_byte < statement.end_byte for b in bound)


def edited(
    sheet: Sheet,
    statement: Node,
    *,
    drop: Sequence[int] = (),
    rename: dict[int, str] | None = None,
    add: Sequence[Alias] = (),
    module: str = "",
) -> tuple[Edit, ...]:
    """One import changed by LibCST; taken out where no name is left. `import` can only lose modules."""
    text = sheet.text(statement)
    is_plain = statement.type == "import_statement"
    new = without_modules(text, drop) if is_plain else with_names(text, drop, rename or {}, add, module)
    if not new:
        if sheet.source.enclosing(statement, "try_statement") is not None:
            raise RefusedError("the import stands in a try, where it may be a test of what can be had")
        return removed(sheet, [statement])
    return tuple(edit.moved(statement.start_byte) for edit in between(text.encode(), new.encode()))


def inserted(sheet: Sheet, statement: Node, module: str, alias: Alias) -> tuple[Edit, ...]:
    """A new `from` import in the line after a statement."""
    source = sheet.source
    name = f"{alias.name} as {alias.local}" if alias.local else alias.name
    text = f"from {module} import {name}".encode()
    data = source.data
    start, end = (
        sheet.line_start(statement.start_byte),
        sheet.next_line(max(statement.start_byte, statement.end_byte - 1)),
    )
    indent = data[start : statement.start_byte]
    every = statements(block_of(sheet, statement))
    shares = any(
        other.id != statement.id and sheet.line_start(other.start_byte) < end and other.end_byte > start
        for other in every
        if other.start_byte < end and other.end_byte > start
    )
    if shares or indent.strip():
        return (Edit(statement.end_byte, statement.end_byte, b"; " + text),)
    if not data[:end].endswith(b"\n"):
        return (Edit(end, end, sheet.newline() + indent + text),)
    return (Edit(end, end, indent + text + sheet.newline()),)


def new_import(sheet: Sheet, symbol: str) -> tuple[Edit, ...]:
    """A new import behind the last one of the file; before all code where there is none."""
    module, _, last = symbol.rpartition(".")
    tops = [
        n for n in statements(sheet.source.root) if n.type.endswith(_FROM) or n.type == "import_statement"
    ]
    future = [n for n in statements(sheet.source.root) if n.type == "future_import_statement"]
    if tops or future:
        return inserted(sheet, (tops or future)[-1], module, Alias(last))
    every = statements(sheet.source.root)
    first = every[0] if every else None
    if (
        first is not None
        and first.type == "expression_statement"
        and first.named_children[0].type == "string"
    ):
        return inserted(sheet, first, module, Alias(last))
    at = sheet.line_start(first.start_byte) if first is not None else len(sheet.source.data)
    return (Edit(at, at, f"from {module} import {last}".encode() + sheet.newline()),)
