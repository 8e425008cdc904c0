"""Edits imports and lists with LibCST, text to text; all other text is left exactly as written."""

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from scanner.fixes.cst.spacing import after_comma, parse_statement, without_comments, without_trailing_comment
from scanner.fixes.model import RefusedError


@dataclass(frozen=True, slots=True)
class Alias:
    """One name in a `from` import: `name`, or `name as local`."""

    name: str
    local: str = ""


def edit_from_import(
    statement: str, drop: Sequence[int], rename: dict[int, str], add: Sequence[Alias], module: str = ""
) -> str:
    """Return a `from` import with names dropped (by index), renamed or added, or with another module.

    The text is empty if no name remains. A renamed name keeps its `as` alias.
    """
    whole = parse_statement(statement)
    node = _from(whole)
    if isinstance(node.names, cst.ImportStar):
        raise RefusedError("a star import has no name to replace")
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


def drop_modules(statement: str, drop: Sequence[int]) -> str:
    """Return an `import` without some of its modules, given by index; empty if no module remains."""
    whole = parse_statement(statement)
    line = whole.body[0]
    node = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(node, cst.Import):
        raise RefusedError("the import has an unsupported form")
    names = [alias for at, alias in enumerate(node.names) if at not in drop]
    if not names:
        return ""
    names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return whole.with_deep_changes(node, names=names).code


def _from(whole: cst.Module) -> cst.ImportFrom:
    line = whole.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.ImportFrom):
        raise RefusedError("the import has an unsupported form")
    return small


def _renamed(alias: cst.ImportAlias, name: str) -> cst.ImportAlias:
    """Return an alias for another name with the same `as`.

    In the re-export form `x as x`, both names change.
    """
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
    """Put commas between the old names and the new ones, spaced like the old ones."""
    last = names[old - 1]
    end = last.comma
    gaps = [alias.comma.whitespace_after for alias in names[: old - 1] if isinstance(alias.comma, cst.Comma)]
    gap = without_comments(gaps[-1]) if gaps else cst.SimpleWhitespace(" ")
    if (
        not gaps
        and node.lpar is not None
        and isinstance(node.lpar.whitespace_after, cst.ParenthesizedWhitespace)
    ):
        gap = without_comments(node.lpar.whitespace_after)
    names[old - 1] = last.with_changes(comma=cst.Comma(whitespace_after=after_comma(end, gap)))
    for at in range(old, len(names) - 1):
        names[at] = names[at].with_changes(comma=cst.Comma(whitespace_after=gap))
    names[-1] = names[-1].with_changes(comma=without_trailing_comment(end))


def _drop(node: cst.ImportFrom, names: list[cst.ImportAlias], at: int) -> cst.ImportFrom:
    """Remove one name. The name before it keeps its comment, and the parentheses keep their layout."""
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
    """Return the space before the closing parenthesis: the dropped name's line end, this name's comment."""
    end = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(end, cst.ParenthesizedWhitespace):
        return space.with_changes(last_line=end.last_line, indent=end.indent, empty_lines=[])
    if isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is None:
        return cst.SimpleWhitespace("")
    if isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return without_comments(end)


def drop_item(value: str, item: str) -> str:
    """Return a list or tuple of strings with one item removed."""
    module = parse_statement(value)
    line = module.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    node = small.value if isinstance(small, cst.Expr) else None
    if not isinstance(node, cst.List | cst.Tuple):
        raise RefusedError("__all__ has an unsupported form")
    kept = [element for element in node.elements if not _is_text(element, item)]
    if len(kept) == len(node.elements):
        raise RefusedError(f"__all__ does not list {item} in a form that can be edited")
    if kept and kept[-1] is not node.elements[-1]:
        kept[-1] = kept[-1].with_changes(comma=node.elements[-1].comma)
    if isinstance(node, cst.Tuple) and len(kept) == 1:
        kept[0] = kept[0].with_changes(comma=cst.Comma())
    return module.with_deep_changes(node, elements=kept).code


def _is_text(element: cst.BaseElement, item: str) -> bool:
    return isinstance(element.value, cst.SimpleString) and element.value.evaluated_value == item
