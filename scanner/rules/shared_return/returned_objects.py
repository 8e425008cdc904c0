"""Decides whether a function may return an object that is stored on itself, its class or its module."""

from tree_sitter import Node

from scanner.python.classes import class_of, methods
from scanner.python.decorators import CACHES, decorator_callee, decorators
from scanner.python.inference import return_values
from scanner.python.scopes import FUNCTIONS
from scanner.python.source import Source
from scanner.python.statements import alternatives, assigned_values
from scanner.rules.shared_return.local_values import always_runs_before, reaching_bindings
from scanner.rules.shared_return.shared_values import DEPTH, is_mutable_object, is_plain_hint
from scanner.rules.shared_return.stored_values import (
    class_attribute_values,
    is_assigned,
    is_filled_lazily,
    outlives_call,
)

_CACHED = CACHES | {
    "functools.cached_property",
    "django.utils.functional.cached_property",
    "cachetools.cached",
}
CACHE_MODULES = tuple(sorted({full.split(".")[-2].encode() for full in _CACHED}))
_READERS = frozenset({"get", "setdefault", "__getitem__"})
_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})


def returns_shared(source: Source, function: Node, depth: int = DEPTH) -> bool:
    """Return whether a function may return a shared object; generators never do."""
    if depth == 0 or is_plain_hint(source, function.child_by_field_name("return_type")):
        return False
    values = tuple(return_values(source, function))
    if not values or _is_generator(source, function):
        return False
    if _is_cached(source, function):
        return any(is_mutable_object(source, value) for value in values)
    return any(_is_shared(source, value, function, depth) for value in values)


def _is_shared(source: Source, value: Node, function: Node, depth: int) -> bool:
    """Return whether an expression in a function may evaluate to an object that outlives the call."""
    if depth == 0:
        return False
    match value.type:
        case "identifier":
            return _name_is_shared(source, value, function, depth)
        case "attribute":
            return _attribute_is_shared(source, value, function)
        case "subscript":
            container = value.child_by_field_name("value")
            return container is not None and is_filled_lazily(source, container, value, function, items=True)
        case "call":
            return _call_is_shared(source, value, function, depth)
    return any(_is_shared(source, part, function, depth - 1) for part in alternatives(value))


def _name_is_shared(source: Source, name: Node, function: Node, depth: int) -> bool:
    bound = source.lookup(name)
    if any(binding.scope == source.root for binding in bound):
        bound = tuple(b for b in bound if source.enclosing(b.node, *FUNCTIONS) == function)
        reaching = reaching_bindings(source, bound, name)
        if not (reaching and always_runs_before(source, reaching[0].statement, name)):
            return is_mutable_object(source, name)
    else:
        reaching = reaching_bindings(source, bound, name)
    return any(
        _is_shared(source, value, function, depth - 1)
        for binding in reaching
        for value in assigned_values(binding)
    )


def _attribute_is_shared(source: Source, attribute: Node, function: Node) -> bool:
    owner, name = attribute.child_by_field_name("object"), attribute.child_by_field_name("attribute")
    if owner is None or name is None:
        return False
    class_node = class_of(source, owner)
    if class_node is not None:
        return _class_attribute_is_shared(source, class_node, name)
    if source.text(owner) == "self" and not is_assigned(source, attribute, name):
        around = source.enclosing(function, "class_definition")
        return around is not None and _class_attribute_is_shared(source, around, name)
    return is_filled_lazily(source, attribute, attribute, function)


def _class_attribute_is_shared(source: Source, class_node: Node, name: Node) -> bool:
    values = class_attribute_values(source, class_node, source.text(name))
    return any(is_mutable_object(source, value) for value in values)


def _call_is_shared(source: Source, call: Node, function: Node, depth: int) -> bool:
    callee = call.child_by_field_name("function")
    if callee is None or call.child_by_field_name("arguments") is None:
        return False
    if callee.type == "identifier":
        return _function_call_is_shared(source, call, callee, function, depth)
    return callee.type == "attribute" and _method_call_is_shared(source, call, callee, function, depth)


def _function_call_is_shared(source: Source, call: Node, callee: Node, function: Node, depth: int) -> bool:
    """Return whether a call casts a shared object, or calls a function in the file that returns one."""
    arguments = call.child_by_field_name("arguments")
    values = arguments.named_children if arguments is not None else []
    if len(values) == 2 and _CASTS.intersection(source.resolve(callee)):
        return _is_shared(source, values[1], function, depth - 1)
    return any(
        called != function and returns_shared(source, called, depth - 1)
        for called in _functions(source, callee)
    )


def _method_call_is_shared(source: Source, call: Node, callee: Node, function: Node, depth: int) -> bool:
    """Return whether a call reads a stored item, or a method in the file returns a shared object."""
    owner, name = callee.child_by_field_name("object"), callee.child_by_field_name("attribute")
    if owner is None or name is None:
        return False
    if source.text(name) in _READERS:
        return _reads_stored_item(source, call, owner, source.text(name), function)
    class_node = class_of(source, owner)
    if class_node is None and source.text(owner) == "self":
        class_node = source.enclosing(function, "class_definition")
    return class_node is not None and any(
        method != function and returns_shared(source, method, depth - 1)
        for method in methods(class_node)
        if (named := method.child_by_field_name("name")) is not None
        and source.text(named) == source.text(name)
    )


def _functions(source: Source, callee: Node) -> list[Node]:
    """Return the functions in the module to which a name may refer."""
    # Most calls are to imported classes, and a lookup reads every occurrence of the name.
    before = (source.data[max(0, at - 100) : at] for at in source.offsets(source.text(callee)))
    if not any(text.rstrip(b" \t\\\r\n").endswith(b"def") for text in before):
        return []
    return [b.statement for b in source.lookup(callee) if b.kind == "def" and b.scope == source.root]


def _reads_stored_item(source: Source, call: Node, container: Node, method: str, function: Node) -> bool:
    """Return whether a `.get()` or `.setdefault()` call may return an item that an earlier call stored."""
    if is_filled_lazily(source, container, call, function, items=True):
        return True
    arguments = call.child_by_field_name("arguments")
    if method != "setdefault" or arguments is None or arguments.named_child_count != 2:
        return False
    return outlives_call(source, container) and is_mutable_object(source, arguments.named_children[1])


def _is_generator(source: Source, function: Node) -> bool:
    if b"yield" not in source.data[function.start_byte : function.end_byte]:
        return False
    for offset in source.offsets("yield"):
        if function.start_byte <= offset < function.end_byte:
            leaf = source.descend(offset)[-1].node
            if leaf.type == "yield" and source.enclosing(leaf, *FUNCTIONS) == function:
                return True
    return False


def _is_cached(source: Source, function: Node) -> bool:
    callees = map(decorator_callee, decorators(source, function))
    return any(
        callee is not None and bool(_CACHED.intersection(source.resolve(callee))) for callee in callees
    )
