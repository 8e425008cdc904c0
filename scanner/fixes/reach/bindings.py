"""Determines whether a name holds a value of the required type, judging by its annotation, value or
spelling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.edits.removal import BLOCKS
from scanner.fixes.model import RefusedError
from scanner.fixes.reach.annotation_types import Certainty, judge_annotation, snake
from scanner.python.scopes import COMPREHENSIONS, Binding

_LOOPS = frozenset({"for_statement", "for_in_clause"})
_LEAVES = frozenset({"raise_statement", "return_statement", "continue_statement", "break_statement"})


@dataclass(frozen=True, slots=True)
class Need:
    """An argument that a call requires: its name and the full dotted name of its type, which is empty if
    unknown. With `may_be_none`, a value that may be None is as good as any.
    """

    name: str
    type: str = ""
    may_be_none: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Return the variable names that are sufficient to identify the value."""
        last = self.type.rpartition(".")[2]
        return tuple(dict.fromkeys(filter(None, (self.name, snake(last)))))

    @property
    def noun(self) -> str:
        """Return the noun that messages use for the value."""
        return self.type.rpartition(".")[2] or self.name


def single_candidate(found: Sequence[str], at: Node, need: Need) -> str:
    """Return the only candidate.

    Raises RefusedError if there are several, because a wrong guess could mix up users.
    """
    if len(found) > 1:
        line = at.start_point.row + 1
        raise RefusedError(
            f"{found[0]} and {found[1]} are both a {need.noun} on line {line}: choose one by hand"
        )
    return found[0]


def judge_bindings(context: FixContext, bound: tuple[Binding, ...], at: Node, need: Need) -> Certainty:
    """Return the certainty that a name holds the value at a node: `maybe` if it could also be None."""
    certainties = [_judge_binding(context, binding, need) for binding in bound]
    if not certainties or "no" in certainties or "unknown" in certainties:
        return "no"
    if not any(_runs_before(context, binding, at) for binding in bound):
        return "no"
    if "maybe" in certainties and not need.may_be_none and not is_guarded(context, bound[0].name, at):
        return "maybe"
    return "sure"


def _judge_binding(context: FixContext, binding: Binding, need: Need) -> Certainty:
    if binding.scope == context.source.root or binding.scope.type == "class_definition":
        return "no"  # values in a module or class are shared by all users
    by_name: Certainty = "sure" if binding.name in need.words else "no"
    match binding.kind:
        case "parameter":
            return _judge_parameter(context, binding, need, by_name)
        case "assign" | "walrus":
            return _judge_assignment(context, binding, need, by_name)
        case "for" | "as":
            return by_name
    return "no"


def _judge_parameter(context: FixContext, binding: Binding, need: Need, by_name: Certainty) -> Certainty:
    node = binding.node
    for above in context.source.ancestors(binding.node):
        if above.type in {"parameters", "lambda_parameters"}:
            break
        node = above
    if node.type in {"list_splat_pattern", "dictionary_splat_pattern"}:
        return "no"
    kind = node.child_by_field_name("type")
    certainty = judge_annotation(context, kind, need.type) if kind is not None else "unknown"
    if node.type == "typed_parameter" and "splat" in node.named_children[0].type:
        return "no"
    if certainty == "unknown" or (certainty == "no" and not need.type):
        certainty = by_name
    default = node.child_by_field_name("value")
    if certainty == "sure" and default is not None and default.type == "none":
        return "maybe"
    return certainty


def _judge_assignment(context: FixContext, binding: Binding, need: Need, by_name: Certainty) -> Certainty:
    statement = binding.statement
    if statement.type == "augmented_assignment":
        return "no"
    left = statement.child_by_field_name("left") or statement.child_by_field_name("name")
    right = statement.child_by_field_name("right") or statement.child_by_field_name("value")
    kind = statement.child_by_field_name("type")
    if left is None or left.type != "identifier":
        return by_name
    if kind is not None and (certainty := judge_annotation(context, kind, need.type)) in {"sure", "maybe"}:
        return certainty
    if right is None:
        return "no"
    return judge_value(context, right, need, by_name)


