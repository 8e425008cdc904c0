"""Finds names that are used as types in quoted annotations, and all uses of a binding including those."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from tree_sitter import Node

from scanner.python.calls import arguments, keyword
from scanner.python.multi_search import Needles
from scanner.python.scopes import TYPE_PARAMETERS, Binding, Trail, is_use
from scanner.python.source import Source

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_STATEMENTS = frozenset({"block", "module", "expression_statement", "call", "lambda", "assignment"})
_TYPING = frozenset({"typing", "typing_extensions", "collections", "collections.abc"})
_GENERIC_BUILTINS = frozenset({"list", "dict", "tuple", "set", "frozenset", "type"})
_VARIABLES = frozenset({"TypeVar", "TypeVarTuple", "ParamSpec"})
_LISTS = frozenset({"tuple", "list"})
_FIELD_LISTS = frozenset({"NamedTuple", "make_dataclass"})
_WITH_TYPES = {"cast", "NewType", "assert_type", "TypedDict", *_VARIABLES, *_FIELD_LISTS}
_CALLS = Needles([[name.encode() for name in sorted(_WITH_TYPES)]])


@dataclass(slots=True)
class _Uses:
    """The nodes that read a name, by the scope of the binding to which they refer, as far as they are known.

    It must not contain the source, which contains it: both would stay in memory for a long time.
    """

    by_scope: dict[int, list[Node]]
    trails: Iterator[Trail]
    strings: Iterator[Node] | None = None


def uses_of(source: Source, bound: Binding) -> Iterator[Node]:
    """Yield every node that reads a binding's name, quoted annotations included."""
    if bound.name not in source.uses_by_name:
        # Every use is looked up once, and only as far as somebody asks: a file may bind one name thousands of
        # times, and one use shows that an import is used.
        source.uses_by_name[bound.name] = _Uses({}, iter(source.trails(bound.name)))
    uses: _Uses = source.uses_by_name[bound.name]
    mine = uses.by_scope.setdefault(bound.scope.id, [])
    at = 0
    while True:
        while at == len(mine):
            if not _find_use(source, bound.name, uses):
                return
        yield mine[at]
        at += 1


def _find_use(source: Source, name: str, uses: _Uses) -> bool:
    """Find the next node that reads a name, and return whether there is one."""
    for trail in uses.trails:
        node = trail[-1].node
        if is_use(trail) and (refers := source.lookup(node)):
            uses.by_scope.setdefault(refers[0].scope.id, []).append(node)
            return True
    if uses.strings is None:
        uses.strings = iter(source.strings(name))
    for node in uses.strings:
        chain = quoted(source, node, name)
        if chain[:1] == (name,) and (refers := source.lookup_word(name, node)):
            uses.by_scope.setdefault(refers[0].scope.id, []).append(node)
            return True
    return False


def quoted(source: Source, node: Node, word: str) -> tuple[str, ...]:
    """Return the chain ending in `word` in a quoted annotation; empty if the string is not an annotation."""
    if not _is_annotation(source, node):
        return ()
    for _, parts in names_in(source, node, source.constant(node) or ""):
        if word in parts:
            return parts[: parts.index(word) + 1]
    return ()


