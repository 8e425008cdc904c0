"""Finds values that can be passed to a call: parameters, locals, attributes of `self`, and fixtures."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.model import RefusedError
from scanner.fixes.reach.attributes import find_attribute
from scanner.fixes.reach.bindings import Need, judge_bindings, single_candidate
from scanner.fixes.reach.fixtures import find_fixture
from scanner.fixes.text_edits import Edit
from scanner.python.scopes import FUNCTIONS


@dataclass(frozen=True, slots=True)
class FoundValue:
    """The expression to pass, and the edits that make it available."""

    text: str
    edits: tuple[Edit, ...] = ()


def find_value(context: FixContext, at: Node, need: Need) -> FoundValue:
    """Return the best value available at a node. Raises RefusedError if no value is guaranteed to be
    suitable.
    """
    doubts: list[str] = []
    functions = [scope for scope in context.source.scopes(at) if scope.type in FUNCTIONS]
    if not functions:
        raise RefusedError(
            f"no {need.noun} available on line {at.start_point.row + 1}, which runs at import time; "
            "move it into a function that receives one"
        )
    by_type: list[str] = []
    for word in _words(context, functions, need):
        bound = context.source.lookup_word(word, at)
        certainty = judge_bindings(context, bound, at, need)
        if certainty == "sure" and word in need.words:
            return FoundValue(word)
        if certainty == "sure":
            by_type.append(word)
        if certainty == "maybe":
            doubts.append(f"{word} (line {bound[0].node.start_point.row + 1})")
    if by_type:
        return FoundValue(single_candidate(by_type, at, need))
    attribute, doubtful = find_attribute(context, at, need)
    if attribute:
        return FoundValue(attribute)
    doubts += doubtful
    line = at.start_point.row + 1
    if doubts:
        raise RefusedError(f"{doubts[0]} may be None on line {line}: check it first and raise if it is None")
    fixture = find_fixture(context, at, need) if context.is_test else None
    if fixture is not None:
        return FoundValue(*fixture)
    raise RefusedError(f"no {need.noun} available on line {line}: add a parameter")


def _words(context: FixContext, functions: list[Node], need: Need) -> Iterator[str]:
    """Yield candidate names: first those that match the value's name, then all others bound in the
    functions.
    """
    seen = set(need.words)
    yield from need.words
    if not need.type:
        return
    last = need.type.rpartition(".")[2]
    for function in reversed(functions):
        for trail in context.source.trails_within(last, function.start_byte, function.end_byte):
            for step in reversed(trail):
                node = step.node
                found: Node | None = None
                if node.type in {"typed_parameter", "typed_default_parameter"}:
                    found = node.child_by_field_name("name") or node.named_children[0]
                elif node.type == "assignment":
                    found = node.child_by_field_name("left")
                if found is not None and found.type == "identifier" and context.text(found) not in seen:
                    seen.add(context.text(found))
                    yield context.text(found)
                if found is not None or node.type == "block":
                    break
        yield from _quoted(context, function, last, seen)


def _quoted(context: FixContext, function: Node, last: str, seen: set[str]) -> Iterator[str]:
    """Yield the parameters whose quoted annotation contains the type."""
    around = function.child_by_field_name("parameters")
    for node in around.named_children if around is not None else ():
        kind = node.child_by_field_name("type")
        if kind is not None and last in context.text(kind):
            name = node.child_by_field_name("name") or node.named_children[0]
            if name.type == "identifier" and context.text(name) not in seen:
                seen.add(context.text(name))
                yield context.text(name)
