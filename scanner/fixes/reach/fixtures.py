"""Finds pytest fixtures available to a test: in its class, its file, and the conftest.py files above it.

The rules follow "Fixture availability" in pytest's documentation.
"""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.cst.arguments import add_parameter
from scanner.fixes.model import RefusedError
from scanner.fixes.reach.annotation_types import judge_annotation
from scanner.fixes.reach.base_classes import lineage
from scanner.fixes.reach.bindings import Need
from scanner.fixes.reach.setup_methods import FIXTURES, decorators_of
from scanner.fixes.text_edits import Edit, edits_between
from scanner.model import RepoPath
from scanner.python.source import Source


def find_fixture(context: FixContext, at: Node, need: Need) -> tuple[str, tuple[Edit, ...]] | None:
    """Return the fixture that a test can request, and the edits that request it, or None if there is no
    fixture.

    Raises RefusedError if a fixture exists but the function cannot request it.
    """
    function, owner = _outermost(context, at)
    if function is None:
        return None
    is_async = any(child.type == "async" for child in function.children)
    for file, definition in _available(context, owner):
        name = _name(file, definition)
        if not _provides(context, file, definition, need) or file.scope(definition).split(".")[0] not in {
            "",
            _name(context.source, owner) if owner is not None else "",
        }:
            continue
        if any(child.type == "async" for child in definition.children) and not is_async:
            continue
        return name, _request_fixture(context, function, owner, name)
    return None


def _outermost(context: FixContext, at: Node) -> tuple[Node | None, Node | None]:
    """Return the enclosing function that pytest calls, and its class."""
    scopes = context.source.scopes(at)[1:]
    owner = scopes[0] if scopes and scopes[0].type == "class_definition" else None
    rest = scopes[1:] if owner is not None else scopes
    function = rest[0] if rest and rest[0].type == "function_definition" else None
    return function, owner


def _request_fixture(context: FixContext, function: Node, owner: Node | None, name: str) -> tuple[Edit, ...]:
    line = function.start_point.row + 1
    own = _name(context.source, function)
    if not own.startswith("test"):
        raise RefusedError(f"{own} (line {line}) is not a test to which pytest could pass the fixture {name}")
    if owner is not None and (strange := lineage(context, owner).foreign):
        raise RefusedError(
            f"the class {_name(context.source, owner)} (line {owner.start_point.row + 1}) inherits from "
            f"{strange[0]}, and unittest does not pass fixtures: create the fixture {name} in its set-up"
        )
    if context.source.bindings_in(name, function):
        raise RefusedError(f"{name} already refers to something else in {own} (line {line})")
    if any(mark.startswith(("@given", "@hypothesis.given")) for mark in decorators_of(context, function)):
        raise RefusedError(f"{own} (line {line}) gets its arguments by position: add {name} by hand")
    around = function.child_by_field_name("parameters")
    if around is None:
        raise RefusedError(f"{own} (line {line}) has parameters that could not be read")
    text = context.text(around)
    return tuple(
        edit.moved(around.start_byte)
        for edit in edits_between(text.encode(), add_parameter(text, name).encode())
    )


def _available(context: FixContext, owner: Node | None) -> Iterator[tuple[Source, Node]]:
    """Yield the available fixtures and the files that define them, nearest first."""
    yield from (
        (context.source, node)
        for node in _defined(context.source)
        if owner is not None and _inside(node, owner)
    )
    yield from ((context.source, node) for node in _defined(context.source) if not context.source.scope(node))
    folder = context.source.path
    while folder:
        folder = folder.rpartition("/")[0]
        path = f"{folder}/conftest.py".lstrip("/")
        file = context.workspace.source(RepoPath(path)) if path != context.source.path else None
        if file is not None and not file.fault:
            yield from ((file, node) for node in _defined(file) if not file.scope(node))


def _defined(source: Source) -> Iterator[Node]:
    """Yield the fixture functions in a file."""
    for offset in source.offsets("fixture"):
        trail = source.descend(offset)
        mark = next((step.node for step in trail if step.node.type == "decorator"), None)
        # Fixtures that are registered under a name other than that of their function are skipped.
        if mark is not None and source.text(mark).startswith(FIXTURES) and "name=" not in source.text(mark):
            wrapper = next(source.ancestors(mark), None)
            inner = wrapper.child_by_field_name("definition") if wrapper is not None else None
            if inner is not None and inner.type == "function_definition":
                yield inner


def _provides(context: FixContext, file: Source, definition: Node, need: Need) -> bool:
    """Return true if a fixture's return type or name identifies the value."""
    kind = definition.child_by_field_name("return_type")
    if kind is not None and need.type:
        certainty = judge_annotation(FixContext(context.workspace, file), kind, need.type)
        if certainty == "sure":
            return True
        if certainty == "no" and need.noun not in file.text(
            kind
        ):  # a fixture with `yield` is annotated Iterator[T]
            return False
    return _name(file, definition) in need.words


def _name(source: Source, definition: Node) -> str:
    name = definition.child_by_field_name("name")
    return source.text(name) if name is not None else ""


def _inside(node: Node, owner: Node) -> bool:
    return owner.start_byte <= node.start_byte < owner.end_byte
