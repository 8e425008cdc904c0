"""Applies Python's scoping rules to a tree-sitter tree: enclosing scopes, and how an identifier is bound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tree_sitter import Node

Kind = Literal[
    "import",
    "def",
    "class",
    "assign",
    "walrus",
    "for",
    "as",
    "match",
    "parameter",
    "del",
    "global",
    "nonlocal",
]

FUNCTIONS = frozenset({"function_definition", "lambda"})
COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
TYPE_PARAMETERS = "type_parameter"  # the list of them, and the scope that it is
_OF_FUNCTION = frozenset({"type_parameters", "parameters", "return_type", "body"})
_OF_CLASS = frozenset({"type_parameters", "superclasses", "body"})
_PATTERNS = frozenset(
    {
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "list_splat_pattern",
        "expression_list",
        "tuple",
        "list",
        "list_splat",
        "parenthesized_expression",
        "as_pattern_target",
    }
)
_BY_FIELD: dict[tuple[str, str | None], Kind] = {
    ("function_definition", "name"): "def",
    ("class_definition", "name"): "class",
    ("assignment", "left"): "assign",
    ("augmented_assignment", "left"): "assign",
    ("for_statement", "left"): "for",
    ("for_in_clause", "left"): "for",
    ("as_pattern", "alias"): "as",
    ("delete_statement", None): "del",
    ("splat_pattern", None): "match",
    ("named_expression", "name"): "walrus",
    ("global_statement", None): "global",
    ("nonlocal_statement", None): "nonlocal",
}


class TrailNode(NamedTuple):
    """One node on the path from the root to a leaf, with its field name in the parent node."""

    node: Node
    field: str | None


Trail = Sequence[TrailNode]


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding of a name.

    `node` is the identifier, `scope` the node of the scope in which the name is bound (the root for a
    module), `statement` the construct that binds it, and `target` the full dotted name that an import refers
    to.
    """

    name: str
    kind: Kind
    node: Node
    scope: Node
    statement: Node
    target: str | None = None


def scopes_around(trail: Trail) -> list[Node]:
    """Return the scope nodes that enclose the end of a trail, outermost (the root) first.

    The list of type parameters of a function, class or type alias is a scope of its own (PEP 695). It
    contains everything that sees the parameters: bounds, annotations, base classes, and the body.
    """
    found = [trail[0].node]
    for index in range(1, len(trail)):
        parent, step = trail[index - 1].node, trail[index]
        kind = parent.type
        if kind == "function_definition":
            found += _function_scopes(parent, trail[index:])
        elif kind == "class_definition":
            found += _type_scopes(parent) if step.field in _OF_CLASS else ()
            found += (parent,) if step.field == "body" else ()
        elif kind == "lambda":
            inside = step.field == "body" or (step.field == "parameters" and names_parameter(trail[index:]))
            found += (parent,) if inside else ()
        elif kind == "type_alias_statement":
            found += _alias_scopes(parent, trail[index:])
        elif kind in COMPREHENSIONS and not _is_first_iterable(parent, trail[index:]):
            found.append(parent)
    return found


def _function_scopes(function: Node, rest: Trail) -> Iterator[Node]:
    """Yield the scopes that one part of a function is in; defaults and decorators are in none of them."""
    field = rest[0].field
    fields = [step.field for step in rest] if field == "parameters" else []
    named = field == "parameters" and names_parameter(rest)
    if field == "parameters" and not named and "type" not in fields[: _index(fields, "value")]:
        return
    if field in _OF_FUNCTION:
        yield from _type_scopes(function)
    if field == "body" or named:
        yield function


def _index(fields: Sequence[str | None], field: str) -> int:
    return fields.index(field) if field in fields else len(fields)


def _type_scopes(definition: Node) -> Iterator[Node]:
    parameters = definition.child_by_field_name("type_parameters")
    if parameters is not None:
        yield parameters


def _alias_scopes(alias: Node, rest: Trail) -> Iterator[Node]:
    """Yield the type parameters of `type P[T] = ...` if a trail is inside them, or in the value."""
    left = alias.child_by_field_name("left")
    generic = left.named_child(0) if left is not None else None
    if generic is None or generic.type != "generic_type":
        return
    parameters = generic.named_children[-1]
    if rest[0].field == "right" or any(step.node == parameters for step in rest):
        yield parameters


