"""Writes guides for findings that a person must fix; they list the functions involved and their callers."""

from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.model import Guide
from scanner.model import Finding

GUIDED = frozenset({"singleton", "shared-state", "shared-return"})


def make_guide(finding: Finding, title: str, steps: Iterable[str]) -> Guide:
    """Return a guide for one finding."""
    return Guide(finding.path, finding.line, finding.rule, finding.role, finding.symbol, title, tuple(steps))


def names_in_guide(context: FixContext, finding: Finding) -> list[str]:
    """Return the names that a guide for a finding will search the tree for."""
    name = finding.symbol.rpartition(".")[2]
    return _importable(context, [name, *functions_with(context, name)])


def _importable(context: FixContext, names: Iterable[str]) -> list[str]:
    """Return the names that other modules can import, excluding methods and local names."""
    top = context.source.root
    return [name for name in dict.fromkeys(names) if context.source.bindings_in(name, top)]


def functions_with(context: FixContext, name: str) -> list[str]:
    """Return the functions in the file that use a name, in order; methods are paired with their class."""
    found = (context.source.scope(node) for node in context.source.words(name))
    return list(dict.fromkeys(scope for scope in found if scope and not scope.endswith(f".{name}")))


def find_callers(context: FixContext, names: Sequence[str]) -> list[str]:
    """Return the callers of some functions: functions in the same file, and files that import them."""
    lasts = list(dict.fromkeys(name.rpartition(".")[2] for name in names))
    own = [
        f"{scope} (line {node.start_point.row + 1})"
        for last in lasts
        for node in context.source.words(last)
        if (scope := context.source.scope(node))
        and scope.rpartition(".")[2] not in lasts
        and _is_call(context, node)
    ]
    others = [
        str(path)
        for last in _importable(context, names)
        for path in context.workspace.importers(context.source.module, last, context.source.path)
    ]
    return list(dict.fromkeys([*own, *others]))


def _is_call(context: FixContext, node: Node) -> bool:
    above = next(_above(context, node), None)
    return above is not None and above.type == "call"


def _above(context: FixContext, node: Node) -> Iterator[Node]:
    """Yield the ancestors of a name, excluding attribute chains that end in the name."""
    for above in context.source.ancestors(node):
        if above.type != "attribute":
            yield above
