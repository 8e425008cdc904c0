"""A call of a deprecated function turned into one of its replacement: arguments and `await`."""

from collections.abc import Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.cst.arguments import add_arguments
from scanner.fixes.model import RefusedError
from scanner.fixes.reach.available_values import find_value
from scanner.fixes.reach.bindings import Need
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.text_edits import Edit, edits_between
from scanner.python.calls import keyword
from scanner.python.scopes import COMPREHENSIONS

_NEEDS_NO_BRACKETS = frozenset(
    {"assignment", "return_statement", "expression_statement", "argument_list", "keyword_argument"}
    | {"parenthesized_expression", "augmented_assignment", "named_expression"}
)
_SETUP_METHODS = frozenset({"__init__", "__post_init__", "setUp", "asyncSetUp", "setup_method"})


def edit_call(
    context: FixContext, target: Replacement, old: str, call: Node, *, stored: bool
) -> tuple[Edit, ...]:
    """Everything but the name of a call. Raises RefusedError where it cannot be given what it needs."""
    if stored and target.needs:
        _require_private_owner(context, call)
    return (*_edit_arguments(context, target, call), *_edit_await(context, target, old, call))


def _require_private_owner(context: FixContext, call: Node) -> None:
    """Raise RefusedError where the value is kept by something that more than one request may share."""
    assignment = context.source.enclosing(call, "assignment")
    left = assignment.child_by_field_name("left") if assignment is not None else None
    function = context.source.enclosing(call, "function_definition")
    name = function.child_by_field_name("name") if function is not None else None
    own = context.text(name) if name is not None else ""
    text = context.text(left) if left is not None else ""
    parts = text.split(".")
    if own in _SETUP_METHODS and len(parts) == 2 and parts[0] == "self":
        return
    if context.is_test and len(parts) == 2 and parts[0] == "self":
        return
    where = text if left is not None and len(text) < 60 and "\n" not in text else "something"
    raise RefusedError(f"{where} keeps it where other requests may find it: build it where it is used")


def _edit_arguments(context: FixContext, target: Replacement, call: Node) -> tuple[Edit, ...]:
    given = call.child_by_field_name("arguments")
    nodes = [node for node in given.named_children if node.type != "comment"] if given is not None else []
    if given is not None and given.type != "argument_list":
        nodes = [given]
    keywords = [keyword(context.source, node) for node in nodes if node.type == "keyword_argument"]
    stars = any(node.type in {"list_splat", "dictionary_splat"} for node in nodes)
    places = len(nodes) - len(keywords)
    missing = [need for need in target.needs if need.name not in keywords]
    if stars and target.needs:
        raise RefusedError("it passes * or ** on, so nobody can tell what it gives already")
    by_place = _is_positional(target, nodes, missing)
    if target.signature is not None and not stars:
        names = [*keywords, *(need.name for need in missing)]
        count = len(missing) if by_place else places
        problem = target.signature.problem(count, keywords if by_place else names)
        if problem:
            raise RefusedError(f"{target.last} {problem}")
    elif target.needs and places:
        raise RefusedError(f"it gives arguments, and the tree does not say whether {target.last} takes them")
    if not missing:
        return ()
    found = [find_value(context, call, need) for need in missing]
    text = context.text(call)
    if by_place:
        new = add_arguments(text, [one.text for one in found], [])
    else:
        pairs = [(need.name, one.text) for need, one in zip(missing, found, strict=True)]
        new = add_arguments(text, [], pairs)
    edits = tuple(edit.moved(call.start_byte) for edit in edits_between(text.encode(), new.encode()))
    return (*edits, *(edit for one in found for edit in one.edits))


def _is_positional(target: Replacement, nodes: Sequence[Node], missing: Sequence[Need]) -> bool:
    """Whether the arguments are the first that the replacement takes, and the call gives no others."""
    if nodes or target.signature is None or target.signature.parameters is None:
        return False
    first = target.signature.parameters[: len(missing)]
    return [p.name for p in first if p.kind in {"place", "either"}] == [need.name for need in missing]


def _edit_await(context: FixContext, target: Replacement, old: str, call: Node) -> tuple[Edit, ...]:
    """The `await` put on or taken off as the replacement needs it; left where the tree does not say."""
    new = target.signature
    if new is None:
        return ()
    was = context.workspace.signature(old)
    outer = call
    above = next(context.source.ancestors(call), None)
    while above is not None and above.type == "parenthesized_expression":
        outer, above = above, next(context.source.ancestors(above), None)
    is_awaited = above is not None and above.type == "await"
    if not new.is_async:
        if is_awaited and above is not None and (was is None or was.is_async):
            return (Edit(above.start_byte, outer.start_byte, b""),)
        if was is not None and was.is_async and not is_awaited:
            raise RefusedError(f"its coroutine is handed on without await, and {target.last} gives none")
        if is_awaited:
            raise RefusedError(f"what it gives is awaited, and {target.last} need not give such a thing")
        return ()
    if is_awaited or (was is not None and was.is_async):
        return ()
    return _add_await(context, target, call, above)


def _add_await(context: FixContext, target: Replacement, call: Node, above: Node | None) -> tuple[Edit, ...]:
    scopes = [scope for scope in context.source.scopes(call) if scope.type not in COMPREHENSIONS]
    inner = scopes[-1]
    is_async = inner.type == "function_definition" and any(child.type == "async" for child in inner.children)
    if not is_async or len(scopes) != len(context.source.scopes(call)):
        raise RefusedError(f"{target.last} must be awaited, and no async function is around it")
    start, end = Edit(call.start_byte, call.start_byte, b"await "), call.end_byte
    if above is not None and above.type in _NEEDS_NO_BRACKETS:
        return (start,)
    return (Edit(call.start_byte, call.start_byte, b"(await "), Edit(end, end, b")"))
