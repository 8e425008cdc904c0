"""Decides which values are mutable objects that callers can corrupt for each other, and which are safe."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.containers import is_container
from scanner.python.immutable_classes import value_classes
from scanner.python.inference import instance_classes
from scanner.python.scopes import Binding
from scanner.python.source import Source
from scanner.python.statements import alternatives, assigned_values
from scanner.python.value_types import is_declaration, is_value

DEPTH = 6  # maximum number of names and calls that are followed in a row
_PLAIN = frozenset({
    "str", "int", "float", "bool", "bytes", "complex", "None", "tuple", "Tuple", "frozenset", "FrozenSet",
    "type", "Type", "Callable", "Literal", "Path", "Decimal", "Fraction", "UUID", "datetime", "date",
    "time", "timedelta", "Pattern", "Logger", "NoReturn", "TypeVar",
})  # fmt: skip
_HINT = re.compile(r"(?:\w+\.)*(\w+)(\[.*\])?")
_SYSTEM = frozenset({
    "os", "sys", "time", "platform", "secrets", "random", "math", "hashlib", "base64", "socket", "inspect",
    "importlib",
})  # fmt: skip
_TEXT = frozenset({
    "strip", "lstrip", "rstrip", "lower", "upper", "title", "format", "join", "replace", "encode", "decode",
    "hexdigest", "isoformat", "getenv", "read_text", "read_bytes", "getLogger", "get_logger", "getChild",
    "total_seconds", "timestamp", "count", "index",
})  # fmt: skip


def is_plain_hint(source: Source, annotation: Node | None) -> bool:
    """Return whether an annotation declares a constant, a class, a function or a tuple."""
    if annotation is None:
        return False
    text = re.sub(r"[\s\"']", "", source.text(annotation))
    wrapped = re.fullmatch(r"(?:\w+\.)*(?:Optional|Final|ClassVar)\[(.*)\]", text)
    parts = [_HINT.fullmatch(part) for part in _union_members(wrapped.group(1) if wrapped else text)]
    return all(part is not None and part.group(1) in _PLAIN for part in parts)


def is_mutable_object(source: Source, value: Node, depth: int = DEPTH) -> bool:
    """Return whether a retained value is shared mutable state."""
    if depth == 0:
        return False
    if is_container(source, value):
        return True
    if value.type == "call":
        return _is_object(source, value)
    if value.type == "identifier":
        return any(_binding_is_mutable(source, bound, depth) for bound in source.lookup(value))
    return any(is_mutable_object(source, part, depth - 1) for part in alternatives(value))


def _union_members(text: str) -> Iterator[str]:
    depth = start = 0
    for index, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth == 0 and character == "|":
            yield text[start:index]
            start = index + 1
    yield text[start:]


def _binding_is_mutable(source: Source, binding: Binding, depth: int) -> bool:
    if binding.kind == "parameter":
        around = source.trail(binding.node)[-2].node
        hint = around.child_by_field_name("type")
        return not is_plain_hint(source, hint)
    if is_plain_hint(source, binding.statement.child_by_field_name("type")):
        return False
    constant = binding.name.isupper()  # a function call that is assigned to a constant computes a constant
    return any(
        is_mutable_object(source, value, depth - 1)
        for value in assigned_values(binding)
        if not constant
        or value.type != "call"
        or instance_classes(source, value)
        or is_container(source, value)
    )


def _is_object(source: Source, call: Node) -> bool:
    """Return whether a call creates an instance, or calls a function that may return a mutable object."""
    classes = instance_classes(source, call)
    if classes:
        values = value_classes(source).values
        return any(not is_value(c) and not is_declaration(c) and c not in values for c in classes)
    callee = call.child_by_field_name("function")
    if callee is None or callee.type not in {"identifier", "attribute"}:
        return False
    names = source.resolve(callee)
    if any(
        is_value(name) or name.partition(".")[0] in _SYSTEM or name.rpartition(".")[2] in _TEXT
        for name in names
    ):
        return False
    defined = source.lookup(callee) if callee.type == "identifier" else ()
    if any(
        is_plain_hint(source, bound.statement.child_by_field_name("return_type"))
        for bound in defined
        if bound.kind == "def"
    ):
        return False
    return bool(names)
