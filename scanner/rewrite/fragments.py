"""LibCST on one statement or expression at a time: text in, text out, the rest as it was written."""

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from scanner.rewrite.sheet import RefusedError


@dataclass(frozen=True, slots=True)
class Alias:
    """One name of a `from` import: `name`, or `name as local`."""

    name: str
    local: str = ""


def with_arguments(call: str, places: Sequence[str], names: Sequence[tuple[str, str]]) -> str:
    """A call with arguments put behind those that it has: positional ones, then (keyword, value).

    Raises RefusedError where the call's form takes no more.
    """
    module, node = _call(call)
    if any(isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar for arg in node.args):
        raise RefusedError("its only argument is a generator without brackets")
    if places and any(arg.keyword is not None or arg.star for arg in node.args):
        raise RefusedError("a positional argument cannot follow the ones that it has")
    fresh = [cst.Arg(cst.parse_expression(value)) for value in places]
    fresh += [_keyword(name, value) for name, value in names]
    return module.with_deep_changes(node, args=_joined(node, fresh)).code


def with_value(call: str, name: str, position: int | None, value: str) -> str:
    """A call with another value for the argument that it gives by keyword, or at a position."""
    module, node = _call(call)
    at = next((i for i, arg in enumerate(node.args) if arg.keyword and arg.keyword.value == name), position)
    if at is None or at >= len(node.args):
        raise RefusedError(f"gives no {name} that could be replaced")
    old = node.args[at]
    return module.with_deep_changes(old, value=cst.parse_expression(value)).code


def _call(text: str) -> tuple[cst.Module, cst.Call]:
    module = _module(text)
    line = module.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Call):
        raise RefusedError("the call has a form that is not known")
    return module, small.value


def _module(text: str) -> cst.Module:
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise RefusedError(f"LibCST cannot read it: {error.message}") from error
    if len(module.body) != 1 or module.code != text:
        raise RefusedError("LibCST would not write it back as it is")
    return module


def _keyword(name: str, value: str) -> cst.Arg:
    plain = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=plain, whitespace_after=plain)
    return cst.Arg(cst.parse_expression(value), keyword=cst.Name(name), equal=equal)


def _joined(node: cst.Call, fresh: list[cst.Arg]) -> list[cst.Arg]:
    """The old arguments and new ones, spaced as the old ones are."""
    old = list(node.args)
    last = old[-1] if old else None
    gap = _gap(node)
    end = last.comma if last is not None else cst.MaybeSentinel.DEFAULT
    tail = last.whitespace_after_arg if last is not None else cst.SimpleWhitespace("")
    if last is not None:
        comma = cst.Comma(whitespace_after=_comment_of(end, gap))
        old[-1] = last.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))
    spaced = [arg.with_changes(comma=cst.Comma(whitespace_after=gap)) for arg in fresh[:-1]]
    closing = _without_comment(end)
    return [*old, *spaced, fresh[-1].with_changes(comma=closing, whitespace_after_arg=_bare(tail))]


