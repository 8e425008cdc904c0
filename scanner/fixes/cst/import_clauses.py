"""Edits `import` statements and lists with LibCST, text to text; all other text is left as written."""

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from scanner.fixes.cst.spacing import parse_statement
from scanner.fixes.model import RefusedError


@dataclass(frozen=True, slots=True)
class Alias:
    """One name in a `from` import: `name`, or `name as local`."""

    name: str
    local: str = ""


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
