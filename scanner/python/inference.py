"""Infers the class of an expression's value within one file, from constructors and annotations.

A call of a function gives no information. A call of a class (by PEP 8, a name with a capital letter after any
underscores) gives that class.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.classes import full_name, is_class_name, methods, own_class
from scanner.python.source import Source
from scanner.python.statements import alternatives

_DEPTH = 6  # maximum number of name-to-name assignments that are followed back to a constructor
_SAME_CLASS = re.compile(r"from_(?!queryset)\w+|(?:get_?)?(?:shared_|default_)?instance", re.IGNORECASE)
_WRAPPERS = re.compile(r"(?:\w+\.)*(?:Optional|Union|ClassVar|Final|Annotated|Awaitable|Coroutine)\[")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
Classes = tuple[str, ...]


def instance_classes(source: Source, value: Node, depth: int = _DEPTH) -> Classes:
    """Return the full names of a value's possible classes; empty if the file does not show them."""
    if depth == 0:
        return ()
    match value.type:
        case "call":
            return constructed_classes(source, value)
        case "identifier":
            return _classes_of_name(source, value, depth)
        case "assignment":
            right = value.child_by_field_name("right")
            return () if right is None else instance_classes(source, right, depth - 1)
    found = (name for part in alternatives(value) for name in instance_classes(source, part, depth - 1))
    return tuple(dict.fromkeys(found))


def annotated_classes(source: Source, annotation: Node | None) -> Classes:
    """Return the classes in an annotation, without wrappers such as `Optional`."""
    if annotation is None:
        return ()
    text = re.sub(r"[\s\"'\\]", "", source.text(annotation))
    names = [full for name in _type_names(text) for full in _possible_names(source, name)]
    return tuple(dict.fromkeys(name for name in names if is_class_name(name) and name != "None"))


def returned_classes(source: Source, function: Node) -> Classes:
    """Return the classes that a function returns, from its return values or else from its annotation."""
    found = [name for value in return_values(source, function) for name in instance_classes(source, value)]
    return tuple(dict.fromkeys(found)) or annotated_classes(
        source, function.child_by_field_name("return_type")
    )


def return_values(source: Source, function: Node) -> Iterator[Node]:
    """Yield the expressions that a function returns, excluding those in nested functions."""
    for match in re.finditer(rb"return(?<=\breturn)\b", source.data[function.start_byte : function.end_byte]):
        statement = source.above(function.start_byte + match.start())
        if (
            statement.type != "return_statement"
            or source.enclosing(statement, "function_definition") != function
        ):
            continue
        yield from (child for child in statement.named_children[:1] if child.type != "comment")


def constructed_classes(source: Source, call: Node) -> Classes:
    """Return the class that a call instantiates, judging by the callee."""
    callee = call.child_by_field_name("function")
    if callee is not None and callee.type == "subscript":
        callee = callee.child_by_field_name("value")
    if callee is None:
        return ()
    own = own_class(source, callee)
    if own is not None:
        return (full_name(source, own),)
    if callee.type == "identifier":
        return _by_name(source, callee)
    return _by_attribute(source, callee, call) if callee.type == "attribute" else ()


def _by_name(source: Source, callee: Node) -> Classes:
    text = source.text(callee)
    bound = source.lookup(callee)
    if bound and all(binding.kind == "def" for binding in bound):
        return ()
    if is_class_name(text) or any(binding.kind == "class" for binding in bound):
        return source.resolve(callee) or (text,)
    return tuple(name for name in source.resolve(callee) if is_class_name(name))


def _by_attribute(source: Source, callee: Node, call: Node) -> Classes:
    name, owner = callee.child_by_field_name("attribute"), callee.child_by_field_name("object")
    if name is None or owner is None:
        return ()
    word = source.text(name)
    if word == "__new__":
        return _allocated(source, call)
    if owner.type not in {"identifier", "attribute"}:
        return ()
    if is_class_name(word):
        return source.resolve(callee) or (source.text(callee),)
    return _by_class_method(source, owner, word)


