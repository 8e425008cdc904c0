"""Finds the classes in one file whose instances are values.

These are enumerations, named tuples, typed dictionaries, exceptions, and frozen dataclasses and models,
whether defined by a class statement or by a call (`P = namedtuple("P", "x y")`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from scanner.python.builtin_names import EXCEPTIONS
from scanner.python.calls import arguments, keyword
from scanner.python.classes import bases, full_name
from scanner.python.source import Source
from scanner.python.value_types import VALUE_SUFFIXES

NEEDLES = (b"Enum", b"Flag", b"frozen", b"NamedTuple")
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"})
_BASES = _ENUMS | {"NamedTuple", "TypedDict"}
_FUNCTIONS = _BASES | {"namedtuple", "NewType"}
_CLASS = re.compile(rb"class(?<=\bclass)[ \t]+[\w\x80-\xff]+[ \t]*[(\[]")
# An expression that begins with a literal is ten times as fast as one that begins with an alternation.
_MAKERS = (b"namedtuple", b"NamedTuple", b"NewType", b"TypedDict", b"Enum", b"Flag")
_CALLS = {word: re.compile(word + rb"(?:[ \t]*\(|[ \t]+as[ \t]+([\w\x80-\xff]+))") for word in _MAKERS}
_FROZEN = re.compile(rb"frozen(?<=\bfrozen)\b")
_CONFIGURED = "model_config"


@dataclass(frozen=True, slots=True)
class ValueClasses:
    """The full names of value classes, and of classes with bases from other files, with these bases."""

    values: set[str] = field(default_factory=set)
    derived: dict[str, list[str]] = field(default_factory=dict)


def value_classes(source: Source) -> ValueClasses:
    """Return the value classes of a file; they are determined once."""
    if source.value_classes is None:
        source.value_classes = _find(source)
    found: ValueClasses = source.value_classes
    return found


def _find(source: Source) -> ValueClasses:
    found = ValueClasses()
    found.values.update(_frozen_classes(source))
    found.values.update(_made_by_calls(source))
    pending: dict[str, list[str]] = {}
    for match in _CLASS.finditer(source.data):
        class_node = source.above(match.start())
        if class_node.type != "class_definition":
            continue
        names = [name for base in bases(class_node) for name in _base_names(source, base)]
        full = full_name(source, class_node)
        if any(map(is_value_base, names)):
            found.values.add(full)
        elif names:
            pending[full] = names
    while inherited := {full for full, names in pending.items() if found.values.intersection(names)}:
        found.values.update(inherited)
        pending = {full: names for full, names in pending.items() if full not in inherited}
    found.derived.update(pending)
    return found


def _base_names(source: Source, base: Node) -> tuple[str, ...]:
    """Return the full names that a base class may have; a call stands for what it calls."""
    if base.type in {"subscript", "call"}:
        base = base.child_by_field_name("value" if base.type == "subscript" else "function") or base
    if base.type not in {"identifier", "attribute"}:
        return ()
    return source.resolve(base) or (source.text(base),)


def is_value_base(name: str) -> bool:
    """Return whether a class with this base, given by its full name, is a value class."""
    last = name.rpartition(".")[2]
    return last in _BASES or last == "namedtuple" or name in EXCEPTIONS or last.endswith(VALUE_SUFFIXES)


def _made_by_calls(source: Source) -> Iterator[str]:
    """Yield the full names of classes that a call creates: `P = namedtuple("P", "x y")`."""
    data = source.data
    found = [match for word in _MAKERS if word in data for match in _CALLS[word].finditer(data)]
    renamed = {match[1].decode() for match in found if match[1]}
    offsets = [match.start() for match in found if not match[1]]
    for offset in (*offsets, *(at for name in renamed for at in source.offsets(name))):
        trail = source.descend(offset)
        at = next((i for i in range(len(trail) - 1, 0, -1) if trail[i].node.type == "assignment"), 0)
        left, right = (trail[at].node.child_by_field_name(side) for side in ("left", "right"))
        if not at or left is None or left.type != "identifier" or right is None or right.type != "call":
            continue
        function = right.child_by_field_name("function")
        names = () if function is None else source.resolve(function) or (source.text(function),)
        if any(name.rpartition(".")[2] in _FUNCTIONS for name in names):
            yield ".".join(filter(None, [source.module, source.scope(left), source.text(left)]))


def _frozen_classes(source: Source) -> Iterator[str]:
    for match in _FROZEN.finditer(source.data):
        class_node = _frozen(source, match.start())
        if class_node is not None:
            yield full_name(source, class_node)
        elif b"make_dataclass" in source.data:
            yield from _made_frozen(source, match.start())


def _frozen(source: Source, offset: int) -> Node | None:
    """Return the class that is frozen by the word at an offset, in a decorator, its bases or its settings."""
    trail = source.descend(offset)
    word = trail[-1].node
    statement = source.enclosing(word, "decorator", "assignment", "class_definition", "function_definition")
    if statement is None:
        return None
    setting = source.enclosing(word, "keyword_argument", "pair")
    if setting is not None and statement.start_byte <= setting.start_byte < statement.end_byte:
        name = setting.child_by_field_name("name") or setting.child_by_field_name("key")
        value = setting.child_by_field_name("value")
        is_name = name is not None and name.start_byte <= offset < name.end_byte
        return _configured(source, statement) if is_name and _is_true(source, value) else None
    if statement.type == "decorator":  # `@frozen`, `@attrs.frozen(slots=True)`
        call = statement.named_child(0)
        given = arguments(call) if call is not None and call.type == "call" else []
        thawed = any(keyword(source, node) == "frozen" for node in given)
        return None if thawed else _configured(source, statement)
    if statement.type == "assignment" and trail[-1].field == "left":  # in the inner class `Config`
        inner = source.enclosing(statement, "class_definition")
        is_true = _is_true(source, statement.child_by_field_name("right"))
        return source.enclosing(inner, "class_definition") if inner is not None and is_true else None
    return None


def _made_frozen(source: Source, offset: int) -> Iterator[str]:
    """Yield the full name of a class that `C = make_dataclass(…, frozen=True)` creates."""
    node = source.descend(offset)[-1].node
    setting, call = source.enclosing(node, "keyword_argument"), source.enclosing(node, "call")
    assignment = source.enclosing(node, "assignment")
    function = call.child_by_field_name("function") if call is not None else None
    if setting is None or assignment is None or function is None:
        return
    names = source.resolve(function) or (source.text(function),)
    left = assignment.child_by_field_name("left")
    is_made = any(name.rpartition(".")[2] == "make_dataclass" for name in names)
    if is_made and left is not None and _is_true(source, setting.child_by_field_name("value")):
        yield ".".join(filter(None, [source.module, source.scope(left), source.text(left)]))


def _configured(source: Source, statement: Node) -> Node | None:
    """Return the class to which a decorator, a class header, or the settings of a model belong."""
    if statement.type == "class_definition":
        return statement
    if statement.type == "assignment":
        left = statement.child_by_field_name("left")
        is_settings = left is not None and source.text(left) == _CONFIGURED
        return source.enclosing(statement, "class_definition") if is_settings else None
    around = source.enclosing(statement, "decorated_definition")
    found = around.child_by_field_name("definition") if around is not None else None
    return found if found is not None and found.type == "class_definition" else None


def _is_true(source: Source, value: Node | None) -> bool:
    while value is not None and value.type == "parenthesized_expression":
        value = value.named_child(0)
    return value is not None and source.text(value) == "True"
