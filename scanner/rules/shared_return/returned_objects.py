"""Whether a function may return an object that it, its class or its module keeps."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.classes import class_of, methods, own_class
from scanner.python.decorators import CACHES, decorator_callee, decorators
from scanner.python.inference import return_values
from scanner.python.scopes import FUNCTIONS, Binding
from scanner.python.source import Source
from scanner.python.statements import alternatives, assigned_values, statements, targets
from scanner.rules.shared_return.shared_values import DEPTH, is_plain_hint, lasts

_CACHED = CACHES | {
    "functools.cached_property",
    "django.utils.functional.cached_property",
    "cachetools.cached",
}
CACHE_MODULES = tuple(sorted({full.split(".")[-2].encode() for full in _CACHED}))
_READERS = frozenset({"get", "setdefault", "__getitem__"})
_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})


def returns_shared(source: Source, function: Node, depth: int = DEPTH) -> bool:
    """Whether any return of a function can yield a kept object; not that of a generator."""
    if depth == 0 or is_plain_hint(source, function.child_by_field_name("return_type")):
        return False
    found = tuple(return_values(source, function))
    if not found or _is_generator(source, function):
        return False
    if _is_cached(source, function):
        return any(lasts(source, value) for value in found)
    return any(_is_shared(source, value, function, depth) for value in found)


def _is_shared(source: Source, value: Node, function: Node, depth: int) -> bool:
    """Whether the value of an expression in a function can be an object that outlives the call."""
    if depth == 0:
        return False
    match value.type:
        case "identifier":
            return _name_is_shared(source, value, function, depth)
        case "attribute":
            return _attribute_is_shared(source, value, function)
        case "subscript":
            kept = value.child_by_field_name("value")
            return kept is not None and _is_filled(source, kept, value, function, items=True)
        case "call":
            return _call_is_shared(source, value, function, depth)
    return any(_is_shared(source, part, function, depth - 1) for part in alternatives(value))


def _name_is_shared(source: Source, name: Node, function: Node, depth: int) -> bool:
    bound = source.lookup(name)
    if any(b.scope == source.root for b in bound):
        return lasts(source, name)
    return any(
        _is_shared(source, value, function, depth - 1)
        for binding in _reaching(source, bound, name)
        for value in assigned_values(binding)
    )


def _is_parameter(bound: tuple[Binding, ...]) -> bool:
    return any(binding.kind == "parameter" for binding in bound)


def _reaching(source: Source, bound: tuple[Binding, ...], use: Node) -> list[Binding]:
    """The bindings of a local that may give its value at a place: those after the last certain one."""
    found: list[Binding] = []
    for binding in sorted(bound, key=lambda b: b.node.start_byte):
        if binding.statement.end_byte > use.start_byte:
            break
        if binding.kind == "assign" and binding.statement.type == "assignment":
            if _is_certain(source, binding.statement, use):
                found.clear()
            found.append(binding)
        elif binding.kind == "walrus":
            found.append(binding)
    return found


def _is_certain(source: Source, statement: Node, use: Node) -> bool:
    """Whether a statement always ran before a place in the same function: its block is around the place."""
    block = source.enclosing(statement, "block", "module")
    return block is not None and any(above == block for above in source.ancestors(use))


def _attribute_is_shared(source: Source, attribute: Node, function: Node) -> bool:
    owner, name = attribute.child_by_field_name("object"), attribute.child_by_field_name("attribute")
    if owner is None or name is None:
        return False
    class_node = class_of(source, owner)
    if class_node is not None:
        return any(lasts(source, value) for value in _kept_on(source, class_node, source.text(name)))
    if source.text(owner) == "self" and not _is_stored(source, attribute, name):
        around = source.enclosing(function, "class_definition")
        return around is not None and any(
            lasts(source, value) for value in _kept_on(source, around, source.text(name))
        )
    return _is_filled(source, attribute, attribute, function)


def _kept_on(source: Source, class_node: Node, name: str) -> Iterator[Node]:
    """The values that a class attribute of this file is given in the class's body or by stores on it."""
    body = class_node.child_by_field_name("body")
    for statement in statements(source, body) if body is not None else ():
        if statement.type == "assignment" and not is_plain_hint(
            source, statement.child_by_field_name("type")
        ):
            yield from (value for target, value in targets(statement) if source.text(target) == name)
    for trail in source.trails(name):
        owner = trail[-2].node.child_by_field_name("object") if trail[-1].field == "attribute" else None
        if owner is None or class_of(source, owner) != class_node:
            continue
        assignment = source.enclosing(owner, "assignment")
        for target, value in targets(assignment) if assignment is not None else ():
            if target == trail[-2].node:
                yield value


