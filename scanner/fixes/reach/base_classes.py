"""Finds the base classes of a class, in Python's lookup order, provided that they are defined in the tree.

Only first bases are followed, because `super()` in a method refers to the first base as written. Members of
other bases are not searched.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.python.classes import bases
from scanner.python.scopes import Binding

_DEPTH = 8
# These bases add no attributes and run no code.
_BARE = frozenset({"object", "ABC", "Generic", "Protocol"})


@dataclass(frozen=True, slots=True)
class ClassNode:
    """A class in a lineage, and the file that defines it."""

    context: FixContext
    node: Node


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class, its first base, the first base of that class, and so on.

    `foreign` contains the names of bases outside the tree.
    """

    kin: tuple[ClassNode, ...]
    foreign: tuple[str, ...]

    @property
    def is_unittest(self) -> bool:
        """Return true if unittest runs the class, judging by the names of its bases outside the tree."""
        return any(word.endswith("TestCase") for word in self.foreign)


def lineage(context: FixContext, owner: Node) -> Lineage:
    """Return the lineage of a class in a file."""
    kin: list[ClassNode] = []
    foreign: dict[str, None] = {}
    _follow(ClassNode(context, owner), kin, foreign, set(), first=True)
    return Lineage(tuple(kin), tuple(foreign))


def _follow(
    one: ClassNode, kin: list[ClassNode], foreign: dict[str, None], seen: set[tuple[str, int]], *, first: bool
) -> None:
    key = (one.context.source.path, one.node.start_byte)
    if key in seen or len(seen) >= _DEPTH:
        foreign["a class that inherits from itself or from too many"] = None
        return
    seen.add(key)
    if first:
        kin.append(one)
    for number, base in enumerate(_bases(one)):
        above = _class_of(one.context, base)
        if above is None:
            foreign[one.context.text(base).rpartition(".")[2]] = None
        else:
            _follow(above, kin, foreign, seen, first=first and number == 0)


def _bases(one: ClassNode) -> Iterator[Node]:
    """Yield the relevant bases, without their type arguments."""
    for base in bases(one.node):
        if base.type == "comment":
            continue
        plain = base.child_by_field_name("value") if base.type == "subscript" else base
        if plain is not None and one.context.text(plain).rpartition(".")[2] not in _BARE:
            yield plain


def _class_of(context: FixContext, base: Node) -> ClassNode | None:
    """Return the class in the tree to which a base refers, or None unless there is exactly one."""
    if base.type == "identifier":
        return _only(context, context.source.lookup(base), _DEPTH)
    names = context.source.resolve(base)
    return _named(context, names[0], _DEPTH) if len(names) == 1 else None


def _only(context: FixContext, bound: tuple[Binding, ...], depth: int) -> ClassNode | None:
    if len(bound) != 1:
        return None
    if bound[0].kind == "class":
        return ClassNode(context, bound[0].statement)
    return _named(context, bound[0].target, depth) if bound[0].target else None


def _named(context: FixContext, name: str, depth: int) -> ClassNode | None:
    """Return the class with this full dotted name, following re-exports."""
    module, _, last = name.rpartition(".")
    source = context.workspace.module(module)
    if source is None or source.fault or not depth:
        return None
    return _only(
        FixContext(context.workspace, source), tuple(source.bindings_in(last, source.root)), depth - 1
    )
