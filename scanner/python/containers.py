"""Detects mutable containers: expressions that create one, and code that writes to one."""

import re
from itertools import pairwise

from tree_sitter import Node

from scanner.python.scopes import FUNCTIONS, Trail
from scanner.python.source import Source

_LITERALS = frozenset(
    {"list", "dictionary", "set", "list_comprehension", "dictionary_comprehension", "set_comprehension"}
)
MAKERS = (
    "dict", "list", "set", "bytearray", "defaultdict", "deque", "OrderedDict", "Counter", "ChainMap",
    "UserDict", "UserList", "WeakValueDictionary", "WeakKeyDictionary", "WeakSet", "Queue", "LifoQueue",
    "PriorityQueue", "SimpleQueue", "SortedDict", "SortedList", "TTLCache", "LRUCache",
)  # fmt: skip
_HINT = re.compile(
    r"(?:\w+\.)*(?:dict|list|set|Dict|List|Set|DefaultDict|Deque|deque|defaultdict|OrderedDict|Counter|"
    r"MutableMapping|MutableSequence|MutableSet|WeakSet|WeakValueDictionary|WeakKeyDictionary)\b"
)
_WRAPPED = re.compile(r"(?:\w+\.)*(?:Optional|ClassVar|Final|Annotated)\[")
MUTATORS = (
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "add",
    "discard", "sort", "reverse", "appendleft", "extendleft", "popleft", "rotate", "intersection_update",
    "move_to_end", "difference_update", "symmetric_difference_update", "subtract", "put", "put_nowait",
    "__setitem__", "__delitem__",
)  # fmt: skip
_MUTATORS = frozenset(MUTATORS)
_GETTERS = frozenset({"get", "setdefault", "__getitem__"})
_PATTERNS = frozenset(
    {
        *("pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list"),
        *("list_splat_pattern", "parenthesized_expression", "as_pattern_target", "type"),
    }
)
# The grammar parses `type(self).x[0] = …` as a type alias.
_ASSIGNMENTS = frozenset({"assignment", "type_alias_statement"})
_LOOPS = frozenset({"for_statement", "for_in_clause"})


def is_container(source: Source, value: Node | None) -> bool:
    """Return whether an expression creates a mutable container."""
    if value is None:
        return False
    if value.type in _LITERALS:
        return True
    if value.type in {"parenthesized_expression", "conditional_expression", "boolean_operator"}:
        return any(is_container(source, child) for child in value.named_children)
    callee = value.child_by_field_name("function") if value.type == "call" else None
    if callee is not None and callee.type == "subscript":
        callee = callee.child_by_field_name("value")
    if callee is None or callee.type not in {"identifier", "attribute"}:
        return False
    names = source.resolve(callee) or (source.text(callee),)
    own = f"{source.module}."
    return any(name.rpartition(".")[2] in MAKERS and not name.startswith(own) for name in names)


def is_container_hint(source: Source, annotation: Node | None) -> bool:
    """Return whether an annotation declares a mutable container."""
    if annotation is None:
        return False
    text = re.sub(r"[\s\"']", "", source.text(annotation))
    while (wrapper := _WRAPPED.match(text)) is not None:
        text = text[wrapper.end() :]
    return _HINT.match(text) is not None


def writes(source: Source, trail: Trail) -> bool:
    """Return whether the identifier at the end of a trail writes to the container that it names.

    Writes are assignments to items and deletions of items (including nested ones), also by `for` and `with`,
    calls of mutating methods, and augmented assignments such as `+=`. Rebinding the bare name is not a write.
    """
    at = len(trail) - 1
    if trail[at].field == "attribute" and trail[at - 1].node.type == "attribute":
        at -= 1
    deep = False
    while at > 0:
        parent, field = trail[at - 1].node, trail[at].field
        if parent.type == "subscript" and field == "value":
            deep = True
        elif parent.type == "attribute" and field == "object":
            is_write = _method(source, trail, at, deep=deep)
            if is_write is not None:
                return is_write
            called = trail[at - 2].node.type == "call" and trail[at - 1].field == "function"
            deep, at = True, at - called
        elif not (deep and parent.type in _PATTERNS):
            return _ends_in_write(parent, field, deep=deep)
        at -= 1
    return False


def in_function(trail: Trail) -> bool:
    """Return whether the code at the end of a trail runs in a call, not when the module is imported."""
    return any(above.node.type in FUNCTIONS and step.field == "body" for above, step in pairwise(trail))


def _method(source: Source, trail: Trail, at: int, *, deep: bool) -> bool | None:
    """Return whether a method writes to the container; None if that depends on the enclosing expression."""
    name = trail[at - 1].node.child_by_field_name("attribute")
    word = "" if name is None else source.text(name)
    if trail[at - 2].node.type == "call" and trail[at - 1].field == "function":
        return True if word in _MUTATORS else None if word in _GETTERS else False
    return None if deep else False


def _ends_in_write(parent: Node, field: str | None, *, deep: bool) -> bool:
    if parent.type == "augmented_assignment":
        return field == "left"
    if parent.type in _ASSIGNMENTS or parent.type in _LOOPS:
        return deep and field == "left"
    if parent.type == "as_pattern":
        return deep and field == "alias"
    return deep and parent.type == "delete_statement"