def _is_stored(source: Source, attribute: Node, name: Node) -> bool:
    text = source.text(attribute)
    return any(
        trail[-1].field == "attribute" and trail[-2].field == "left" and source.text(trail[-2].node) == text
        for trail in source.trails(source.text(name))
    )


def _is_filled(source: Source, kept: Node, read: Node, function: Node, *, items: bool = False) -> bool:
    """Whether the function fills what it reads only now and then: an attribute, or items of a container."""
    text, last = source.text(kept), kept.child_by_field_name("attribute") or kept
    if last.type != "identifier" or (kept.type == "identifier" and not _outlives(source, kept)):
        return False
    if kept.type == "attribute" and not _owner_outlives(source, kept):
        return False
    lazily = False
    for trail in source.trails_within(source.text(last), function.start_byte, function.end_byte):
        at = len(trail) - 1 - (kept.type == "attribute")
        if source.text(trail[at].node) != text or (
            kept.type == "identifier" and trail[at].field == "attribute"
        ):
            continue
        if items and not (trail[at - 1].node.type == "subscript" and trail[at].field == "value"):
            continue
        target = trail[at - 1].node if items else trail[at].node
        assignment = source.enclosing(target, "assignment")
        for left, value in targets(assignment) if assignment is not None else ():
            if left == target and lasts(source, value) and not _is_value_of_parameter(source, value):
                fresh = assignment is not None and assignment.end_byte <= read.start_byte
                again = text in source.text(value)
                if fresh and not again and _is_certain(source, target, read):
                    return False
                lazily = True
    return lazily


def _is_value_of_parameter(source: Source, value: Node) -> bool:
    return value.type == "identifier" and _is_parameter(source.lookup(value))


def _outlives(source: Source, name: Node) -> bool:
    """Whether a name stands for something older than the call: a global or a local of a function around."""
    bound = source.lookup(name)
    return any(b.scope == source.root for b in bound)


def _owner_outlives(source: Source, attribute: Node) -> bool:
    head = attribute
    while head.type == "attribute" and (below := head.child_by_field_name("object")) is not None:
        head = below
    if head.type != "identifier":
        return own_class(source, head) is not None
    bound = source.lookup(head)
    return not bound or any(b.scope == source.root or b.kind in {"parameter", "import"} for b in bound)


def _call_is_shared(source: Source, call: Node, function: Node, depth: int) -> bool:
    callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if callee is None or arguments is None:
        return False
    if callee.type == "identifier":
        if arguments.named_child_count == 2 and _CASTS.intersection(source.resolve(callee)):
            return _is_shared(source, arguments.named_children[1], function, depth - 1)
        return any(
            called != function and returns_shared(source, called, depth - 1)
            for called in _functions(source, callee)
        )
    owner, name = callee.child_by_field_name("object"), callee.child_by_field_name("attribute")
    if callee.type != "attribute" or owner is None or name is None:
        return False
    word = source.text(name)
    if word in _READERS:
        return _reads_item(source, call, owner, arguments, function)
    class_node = class_of(source, owner)
    if class_node is None and source.text(owner) == "self":
        class_node = source.enclosing(function, "class_definition")
    return class_node is not None and any(
        method != function and returns_shared(source, method, depth - 1)
        for method in methods(class_node)
        if (named := method.child_by_field_name("name")) is not None and source.text(named) == word
    )


def _functions(source: Source, callee: Node) -> list[Node]:
    """The functions of the module that a name may mean."""
    # Most calls are of imported classes, and to look one up is to read every place that names it.
    before = (source.data[max(0, at - 100) : at] for at in source.offsets(source.text(callee)))
    if not any(text.rstrip(b" \t\\\r\n").endswith(b"def") for text in before):
        return []
    return [b.statement for b in source.lookup(callee) if b.kind == "def" and b.scope == source.root]


def _reads_item(source: Source, call: Node, owner: Node, arguments: Node, function: Node) -> bool:
    """Whether `kept.get(key)` or `kept.setdefault(key, new)` gives an item that an earlier call left."""
    if _is_filled(source, owner, call, function, items=True):
        return True
    named = call.child_by_field_name("function")
    if named is None or not source.text(named).endswith("setdefault") or arguments.named_child_count != 2:
        return False
    kept = _outlives(source, owner) if owner.type == "identifier" else _owner_outlives(source, owner)
    return kept and lasts(source, arguments.named_children[1])


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