def names_in(source: Source, node: Node, text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the dotted names in the text of a quoted annotation, with their offsets in bytes."""

    def last_name(parts: tuple[str, ...]) -> str:
        names = source.expand(source.lookup_word(parts[0], node)) if len(parts) == 1 else ()
        return names[0].rpartition(".")[2] if names else "".join(parts[-1:])

    if "'" in text or '"' in text:
        found = import_module("scanner.python.nested_quotes").chains(text, last_name)
        if found is not None:
            yield from found
            return
    for match in _DOTTED.finditer(text):
        if text.count("'", 0, match.start()) % 2 or text.count('"', 0, match.start()) % 2:
            continue  # a string inside the annotation, such as an argument of Literal
        yield len(text[: match.start()].encode()), tuple(match.group().split("."))


def _is_annotation(source: Source, node: Node) -> bool:
    below, position = node, 0  # position: which of the arguments of a generic type
    in_generic = False
    for above in source.ancestors(node):
        if above.type == "type" and below.type != "type":
            below = above
            continue
        if above.type == TYPE_PARAMETERS:
            position = above.named_children.index(below)
        if above.type in {"generic_type", "subscript"} and above.named_children[0] != below:
            if above.type == "subscript":
                position = above.named_children.index(below) - 1
            if not _takes_types(source, above.named_children[0], position):
                return False
            in_generic = in_generic or _is_generic(source, above.named_children[0])
        if above.type in {"argument_list", "keyword_argument"} and not in_generic:
            return is_quoted_type(source, node)
        if below.type == "type" and above.type not in {TYPE_PARAMETERS, "generic_type", "type"}:
            return True
        if above.type in _STATEMENTS:
            return in_generic or (above.type == "assignment" and _is_type_alias(source, above))
        below = above
    return False


def _is_type_alias(source: Source, assignment: Node) -> bool:
    """Return whether an assignment is declared to be an alias of a type: `L: TypeAlias = "list[C]"`."""
    declared = assignment.child_by_field_name("type")
    if declared is None:
        return False
    kind = declared.named_children[0]
    names = source.resolve(kind) or (source.text(kind),)
    return any(name.rpartition(".")[2] == "TypeAlias" for name in names)


def _takes_types(source: Source, generic: Node, position: int) -> bool:
    """Return whether an argument of a generic type is a type: not in Literal, the first in Annotated."""
    names = source.resolve(generic) or (source.text(generic),)
    last = {name.rpartition(".")[2] for name in names}
    return "Literal" not in last and ("Annotated" not in last or position == 0)


def _is_generic(source: Source, node: Node) -> bool:
    """Return whether a subscripted name is a generic type outside annotations too: `L = List["C"]`."""
    if node.type == "identifier" and not source.lookup(node):
        return source.text(node) in _GENERIC_BUILTINS
    names = source.resolve(node) if node.type in {"identifier", "attribute"} else ()
    return any(name.rpartition(".")[0] in _TYPING for name in names)


def is_quoted_type(source: Source, node: Node) -> bool:
    """Return whether a string is a type in a call.

    Calls with types are `cast("C", x)`, `TypeVar("T", bound="C")`, `NewType`, `TypedDict("D", {"a": "C"})`,
    `NamedTuple("N", [("a", "C")])` and `make_dataclass`.
    """
    if source.data.isascii() and not _CALLS.found_in(source.data):  # resolving the callee takes longer
        return False
    call = source.enclosing(node, "call")
    function = call.child_by_field_name("function") if call is not None else None
    if call is None or function is None:
        return False
    names = source.resolve(function) or (source.text(function),)
    last = {name.rpartition(".")[2] for name in names}
    given = arguments(call)
    at = next((i for i, value in enumerate(given) if _is_argument(value, node)), -1)
    if "cast" in last and at >= 0:
        name = keyword(source, given[at])
        return name == "typ" or (at == 0 and not name)
    if at > 0 and last & {"NewType", "assert_type"}:
        return True
    if at > 0 and last & _VARIABLES:
        return keyword(source, given[at]) in {"", "bound", "default"}
    return _is_field_type(source, last, given, node)


def _is_field_type(source: Source, last: Collection[str], given: Sequence[Node], node: Node) -> bool:
    """Return whether a string is the type of a field in a call that creates a class with fields."""
    item, fields, *_ = source.ancestors(node)
    if not any(_is_argument(one, fields) for one in given[1:] if keyword(source, one) in {"", "fields"}):
        return False
    if item.type == "pair":
        return "TypedDict" in last and item.child_by_field_name("value") == node
    parts = [child for child in item.named_children if child.type != "comment"]
    return item.type in _LISTS and bool(_FIELD_LISTS & set(last)) and parts.index(node) == 1


def _is_argument(value: Node, node: Node) -> bool:
    return node in (value, value.child_by_field_name("value") if value.type == "keyword_argument" else None)
