"""Finds attributes of `self`, including inherited ones, that are guaranteed to hold a value of the required
type.
"""

from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.reach.annotation_types import Certainty, judge_annotation
from scanner.fixes.reach.base_classes import Lineage, lineage
from scanner.fixes.reach.bindings import Need, is_guarded, judge_bindings, judge_value, single_candidate
from scanner.fixes.reach.setup_methods import (
    decorators_of,
    has_run_before,
    is_not_overridden,
    runs_in_teardown,
)
from scanner.python.classes import methods


def find_attribute(context: FixContext, at: Node, need: Need) -> tuple[str, list[str]]:
    """Return the attribute to pass (empty if there is none) and descriptions of attributes that may be None.

    Raises RefusedError if several attributes have the type and none has the name of the value.
    """
    method, owner = _method(context, at)
    if method is None or owner is None:
        return "", []
    receiver = _receiver(context, method)
    if not receiver or any(b.scope != method for b in context.source.lookup_word(receiver, at)):
        return "", []
    line = lineage(context, owner)
    doubts: list[str] = []
    by_type: list[str] = []
    for name in _names(line, need):
        certainty, location = _judge_attribute(line, name, at, need)
        text = f"{receiver}.{name}"
        is_sure = certainty == "sure" or (certainty == "maybe" and is_guarded(context, text, at))
        if is_sure and name.lstrip("_") in need.words:
            return text, []
        if is_sure:
            by_type.append(text)
        elif certainty == "maybe":
            doubts.append(f"{text} ({location})")
    return (single_candidate(by_type, at, need), []) if by_type else ("", doubts)


def _method(context: FixContext, at: Node) -> tuple[Node | None, Node | None]:
    """Return the method that encloses a node, and its class."""
    scopes = context.source.scopes(at)
    for owner, scope in pairwise(scopes):
        if owner.type == "class_definition" and scope.type == "function_definition":
            return scope, owner
    return None, None


def _receiver(context: FixContext, method: Node) -> str:
    """Return the name of an ordinary method's first parameter."""
    if any("staticmethod" in mark or "classmethod" in mark for mark in decorators_of(context, method)):
        return ""
    around = method.child_by_field_name("parameters")
    first = around.named_children[0] if around is not None and around.named_children else None
    return context.text(first) if first is not None and first.type == "identifier" else ""


def _names(line: Lineage, need: Need) -> Iterator[str]:
    """Yield attributes that may fit: those with the value's name, then those assigned a value of its type."""
    seen = {name for word in need.words for name in (word, f"_{word}")}
    for word in need.words:
        yield word
        yield f"_{word}"
    for one in line.kin:
        for _, attribute, right in _stores(one.context, one.node):
            name = one.context.text(attribute)
            if name not in seen and right is not None and right.type in {"identifier", "call"}:
                seen.add(name)
                yield name


def _stores(context: FixContext, owner: Node) -> Iterator[tuple[Node, Node, Node | None]]:
    """Yield every `self.x = value` in the methods of a class: the assignment, attribute name and value."""
    for method in methods(owner):
        receiver = _receiver(context, method)
        for trail in (
            context.source.trails_within(receiver, method.start_byte, method.end_byte) if receiver else ()
        ):
            above = [step.node for step in reversed(trail)]
            if len(above) < 3 or above[1].type != "attribute" or trail[-1].field != "object":
                continue
            name, assignment = above[1].child_by_field_name("attribute"), above[2]
            if name is not None and assignment.type == "assignment" and trail[-2].field == "left":
                yield assignment, name, assignment.child_by_field_name("right")


def _judge_attribute(line: Lineage, name: str, at: Node, need: Need) -> tuple[Certainty, str]:
    """Return the combined certainty of all assignments to one attribute, and the location of the decisive
    one.
    """
    overall: Certainty = "no"
    location = ""
    for depth, one in enumerate(line.kin):
        for assignment, attribute, right in _stores(one.context, one.node):
            if one.context.text(attribute) != name or runs_in_teardown(line, depth, assignment, at):
                continue
            certainty = _judge_store(one.context, assignment, right, name, need)
            if certainty == "no":
                return "no", ""
            if certainty == "maybe":
                overall, location = "maybe", location or _location(line, depth, attribute)
            elif overall == "no" and has_run_before(line, depth, assignment, at):
                overall = "sure"
            location = location or _location(line, depth, attribute)
    return (overall, location) if overall != "no" else _judge_field(line, name, need)


def _location(line: Lineage, depth: int, node: Node) -> str:
    """Return the line number for a location in the file being fixed, or the path and line for another
    file.
    """
    row = node.start_point.row + 1
    path = line.kin[depth].context.source.path
    return f"line {row}" if path == line.kin[0].context.source.path else f"{path}:{row}"


def _judge_store(
    context: FixContext, assignment: Node, right: Node | None, name: str, need: Need
) -> Certainty:
    kind = assignment.child_by_field_name("type")
    if kind is not None and (certainty := judge_annotation(context, kind, need.type)) in {"sure", "maybe"}:
        return certainty
    if right is None:
        return "no"
    if right.type == "identifier":
        bound = context.source.lookup(right)
        certainty = judge_bindings(context, bound, right, need)
        if certainty != "no":
            return certainty
    return judge_value(context, right, need, "sure" if name.lstrip("_") in need.words else "no")


def _judge_field(line: Lineage, name: str, need: Need) -> tuple[Certainty, str]:
    """Return the certainty for a dataclass field that is declared with the type and has no default."""
    for depth, one in enumerate(line.kin):
        if not any("dataclass" in mark for mark in decorators_of(one.context, one.node)):
            continue
        for bound in one.context.source.bindings_in(name, one.node):
            kind = bound.statement.child_by_field_name("type") if bound.kind == "assign" else None
            if kind is not None and bound.statement.child_by_field_name("right") is None:
                certainty = judge_annotation(one.context, kind, need.type)
                return (certainty if is_not_overridden(line, depth, "__init__") else "no"), _location(
                    line, depth, bound.node
                )
    return "no", ""
