"""Edits imports in place: replaces, adds, drops or merges names."""

from collections.abc import Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.cst.import_clauses import Alias, drop_modules
from scanner.fixes.edits.import_names import Comments, ImportNames, placement_pragma
from scanner.fixes.edits.removal import block_of, remove_statements, statements_in
from scanner.fixes.model import RefusedError
from scanner.fixes.text_edits import Edit, are_compatible, edits_between
from scanner.python.imports import IMPORTS, origin
from scanner.python.scopes import Binding

NO_COMMENTS = Comments()
_FROM = "import_from_statement"


class NameTakenError(RefusedError):
    """A name that means something else at one place, although it may be free at others."""


def find_position(statement: Node, binding: Binding) -> int:
    """Return the index of a binding among the names in its `from` import."""
    parts = statement.children_by_field_name("name")
    return next(
        i for i, part in enumerate(parts) if part.start_byte <= binding.node.start_byte < part.end_byte
    )


def is_from(binding: Binding) -> bool:
    """Return whether a binding is a name imported with `from`."""
    return binding.kind == "import" and binding.statement.type == _FROM


def already_means(
    context: FixContext, at: Node, local: str, symbol: str, *, runs: bool = True, old: Binding | None = None
) -> bool:
    """Return whether a local name refers to a symbol at a node; False if the name is not bound there.

    Raises RefusedError if it refers to something else, or if it is imported only for type checkers although
    the node runs (`runs`). It may be imported below the node if that is in the same scope as `old`, an import
    that the new one joins or replaces.
    """
    bound = context.source.lookup_word(local, at)
    around = None if runs else context.source.enclosing(at, "class_definition", "function_definition")
    if around is not None and around.type == "class_definition":
        # An annotation in quotes is read once the class exists, and then sees all of its names.
        bound = (*context.source.bindings_in(local, around), *bound)
    if not bound:
        return symbol == f"builtins.{local}"
    line = bound[0].node.start_point.row + 1
    if any(symbol not in context.source.expand((one,)) for one in bound):
        raise NameTakenError(f"{local} already refers to something else here (line {line})")
    for one in bound:
        around = context.source.enclosing(one.node, "if_statement") if runs else None
        if around is not None and "TYPE_CHECKING" in context.text(around).partition("\n")[0]:
            raise RefusedError(f"{local} is imported for type checkers only (line {line})")
        joined = old is not None and old.scope == one.scope and old.node.start_byte < at.start_byte
        if one.scope != context.source.root and one.node.start_byte > at.start_byte and not joined:
            raise RefusedError(f"{local} is imported only on line {line}, after this use")
    return True


def replace_import(
    context: FixContext, binding: Binding, symbol: str, *, drop: bool, add: bool = True
) -> tuple[Edit, ...]:
    """Return the edits that import another symbol, beside the old name or, with `drop`, instead of it.

    If `add` is False, the old name is only dropped.
    """
    statement = binding.statement
    module, _, last = symbol.rpartition(".")
    at = find_position(statement, binding)
    add = add and not is_imported(context, statement, symbol)
    if not add:
        return edit_import(context, statement, drop=[at]) if drop else ()
    if origin(statement, context.source.module, context.source.package) == module:
        return (
            edit_import(context, statement, rename={at: last})
            if drop
            else edit_import(context, statement, add=[Alias(last)])
        )
    if not drop:
        return insert_import(context, statement, module, Alias(last))
    if (near := find_import_of(context, binding, module)) is not None:
        alias = Alias(last, binding.name if _has_alias(statement, at) and binding.name != last else "")
        more = edit_import(context, near, add=[alias], comments=comments_of(context, statement, at))
        return (*edit_import(context, statement, drop=[at]), *more)
    if len(statement.children_by_field_name("name")) == 1:
        return edit_import(context, statement, rename={at: last}, module=module)
    alias = Alias(last, binding.name if _has_alias(statement, at) and binding.name != last else "")
    new = insert_import(context, statement, module, alias, comments_of(context, statement, at))
    return (*edit_import(context, statement, drop=[at]), *new)


def replace_imports(
    context: FixContext, bindings: Sequence[Binding], symbol: str, *, drop: bool
) -> list[Edit]:
    """Return the edits to all imports that bind one name, of which no two add to the end of the same import.

    Where two would, the first one with comments adds the symbol, and the other one is only dropped.
    """

    def has_no_comments(binding: Binding) -> bool:
        return not comments_of(context, binding.statement, find_position(binding.statement, binding))

    found: list[Edit] = []
    for one in sorted(bindings, key=has_no_comments):
        edits = replace_import(context, one, symbol, drop=drop)
        if not are_compatible(edits, found):
            edits = replace_import(context, one, symbol, drop=drop, add=False)
        found += edits
    return found


def find_import_of(context: FixContext, bound: Binding, module: str) -> Node | None:
    """Return an import of names from a module that can take over a binding.

    It is in the same block, above the binding's import or separated from it by nothing but imports.
    """
    is_below = False
    for other in statements_in(block_of(context, bound.statement)):
        if other == bound.statement:
            is_below = True
        elif is_below and other.type not in IMPORTS:
            return None  # code in between might need the name, directly or through a function
        elif other.type == _FROM and _names_from(context, other) == module:
            return other
    return None