def _is_first_iterable(comprehension: Node, rest: Trail) -> bool:
    """Return whether a trail enters the first iterable of a comprehension.

    It is evaluated in the enclosing scope.
    """
    if rest[0].node.type != "for_in_clause" or len(rest) < 2 or rest[1].field != "right":
        return False
    first = next(child for child in comprehension.named_children if child.type == "for_in_clause")
    return first == rest[0].node


def names_parameter(rest: Trail) -> bool:
    """Return whether a trail below `parameters` ends in a parameter's name, not in its default or type."""
    return rest[-1].node.type == "identifier" and all(step.field not in {"type", "value"} for step in rest)


def binds(trail: Trail) -> tuple[Kind, Node] | None:
    """Return how the identifier at the end of a trail is bound, and by what construct; None if it is not."""
    index = len(trail) - 1
    while index > 1 and trail[index - 1].node.type in _PATTERNS:
        index -= 1
    if index == 0:
        return None
    parent, step = trail[index - 1].node, trail[index]
    kind = _BY_FIELD.get((parent.type, step.field))
    if kind is not None:
        return kind, parent
    return _binds_in_place(trail) if index == len(trail) - 1 else _binds_as_parameter(trail)


def _binds_in_place(trail: Trail) -> tuple[Kind, Node] | None:
    """Return the binding of an identifier that is not nested inside a pattern."""
    parent, step = trail[-2].node, trail[-1]
    above = trail[-3].node if len(trail) > 2 else parent
    match parent.type:
        case "aliased_import" if step.field == "alias":
            return "import", above
        case "dotted_name":
            return _binds_dotted(trail)
        case "as_pattern" if above.type == "case_pattern" and parent.named_children[-1] == step.node:
            return "match", parent
        case "type" | "generic_type" | "splat_type":
            return _binds_type(trail)
    return _binds_as_parameter(trail)


def _binds_dotted(trail: Trail) -> tuple[Kind, Node] | None:
    name, step, above = trail[-2], trail[-1], trail[-3].node
    if name.node.named_children[0] != step.node:
        return None
    if above.type in {"import_statement", "import_from_statement"} and name.field == "name":
        return "import", above
    if above.type in {"case_pattern", "keyword_pattern"} and name.node.named_child_count == 1:
        return "match", above
    return None


def _binds_type(trail: Trail) -> tuple[Kind, Node] | None:
    """Return the binding made by `type X = ...`, or by a type parameter of a function, class or alias."""
    for index in range(len(trail) - 1, 0, -1):
        parent, step = trail[index - 1].node, trail[index]
        if parent.type == "type_alias_statement":
            return ("assign", parent) if step.field == "left" else None
        if parent.type == TYPE_PARAMETERS:
            return ("parameter", parent) if _declares(trail[: index + 1]) else None
        if parent.type in {"generic_type", "constrained_type"} and parent.named_children[0] != step.node:
            return None
        if parent.type not in {"type", "generic_type", "constrained_type", "splat_type"}:
            return None
    return None


def _declares(trail: Trail) -> bool:
    """Return whether a trail enters the type parameters of a definition, not those of a generic type."""
    if trail[-2].field == "type_parameters":
        return True
    around = [(step.node.type, step.field) for step in trail[-5:-2]]
    return [kind for kind, _ in around] == ["type_alias_statement", "type", "generic_type"] and (
        around[1][1] == "left"
    )


def _binds_as_parameter(trail: Trail) -> tuple[Kind, Node] | None:
    for index in range(len(trail) - 1, 0, -1):
        if trail[index].node.type in {"parameters", "lambda_parameters"}:
            if trail[index - 1].node.type in FUNCTIONS and names_parameter(trail[index:]):
                return "parameter", trail[index - 1].node
            return None
        if trail[index].node.type in {"block", "argument_list"}:
            return None
    return None


def is_use(trail: Trail) -> bool:
    """Return whether the identifier at the end of a trail uses the name.

    Reading and deleting are uses, and so is an augmented assignment, because it reads first.
    """
    parent, step = trail[-2].node, trail[-1]
    if step.field == "attribute" and parent.type == "attribute":
        return False
    if parent.type == "keyword_argument" and step.field == "name":
        return False
    if parent.type == "keyword_pattern":
        return False
    if parent.type == "dotted_name":
        above = trail[-3].node.type
        if above in {"import_statement", "import_from_statement", "aliased_import", "relative_import"}:
            return False
        if above in {"import_prefix", "future_import_statement"} or parent.named_children[0] != step.node:
            return False
    how = binds(trail)
    return how is None or how[0] == "del" or how[1].type == "augmented_assignment"