def judge_value(context: FixContext, value: Node, need: Need, by_name: Certainty) -> Certainty:
    """Return the certainty that an assigned expression is the value: `maybe` if it could also be None."""
    while value.type in {"parenthesized_expression", "await"} and value.named_child_count:
        value = value.named_children[0]
    if value.type == "none":
        return "maybe" if by_name == "sure" else "no"
    if value.type in {
        "string",
        "integer",
        "float",
        "list",
        "dictionary",
        "tuple",
        "set",
        "lambda",
        "true",
        "false",
    }:
        return "no"
    function = value.child_by_field_name("function") if value.type == "call" else None
    if function is not None and need.type:
        last = need.type.rpartition(".")[2]
        for name in (*context.source.resolve(function), context.text(function)):
            if last in name.split(".")[-2:]:  # the class itself or one of its factory methods
                return "sure"
    return by_name


def _runs_before(context: FixContext, binding: Binding, at: Node) -> bool:
    """Return true if a binding is guaranteed to have been executed when the node is reached."""
    if binding.kind == "parameter":
        return True
    if binding.kind == "for":
        return _loops_around(context, binding, at)
    if binding.kind == "as":
        around = context.source.enclosing(binding.node, "with_statement", "except_clause")
        return around is not None and around.type == "with_statement" and _contains(around, at)
    block = context.source.enclosing(binding.node, *BLOCKS)
    # A condition or a comprehension between the block and the binding could skip it.
    for above in context.source.ancestors(binding.node):
        if above.type in {"boolean_operator", "conditional_expression", "lambda", *COMPREHENSIONS}:
            return False
        if above.type in BLOCKS:
            break
    return block is not None and _contains(block, at) and binding.statement.end_byte <= at.start_byte


def _loops_around(context: FixContext, binding: Binding, at: Node) -> bool:
    """Return true if a node is inside the loop that binds a name."""
    loop = context.source.enclosing(binding.node, *_LOOPS)
    if loop is None or loop.type == "for_in_clause":
        return loop is not None and binding.scope.type in COMPREHENSIONS
    body = loop.child_by_field_name("body")
    return body is not None and _contains(body, at)


def _contains(block: Node, at: Node) -> bool:
    return block.start_byte <= at.start_byte and at.end_byte <= block.end_byte


def is_guarded(context: FixContext, word: str, at: Node) -> bool:
    """Return true if the code before a node checks that a name (or `self.x`) is not None."""
    below = at
    for above in context.source.ancestors(at):
        if above.type in {"if_statement", "elif_clause"}:
            test, body = above.child_by_field_name("condition"), above.child_by_field_name("consequence")
            if (
                test is not None
                and body is not None
                and _contains(body, at)
                and _checks_not_none(context, test, word)
            ):
                return True
        if above.type in BLOCKS and any(
            _rules_out_none(context, statement, word)
            for statement in above.named_children
            if statement.end_byte <= below.start_byte
        ):
            return True
        if above.type in {"function_definition", "lambda"} and above != below:
            return False
        below = above
    return False


def _checks_not_none(context: FixContext, test: Node, word: str) -> bool:
    """Return true if a condition can be met only when the name is not None."""
    if test.type == "boolean_operator" and any(child.type == "and" for child in test.children):
        return any(_checks_not_none(context, part, word) for part in test.named_children)
    text = " ".join(context.text(test).split())
    return text in {word, f"{word} is not None", f"{word} != None", f"not ({word} is None)"}


def _rules_out_none(context: FixContext, statement: Node, word: str) -> bool:
    """Return true if execution cannot continue past a statement when the name is None."""
    if statement.type == "assert_statement":
        return bool(statement.named_children) and _checks_not_none(context, statement.named_children[0], word)
    if statement.type != "if_statement":
        return False
    test, body = statement.child_by_field_name("condition"), statement.child_by_field_name("consequence")
    if test is None or body is None or not body.named_children:
        return False
    text = " ".join(context.text(test).split())
    return text in {f"not {word}", f"{word} is None"} and body.named_children[-1].type in _LEAVES
