"""Attributes of `self` that surely hold a value of the sought type."""

from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from scanner.rewrite.bindings import Need, is_guarded, of_expression, verdict
from scanner.rewrite.removal import BLOCKS
from scanner.rewrite.sheet import Sheet
from scanner.rewrite.types import Verdict, judge


def held_by_self(sheet: Sheet, at: Node, need: Need) -> tuple[str, list[str]]:
    """The attribute to give, empty if there is none, and in words those that may be None."""
    method, owner = _method(sheet, at)
    if method is None or owner is None:
        return "", []
    receiver = _receiver(sheet, method)
    if not receiver or any(b.scope != method for b in sheet.source.lookup_word(receiver, at)):
        return "", []
    doubts: list[str] = []
    for name in _names(sheet, owner, need):
        said, line = _attribute(sheet, owner, name, at, need)
        text = f"{receiver}.{name}"
        if said == "sure" or (said == "maybe" and is_guarded(sheet, text, at)):
            return text, []
        if said == "maybe":
            doubts.append(f"{text} (line {line})")
    return "", doubts


def _method(sheet: Sheet, at: Node) -> tuple[Node | None, Node | None]:
    """The method around a node, and its class."""
    scopes = sheet.source.scopes(at)
    for owner, scope in pairwise(scopes):
        if owner.type == "class_definition" and scope.type == "function_definition":
            return scope, owner
    return None, None


def _receiver(sheet: Sheet, method: Node) -> str:
    """The name of the first parameter of an ordinary method."""
    wrapper = next(sheet.source.ancestors(method), None)
    if wrapper is not None and wrapper.type == "decorated_definition":
        marks = [sheet.text(child) for child in wrapper.named_children if child.type == "decorator"]
        if any("staticmethod" in mark or "classmethod" in mark for mark in marks):
            return ""
    around = method.child_by_field_name("parameters")
    first = around.named_children[0] if around is not None and around.named_children else None
    return sheet.text(first) if first is not None and first.type == "identifier" else ""


def _names(sheet: Sheet, owner: Node, need: Need) -> Iterator[str]:
    """Attributes worth asking about: named for it, then those that get something of the type."""
    seen = {name for word in need.words for name in (word, f"_{word}")}
    for word in need.words:
        yield word
        yield f"_{word}"
    for _, attribute, right in _stores(sheet, owner):
        name = sheet.text(attribute)
        if name not in seen and right is not None and right.type in {"identifier", "call"}:
            seen.add(name)
            yield name


def _stores(sheet: Sheet, owner: Node) -> Iterator[tuple[Node, Node, Node | None]]:
    """Every `self.x = value` in the methods of a class: assignment, attribute's name, value."""
    body = owner.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        method = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if method is None or method.type != "function_definition":
            continue
        receiver = _receiver(sheet, method)
        for trail in (
            sheet.source.trails_within(receiver, method.start_byte, method.end_byte) if receiver else ()
        ):
            above = [step.node for step in reversed(trail)]
            if len(above) < 3 or above[1].type != "attribute" or trail[-1].field != "object":
                continue
            name, assignment = above[1].child_by_field_name("attribute"), above[2]
            if name is not None and assignment.type == "assignment" and trail[-2].field == "left":
                yield assignment, name, assignment.child_by_field_name("right")


def _attribute(sheet: Sheet, owner: Node, name: str, at: Node, need: Need) -> tuple[Verdict, int]:
    """What all assignments of one attribute say together, and the line that says so."""
    said: Verdict = "no"
    line = 0
    for assignment, attribute, right in _stores(sheet, owner):
        if sheet.text(attribute) != name:
            continue
        one = _assigned(sheet, assignment, right, name, need)
        if one == "no":
            return "no", 0
        if one == "maybe":
            said, line = "maybe", line or attribute.start_point.row + 1
        elif said == "no" and _is_there(sheet, assignment, at):
            said = "sure"
        line = line or attribute.start_point.row + 1
    return (said, line) if said != "no" else _declared(sheet, owner, name, need)


def _assigned(sheet: Sheet, assignment: Node, right: Node | None, name: str, need: Need) -> Verdict:
    kind = assignment.child_by_field_name("type")
    if kind is not None and (told := judge(sheet, kind, need.type)) in {"sure", "maybe"}:
        return told
    if right is None:
        return "no"
    if right.type == "identifier":
        bound = sheet.source.lookup(right)
        told = verdict(sheet, bound, right, need)
        if told != "no":
            return told
    return of_expression(sheet, right, need, "sure" if name.lstrip("_") in need.words else "no")


def _is_there(sheet: Sheet, assignment: Node, at: Node) -> bool:
    """Whether `__init__` has surely made an assignment when a node is reached."""
    function = sheet.source.enclosing(assignment, "function_definition")
    name = function.child_by_field_name("name") if function is not None else None
    body = function.child_by_field_name("body") if function is not None else None
    block = sheet.source.enclosing(assignment, *BLOCKS)
    if function is None or name is None or sheet.text(name) != "__init__" or block != body:
        return False
    inside = function.start_byte <= at.start_byte < function.end_byte
    return not inside or assignment.end_byte <= at.start_byte


def _declared(sheet: Sheet, owner: Node, name: str, need: Need) -> tuple[Verdict, int]:
    """A field of a dataclass, declared with the type and without a default."""
    wrapper = next(sheet.source.ancestors(owner), None)
    marks = (
        [sheet.text(c) for c in wrapper.named_children if c.type == "decorator"]
        if wrapper is not None
        else []
    )
    if not any("dataclass" in mark for mark in marks):
        return "no", 0
    for bound in sheet.source.bindings_in(name, owner):
        kind = bound.statement.child_by_field_name("type") if bound.kind == "assign" else None
        if kind is not None and bound.statement.child_by_field_name("right") is None:
            return judge(sheet, kind, need.type), bound.node.start_point.row + 1
    return "no", 0
