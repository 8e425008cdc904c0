"""Edits calls and parameters with LibCST, text to text; all other text is left exactly as written."""

from collections.abc import Sequence

import libcst as cst

from scanner.fixes.cst.spacing import (
    code_with_comments,
    comments_in,
    parse_statement,
    with_comment,
    without_comments,
    without_trailing_comment,
)
from scanner.fixes.model import RefusedError


def add_arguments(call: str, positional: Sequence[str], names: Sequence[tuple[str, str]]) -> str:
    """Return a call with arguments added at the end: positional ones, then (keyword, value) pairs.

    Raises RefusedError if the call cannot take them.
    """
    module, node = _call(call)
    comments = comments_in(module)
    if any(isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar for arg in node.args):
        raise RefusedError("its only argument is a generator without parentheses")
    if positional and any(arg.keyword is not None or arg.star for arg in node.args):
        raise RefusedError("a positional argument cannot follow its arguments")
    fresh = [cst.Arg(cst.parse_expression(value)) for value in positional]
    fresh += [_keyword(name, value) for name, value in names]
    return code_with_comments(comments, module.with_deep_changes(node, args=_joined(node, fresh)))


def replace_argument(call: str, name: str, position: int | None, value: str) -> str:
    """Return a call with a new value for one argument, which is identified by keyword or position."""
    module, node = _call(call)
    comments = comments_in(module)
    at = next((i for i, arg in enumerate(node.args) if arg.keyword and arg.keyword.value == name), position)
    if at is None or at >= len(node.args):
        raise RefusedError(f"has no argument {name} to replace")
    old = node.args[at]
    return code_with_comments(comments, module.with_deep_changes(old, value=cst.parse_expression(value)))


def _call(text: str) -> tuple[cst.Module, cst.Call]:
    module = parse_statement(text)
    line = module.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Call):
        raise RefusedError("the call has an unsupported form")
    return module, small.value


def _keyword(name: str, value: str) -> cst.Arg:
    plain = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=plain, whitespace_after=plain)
    return cst.Arg(cst.parse_expression(value), keyword=cst.Name(name), equal=equal)


def _joined(node: cst.Call, fresh: list[cst.Arg]) -> list[cst.Arg]:
    """Return the old arguments followed by the new ones, spaced like the old ones."""
    old = list(node.args)
    last = old[-1] if old else None
    gap = _gap(node)
    end = last.comma if last is not None else cst.MaybeSentinel.DEFAULT
    tail = last.whitespace_after_arg if last is not None else cst.SimpleWhitespace("")
    if last is not None:
        space = end.whitespace_after if isinstance(end, cst.Comma) else tail
        comma = cst.Comma(whitespace_after=with_comment(space, gap))
        old[-1] = last.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))
    spaced = [arg.with_changes(comma=cst.Comma(whitespace_after=gap)) for arg in fresh[:-1]]
    closing = without_trailing_comment(end)
    return [*old, *spaced, fresh[-1].with_changes(comma=closing, whitespace_after_arg=without_comments(tail))]


def _gap(node: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """Return the space between two arguments of this call: a single space or a line break."""
    for arg in node.args[:-1]:
        if isinstance(arg.comma, cst.Comma):
            return without_comments(arg.comma.whitespace_after)
    before = node.whitespace_before_args
    if node.args and isinstance(before, cst.ParenthesizedWhitespace):
        return without_comments(before)
    return cst.SimpleWhitespace(" ")


def add_parameter(parameters: str, name: str) -> str:
    """Return a function's parameters, including the parentheses, with one positional parameter added."""
    head, tail = "def f", ": pass"
    module = parse_statement(head + parameters + tail)
    function = module.body[0]
    if not isinstance(function, cst.FunctionDef):
        raise RefusedError("the function has an unsupported form")
    around = function.params
    if any(param.default is not None for param in around.params):
        raise RefusedError("its parameters have defaults, and a fixture cannot follow them")
    if around.kwonly_params or around.star_kwarg or isinstance(around.star_arg, cst.Param):
        raise RefusedError("its parameters end in * or **, and a fixture cannot follow them")
    old = list(around.params)
    fresh = cst.Param(cst.Name(name))
    if old:
        last = old[-1]
        end = last.comma
        inner = last.whitespace_after_param
        space = end.whitespace_after if isinstance(end, cst.Comma) else inner
        gaps = [p.comma.whitespace_after for p in old[:-1] if isinstance(p.comma, cst.Comma)]
        gap = without_comments(gaps[-1]) if gaps else cst.SimpleWhitespace(" ")
        old[-1] = last.with_changes(
            comma=cst.Comma(whitespace_after=with_comment(space, gap)),
            whitespace_after_param=cst.SimpleWhitespace(""),
        )
        fresh = fresh.with_changes(
            comma=without_trailing_comment(end), whitespace_after_param=without_comments(inner)
        )
    code = code_with_comments(comments_in(module), module.with_deep_changes(around, params=[*old, fresh]))
    return code[len(head) : len(code) - len(tail)]