def _by_class_method(source: Source, owner: Node, method: str) -> Classes:
    """Return the class whose method is called, if that method is known to return an instance of the class."""
    own = own_class(source, owner)
    if own is not None:
        return (full_name(source, own),) if _returns_own_class(source, own, method) else ()
    owners = source.resolve(owner) or (source.text(owner),)
    if not all(is_class_name(full) for full in owners) or source.text(owner) == "self":
        return ()
    here = [binding.statement for binding in source.lookup(owner) if binding.kind == "class"]
    known = any(_returns_own_class(source, class_node, method) for class_node in here)
    return owners if known or (not here and _SAME_CLASS.fullmatch(method)) else ()


def _allocated(source: Source, call: Node) -> Classes:
    """Return the class that `super().__new__(cls)` or `object.__new__(Thing)` allocates."""
    arguments = call.child_by_field_name("arguments")
    first = arguments.named_child(0) if arguments is not None else None
    if first is None:
        return ()
    own = own_class(source, first)
    if own is not None:
        return (full_name(source, own),)
    return source.resolve(first) if first.type in {"identifier", "attribute"} else ()


def _returns_own_class(source: Source, class_node: Node, method: str) -> bool:
    """Return whether a method of a class in this file returns an instance of that class."""
    for function in methods(class_node):
        name = function.child_by_field_name("name")
        if name is None or source.text(name) != method:
            continue
        full = full_name(source, class_node)
        hint = function.child_by_field_name("return_type")
        if hint is not None:
            return full in annotated_classes(source, hint) or source.text(hint).endswith("Self")
        return any(
            value.type == "call" and full in constructed_classes(source, value)
            for value in return_values(source, function)
        )
    return False


def _classes_of_name(source: Source, name: Node, depth: int) -> Classes:
    """Return the classes of the value of `self`, an annotated parameter, or an assigned local name."""
    found: list[str] = []
    for binding in source.lookup(name):
        statement = binding.statement
        if binding.kind == "parameter":
            found += _parameter(source, binding.node, name)
        elif binding.kind == "assign" and statement.child_by_field_name("left") == binding.node:
            right = statement.child_by_field_name("right")
            below = () if right is None or right == name else instance_classes(source, right, depth - 1)
            found += below or annotated_classes(source, statement.child_by_field_name("type"))
        elif binding.kind == "walrus":
            right = statement.child_by_field_name("value")
            found += () if right is None else instance_classes(source, right, depth - 1)
    return tuple(dict.fromkeys(found))


def _parameter(source: Source, parameter: Node, name: Node) -> Classes:
    around = source.trail(parameter)[-2].node
    if around.type in {"typed_parameter", "typed_default_parameter"}:
        return annotated_classes(source, around.child_by_field_name("type"))
    return source.resolve(name) if source.text(name) == "self" else ()


def _type_names(text: str) -> Iterator[str]:
    """Yield the names in an annotation that describe the value itself.

    In `Optional[a.B | C[int]]`, these are `a.B` and `C`.
    """
    for part in _split(text):
        wrapper = _WRAPPERS.match(part)
        if wrapper is not None and part.endswith("]"):
            yield from _type_names(part[wrapper.end() : -1])
        elif (name := _DOTTED.match(part)) is not None:
            yield name.group()


def _split(text: str) -> Iterator[str]:
    """Yield the parts of an annotation that are separated by commas and bars outside all brackets."""
    depth = start = 0
    for index, character in enumerate(text):
        depth += (character in "[(") - (character in "])")
        if depth == 0 and character in ",|":
            yield text[start:index]
            start = index + 1
    yield text[start:]


def _possible_names(source: Source, name: str) -> Iterator[str]:
    """Yield the full names that a dotted name may have in the file, or the name itself if it is unbound."""
    head, dot, rest = name.partition(".")
    bases = [
        binding.target or ".".join(filter(None, [source.module, source.scope(binding.node), head]))
        for binding in source.bindings(head)
        if binding.kind in {"import", "class", "assign"}
    ]
    yield from (base + dot + rest for base in bases or [head])