def _names_from(context: FixContext, statement: Node) -> str | None:
    """Return the module from which a statement imports names; None if it imports them with a star."""
    if not statement.children_by_field_name("name"):
        return None
    return origin(statement, context.source.module, context.source.package)


def comments_of(context: FixContext, statement: Node, at: int) -> Comments:
    """Return the comments that a name takes along if it moves from a `from` import to another one."""
    return _names_in(context, statement).comments(at, _comment_behind(context, statement))


def _comment_behind(context: FixContext, statement: Node) -> str:
    """Return the comment on the line on which a statement ends, or an empty string."""
    end = context.next_line(max(statement.start_byte, statement.end_byte - 1))
    rest = context.source.data[statement.end_byte : end].decode().strip()
    return rest if rest.startswith("#") else ""


def _names_in(context: FixContext, statement: Node, text: str = "") -> ImportNames:
    before = context.source.data[context.line_start(statement.start_byte) : statement.start_byte].decode()
    indent = "" if before.strip() else before
    return ImportNames(text or context.text(statement), indent, context.newline().decode())


def _has_alias(statement: Node, at: int) -> bool:
    return statement.children_by_field_name("name")[at].type == "aliased_import"


def is_imported(context: FixContext, statement: Node, symbol: str) -> bool:
    """Return whether a symbol has its own name at an import already, as an earlier import or as a builtin."""
    bound = context.source.lookup_word(symbol.rpartition(".")[2], statement)
    if not bound and symbol.startswith("builtins."):
        return True
    return bool(bound) and all(b.target == symbol and b.node.start_byte < statement.end_byte for b in bound)


def edit_import(
    context: FixContext,
    statement: Node,
    *,
    drop: Sequence[int] = (),
    rename: dict[int, str] | None = None,
    add: Sequence[Alias] = (),
    module: str = "",
    comments: Comments = NO_COMMENTS,
) -> tuple[Edit, ...]:
    """Return the edits to one import, which is removed if no name remains.

    `comments` are those of the new name. From an `import` statement, modules can only be dropped.
    """
    new = text = context.text(statement)
    if statement.type == "import_statement":
        new = drop_modules(text, drop)
    else:
        for at, name in (rename or {}).items():
            new = _names_in(context, statement, new).rename(at, name)
        for alias in add:
            new = _names_in(context, statement, new).add(alias, comments)
        for at in sorted(drop, reverse=True):
            new = _names_in(context, statement, new).drop(at) if new else ""
        if module and new:
            new = _names_in(context, statement, new).import_from(module)
    if not new:
        if context.source.enclosing(statement, "try_statement") is not None:
            raise RefusedError("the import is inside a try, where it may test for a package")
        return remove_statements(context, [statement])
    return tuple(edit.moved(statement.start_byte) for edit in edits_between(text.encode(), new.encode()))


def insert_import(
    context: FixContext,
    statement: Node,
    module: str,
    alias: Alias | None,
    comments: Comments = NO_COMMENTS,
) -> tuple[Edit, ...]:
    """Return the edit that adds an import of a name, with its comments, or of the module itself."""
    source = context.source
    text = f"import {module}".encode()
    if alias is not None:
        name = f"{alias.name} as {alias.local}" if alias.local else alias.name
        text = f"from {module} import {name}".encode()
    data = source.data
    start, end = (
        context.line_start(statement.start_byte),
        context.next_line(max(statement.start_byte, statement.end_byte - 1)),
    )
    indent = data[start : statement.start_byte]
    every = statements_in(block_of(context, statement))
    shares = any(
        other.id != statement.id and context.line_start(other.start_byte) < end and other.end_byte > start
        for other in every
        if other.start_byte < end and other.end_byte > start
    )
    if shares or indent.strip():
        if comments:
            raise RefusedError("a comment would be lost: change the code by hand")
        return (Edit(statement.end_byte, statement.end_byte, b"; " + text),)
    behind = comments.behind or placement_pragma(_comment_behind(context, statement))
    above = (comment.encode() + context.newline() + indent for comment in comments.above)
    text = b"".join(above) + text + (f"  {behind}".encode() if behind else b"")
    if not data[:end].endswith(b"\n"):
        return (Edit(end, end, context.newline() + indent + text),)
    return (Edit(end, end, indent + text + context.newline()),)


def append_import(context: FixContext, symbol: str) -> tuple[Edit, ...]:
    """Return the edit that adds an import after the last import in the file, or before all code."""
    module, _, last = symbol.rpartition(".")
    tops = [
        n
        for n in statements_in(context.source.root)
        if n.type.endswith(_FROM) or n.type == "import_statement"
    ]
    future = [n for n in statements_in(context.source.root) if n.type == "future_import_statement"]
    if tops or future:
        return insert_import(context, (tops or future)[-1], module, Alias(last))
    every = statements_in(context.source.root)
    first = every[0] if every else None
    if (
        first is not None
        and first.type == "expression_statement"
        and first.named_children[0].type == "string"
    ):
        return insert_import(context, first, module, Alias(last))
    at = context.line_start(first.start_byte) if first is not None else len(context.source.data)
    return (Edit(at, at, f"from {module} import {last}".encode() + context.newline()),)
