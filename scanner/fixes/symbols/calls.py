"""Turns a call of a deprecated function into a call of its replacement, adjusting arguments and `await`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

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
from scanner.python.signatures import Signature

_NEEDS_NO_BRACKETS = frozenset(
    {"assignment", "return_statement", "expression_statement", "argument_list", "keyword_argument"}
    | {"parenthesized_expression", "augmented_assignment", "named_expression"}
)
_SETUP_METHODS = frozenset({"__init__", "__post_init__", "setUp", "asyncSetUp", "setup_method"})


def edit_call(
    context: FixContext, target: Replacement, old: str, call: Node, *, stored: bool
) -> tuple[Edit, ...]:
    """Return the edits to a call, except to its name. Raises RefusedError if an argument is unavailable."""
    if stored and target.needs:
        _require_private_owner(context, call)
    return (*_edit_arguments(context, target, call), *_edit_await(context, target, old, call))


def _require_private_owner(context: FixContext, call: Node) -> None:
    """Raise RefusedError if the value is stored in a place that several requests may share."""
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
    raise RefusedError(f"{where} stores it where other requests may share it: create it where it is used")


@dataclass(frozen=True, slots=True)
class _Given:
    """The arguments that a call passes: their nodes, the keywords used, and whether one is `*` or `**`."""

    nodes: tuple[Node, ...]
    keywords: tuple[str, ...]
    has_stars: bool

    @classmethod
    def of(cls, context: FixContext, call: Node) -> Self:
        """Return the arguments that a call passes."""
        given = call.child_by_field_name("arguments")
        nodes = [node for node in given.named_children if node.type != "comment"] if given is not None else []
        if given is not None and given.type != "argument_list":
            nodes = [given]
        keywords = tuple(keyword(context.source, node) for node in nodes if node.type == "keyword_argument")
        stars = any(node.type in {"list_splat", "dictionary_splat"} for node in nodes)
        return cls(tuple(nodes), keywords, stars)

    @property
    def positional(self) -> int:
        """Return the number of positional arguments."""
        return len(self.nodes) - len(self.keywords)


def _edit_arguments(context: FixContext, target: Replacement, call: Node) -> tuple[Edit, ...]:
    """Return the edits that add the arguments that the replacement needs but the call does not pass."""
    given = _Given.of(context, call)
    missing = [need for need in target.needs if need.name not in given.keywords]
    by_position = _is_positional(target, given.nodes, missing)
    _require_fitting(target, given, missing, by_position=by_position)
    if not missing:
        return ()
    found = [find_value(context, call, need) for need in missing]
    text = context.text(call)
    if by_position:
        new = add_arguments(text, [one.text for one in found], [])
    else:
        pairs = [(need.name, one.text) for need, one in zip(missing, found, strict=True)]
        new = add_arguments(text, [], pairs)
    edits = tuple(edit.moved(call.start_byte) for edit in edits_between(text.encode(), new.encode()))
    return (*edits, *(edit for one in found for edit in one.edits))


def _require_fitting(
    target: Replacement, given: _Given, missing: Sequence[Need], *, by_position: bool
) -> None:
    """Raise RefusedError if the replacement would not accept the old and the added arguments together."""
    if given.has_stars and target.needs:
        raise RefusedError("it passes * or **, so its arguments are unknown")
    if target.signature is not None and not given.has_stars:
        names = given.keywords if by_position else (*given.keywords, *(need.name for need in missing))
        problem = target.signature.problem(len(missing) if by_position else given.positional, names)
        if problem:
            raise RefusedError(f"{target.last} {problem}")
    elif target.needs and given.positional:
        raise RefusedError(f"it passes arguments, and it is unknown whether {target.last} accepts them")


def _is_positional(target: Replacement, nodes: Sequence[Node], missing: Sequence[Need]) -> bool:
    """Return whether only the missing arguments are passed, and they are the first parameters."""
    if nodes or target.signature is None or target.signature.parameters is None:
        return False
    first = target.signature.parameters[: len(missing)]
    return [p.name for p in first if p.kind in {"positional", "either"}] == [need.name for need in missing]


def _edit_await(context: FixContext, target: Replacement, old: str, call: Node) -> tuple[Edit, ...]:
    """Return the edits that add or remove `await` to suit the replacement; none if that is unknown."""
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
        return _drop_await(target, was, outer, above if is_awaited else None)
    if is_awaited or (was is not None and was.is_async):
        return ()
    return _add_await(context, target, call, above)


def _drop_await(
    target: Replacement, was: Signature | None, outer: Node, awaited: Node | None
) -> tuple[Edit, ...]:
    """Return the edit that removes `await` from a call whose replacement is not async."""
    if awaited is not None and (was is None or was.is_async):
        return (Edit(awaited.start_byte, outer.start_byte, b""),)
    if was is not None and was.is_async:
        raise RefusedError(f"its coroutine is used without await, and {target.last} does not return one")
    if awaited is not None:
        raise RefusedError(f"its result is awaited, and {target.last} may not return an awaitable")
    return ()


def _add_await(context: FixContext, target: Replacement, call: Node, above: Node | None) -> tuple[Edit, ...]:
    scopes = [scope for scope in context.source.scopes(call) if scope.type not in COMPREHENSIONS]
    inner = scopes[-1]
    is_async = inner.type == "function_definition" and any(child.type == "async" for child in inner.children)
    if not is_async or len(scopes) != len(context.source.scopes(call)):
        raise RefusedError(f"{target.last} must be awaited, but the call is not in an async function")
    start, end = Edit(call.start_byte, call.start_byte, b"await "), call.end_byte
    if above is not None and above.type in _NEEDS_NO_BRACKETS:
        return (start,)
    return (Edit(call.start_byte, call.start_byte, b"(await "), Edit(end, end, b")"))