def _gap(node: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """What stands between two arguments of this call: a blank, or the next line."""
    for arg in node.args[:-1]:
        if isinstance(arg.comma, cst.Comma):
            return _bare(arg.comma.whitespace_after)
    before = node.whitespace_before_args
    if node.args and isinstance(before, cst.ParenthesizedWhitespace):
        return _bare(before)
    return cst.SimpleWhitespace(" ")


def _bare(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """The same white space without its comments and empty lines."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    first = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return space.with_changes(first_line=first, empty_lines=[])


def _comment_of(
    comma: cst.Comma | cst.MaybeSentinel, gap: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """The gap after what was the last argument: with the comment that stood behind it."""
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    if isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is not None:
        if isinstance(gap, cst.ParenthesizedWhitespace):
            return gap.with_changes(first_line=space.first_line)
        return space
    return gap


def _without_comment(comma: cst.Comma | cst.MaybeSentinel) -> cst.Comma | cst.MaybeSentinel:
    if not isinstance(comma, cst.Comma):
        return comma
    return comma.with_changes(whitespace_after=_bare(comma.whitespace_after))


def with_parameter(parameters: str, name: str) -> str:
    """The parameters of a function, brackets included, with one more positional one."""
    head, tail = "def f", ": pass"
    module = _module(head + parameters + tail)
    function = module.body[0]
    if not isinstance(function, cst.FunctionDef):
        raise RefusedError("the function has a form that is not known")
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
        gaps = [p.comma.whitespace_after for p in old[:-1] if isinstance(p.comma, cst.Comma)]
        gap = _bare(gaps[-1]) if gaps else cst.SimpleWhitespace(" ")
        old[-1] = last.with_changes(
            comma=cst.Comma(whitespace_after=_comment_of(end, gap)),
            whitespace_after_param=cst.SimpleWhitespace(""),
        )
        fresh = fresh.with_changes(comma=_without_comment(end), whitespace_after_param=_bare(inner))
    code = module.with_deep_changes(around, params=[*old, fresh]).code
    return code[len(head) : len(code) - len(tail)]


def with_names(
    statement: str, drop: Sequence[int], rename: dict[int, str], add: Sequence[Alias], module: str = ""
) -> str:
    """A `from` import without some names (by position), with others renamed, added, or of another module.

    The text is empty where no name is left. A renamed name keeps its `as`.
    """
    whole = _module(statement)
    node = _from(whole)
    if isinstance(node.names, cst.ImportStar):
        raise RefusedError("an import of * names nothing that could be replaced")
    names = [_renamed(alias, rename[at]) if at in rename else alias for at, alias in enumerate(node.names)]
    names = [*names, *(_alias(alias) for alias in add)]
    if add and len(names) > len(add):
        _append(node, names, len(names) - len(add))
    brackets = node
    for at in sorted(drop, reverse=True):
        brackets = _drop(brackets, names, at)
    if not names:
        return ""
    changed = brackets.with_changes(names=names)
    if module:
        changed = changed.with_changes(module=_dotted(module), relative=[])
        changed = changed.with_changes(whitespace_after_from=cst.SimpleWhitespace(" "))
    return whole.deep_replace(node, changed).code  # type: ignore[union-attr]


def without_modules(statement: str, drop: Sequence[int]) -> str:
    """An `import` without some of its modules, by position; empty where none is left."""
    whole = _module(statement)
    line = whole.body[0]
    node = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(node, cst.Import):
        raise RefusedError("the import has a form that is not known")
    names = [alias for at, alias in enumerate(node.names) if at not in drop]
    if not names:
        return ""
    names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return whole.with_deep_changes(node, names=names).code


def _from(whole: cst.Module) -> cst.ImportFrom:
    line = whole.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.ImportFrom):
        raise RefusedError("the import has a form that is not known")
    return small


def _renamed(alias: cst.ImportAlias, name: str) -> cst.ImportAlias:
    """Another name under the same `as`; `x as x` hands a name on, so there both change."""
    same = alias.evaluated_alias == alias.evaluated_name
    asname = alias.asname.with_changes(name=cst.Name(name)) if alias.asname and same else alias.asname
    return alias.with_changes(name=cst.Name(name), asname=asname)


def _alias(alias: Alias) -> cst.ImportAlias:
    asname = cst.AsName(cst.Name(alias.local)) if alias.local else None
    return cst.ImportAlias(cst.Name(alias.name), asname=asname)


def _dotted(name: str) -> cst.Name | cst.Attribute:
    head, _, last = name.rpartition(".")
    return cst.Attribute(_dotted(head), cst.Name(last)) if head else cst.Name(last)


def _append(node: cst.ImportFrom, names: list[cst.ImportAlias], old: int) -> None:
    """Put commas between the old names and the new ones, spaced as the old ones are."""
    last = names[old - 1]
    end = last.comma
    gaps = [alias.comma.whitespace_after for alias in names[: old - 1] if isinstance(alias.comma, cst.Comma)]
    gap = _bare(gaps[-1]) if gaps else cst.SimpleWhitespace(" ")
    if (
        not gaps
        and node.lpar is not None
        and isinstance(node.lpar.whitespace_after, cst.ParenthesizedWhitespace)
    ):
        gap = _bare(node.lpar.whitespace_after)
    names[old - 1] = last.with_changes(comma=cst.Comma(whitespace_after=_comment_of(end, gap)))
    for at in range(old, len(names) - 1):
        names[at] = names[at].with_changes(comma=cst.Comma(whitespace_after=gap))
    names[-1] = names[-1].with_changes(comma=_without_comment(end))


def _drop(node: cst.ImportFrom, names: list[cst.ImportAlias], at: int) -> cst.ImportFrom:
    """Take one name out; what stood before it keeps its comment, and the brackets their form."""
    gone = names.pop(at)
    if not names or at < len(names):
        return node
    comma = names[-1].comma
    if not isinstance(comma, cst.Comma):
        return node
    space = comma.whitespace_after
    if node.rpar is None:
        names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node
    if isinstance(gone.comma, cst.Comma):
        names[-1] = names[-1].with_changes(
            comma=comma.with_changes(whitespace_after=_ended(space, gone.comma))
        )
        return node
    closing = node.rpar.whitespace_before
    if not isinstance(space, cst.ParenthesizedWhitespace) or space.first_line.comment is None:
        names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node
    end = closing if isinstance(closing, cst.ParenthesizedWhitespace) else space
    names[-1] = names[-1].with_changes(
        comma=comma.with_changes(
            whitespace_after=space.with_changes(last_line=end.last_line, indent=end.indent)
        )
    )
    return node.with_changes(rpar=node.rpar.with_changes(whitespace_before=cst.SimpleWhitespace("")))


def _ended(space: cst.BaseParenthesizableWhitespace, comma: cst.Comma) -> cst.BaseParenthesizableWhitespace:
    """What stands before the closing bracket: the line end of the name that is gone, this one's comment."""
    end = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(end, cst.ParenthesizedWhitespace):
        return space.with_changes(last_line=end.last_line, indent=end.indent, empty_lines=[])
    if isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is None:
        return cst.SimpleWhitespace("")
    if isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return _bare(end)


def without_item(value: str, item: str) -> str:
    """A list or tuple of strings without one of them."""
    module = _module(value)
    line = module.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    node = small.value if isinstance(small, cst.Expr) else None
    if not isinstance(node, cst.List | cst.Tuple):
        raise RefusedError("__all__ has a form that is not known")
    kept = [element for element in node.elements if not _is_text(element, item)]
    if len(kept) == len(node.elements):
        raise RefusedError(f"__all__ does not list {item} where it could be taken out")
    if kept and kept[-1] is not node.elements[-1]:
        kept[-1] = kept[-1].with_changes(comma=node.elements[-1].comma)
    if isinstance(node, cst.Tuple) and len(kept) == 1:
        kept[0] = kept[0].with_changes(comma=cst.Comma())
    return module.with_deep_changes(node, elements=kept).code


def _is_text(element: cst.BaseElement, item: str) -> bool:
    return isinstance(element.value, cst.SimpleString) and element.value.evaluated_value == item
