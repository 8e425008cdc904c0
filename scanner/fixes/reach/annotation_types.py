"""Determines from a value's annotation whether it has the required type: sure, maybe (it could also be None),
no, or unknown.
"""

import ast
import re
from typing import Literal

from tree_sitter import Node

from scanner.fixes.context import FixContext

Certainty = Literal["sure", "maybe", "no", "unknown"]
_UNINFORMATIVE = frozenset({"Any", "object"})
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Convert a class name to snake case: `UserExecutionContext` becomes `user_execution_context`."""
    return _WORD.sub("_", name).lower()


def judge_annotation(context: FixContext, annotation: Node, wanted: str) -> Certainty:
    """Return the certainty that an annotation, quoted or not, denotes the type with this full dotted name."""
    return _judge_text(context, context.text(annotation), annotation, wanted)


def _judge_text(context: FixContext, text: str, at: Node, wanted: str) -> Certainty:
    try:
        tree = ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "no"
    return _judge(context, tree, at, wanted)


def _judge(context: FixContext, tree: ast.expr, at: Node, wanted: str) -> Certainty:  # noqa: PLR0911  one return per form of annotation
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        return _judge_text(context, tree.value, at, wanted)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitOr):
        return _union(context, [tree.left, tree.right], at, wanted)
    if isinstance(tree, ast.Subscript):
        head = ast.unparse(tree.value).rpartition(".")[2]
        parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        if head in {"Annotated", "Final"} and parts:
            return _judge(context, parts[0], at, wanted)
        if head == "Optional":
            return "maybe" if _judge(context, parts[0], at, wanted) in {"sure", "maybe"} else "no"
        return _union(context, parts, at, wanted) if head == "Union" else "no"
    words = _words(tree)
    if words is None or not wanted:
        return "unknown" if words and words[-1] in _UNINFORMATIVE else "no"
    bound = context.source.lookup_word(words[0], at)
    names = [".".join((name, *words[1:])) for name in context.source.expand(bound)] or [".".join(words)]
    # A type may be imported through a re-export, so only the last component of its name is compared.
    if any(name.rpartition(".")[2] == wanted.rpartition(".")[2] for name in names):
        return "sure"
    return "unknown" if words[-1] in _UNINFORMATIVE else "no"


def _union(context: FixContext, parts: list[ast.expr], at: Node, wanted: str) -> Certainty:
    """Return the certainty for a union, whose members except None must all be the type."""
    certainty = {_judge(context, part, at, wanted) for part in parts if not _is_none(part)}
    if certainty - {"sure", "maybe"}:
        return "no"
    return "maybe" if any(map(_is_none, parts)) or "maybe" in certainty else "sure"


def _is_none(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and part.value is None


def _words(tree: ast.expr) -> list[str] | None:
    """Return the components of a dotted name."""
    words: list[str] = []
    while isinstance(tree, ast.Attribute):
        words.insert(0, tree.attr)
        tree = tree.value
    return [tree.id, *words] if isinstance(tree, ast.Name) else None
