"""Replaces dotted names in strings, such as the argument of `mock.patch`."""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.identity.tree import model_of
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.late_uses import uses_that_stay
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.symbols.use_sites import provides
from scanner.fixes.text_edits import Edit
from scanner.model import Finding


def fix_strings(
    context: FixContext, target: Replacement, symbol: str, findings: Sequence[Finding]
) -> Iterator[Outcome]:
    """Yield one change for each string."""
    for finding in findings:
        try:
            yield ProposedEdit((finding,), (_edit(context, target, symbol, finding),))
        except RefusedError as error:
            yield refuse(finding, error)


def _edit(context: FixContext, target: Replacement, symbol: str, finding: Finding) -> Edit:
    node = context.node(finding, "string", "concatenated_string")
    value = context.source.constant(node)
    content = [child for child in node.named_children if child.type == "string_content"]
    if node.type != "string" or value is None or len(content) != 1 or context.text(content[0]) != value:
        raise RefusedError("the name is made of several strings: change it by hand")
    if target.needs:
        _require_flexible_mock(context, node)
    if f".{value}".endswith(f".{symbol}"):
        _require_no_late_use(context, symbol)
        new = value[: len(value) - len(symbol)] + target.symbol
    else:
        module, _, last = value.rpartition(".")
        old = model_of(context.workspace).named(value)
        if not provides(context, target, symbol, f"{module}.{target.last}"):
            raise RefusedError(
                f"{module} still defines {last} but not {target.last}: fix that module first", waits=True
            )
        if value != f"{module}.{target.last}" and any(one.kind != "missing" for one in old):
            raise RefusedError(f"{module} still defines {last}: fix that module first", waits=True)
        new = f"{module}.{target.last}"
    return Edit(content[0].start_byte, content[0].end_byte, new.encode())


def _require_no_late_use(context: FixContext, symbol: str) -> None:
    """Raise RefusedError if a use still looks the old name up, and a mock of the new one would miss it."""
    for path, line in uses_that_stay(context, symbol):
        raise RefusedError(f"{path}:{line} still uses {symbol}: fix it first", waits=True)


def _require_flexible_mock(context: FixContext, node: Node) -> None:
    """Raise RefusedError if the mock that stands in for the function accepts no arguments."""
    arguments = context.source.enclosing(node, "argument_list")
    for child in arguments.named_children if arguments is not None else ():
        value = child.child_by_field_name("value") if child.type == "keyword_argument" else child
        if value is not None and value.type == "lambda" and value.child_by_field_name("parameters") is None:
            raise RefusedError("its mock is a lambda without parameters, but the new call passes arguments")
