"""The names that a guide speaks of: which functions of a file touch a name, and who calls those."""

from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.model import Guide
from scanner.model import Finding

GUIDED = frozenset({"singleton", "shared-state", "shared-return"})


def make_guide(finding: Finding, title: str, steps: Iterable[str]) -> Guide:
    """The guide of one finding."""
    return Guide(finding.path, finding.line, finding.rule, finding.role, finding.symbol, title, tuple(steps))


def names_in_guide(context: FixContext, finding: Finding) -> list[str]:
    """The names that a guide for a finding asks the tree about."""
    name = finding.symbol.rpartition(".")[2]
    return _importable(context, [name, *functions_with(context, name)])


def _importable(context: FixContext, names: Iterable[str]) -> list[str]:
    """Those that the file's module has for others to take, methods and locals left out."""
    top = context.source.root
    return [name for name in dict.fromkeys(names) if context.source.bindings_in(name, top)]


def functions_with(context: FixContext, name: str) -> list[str]:
    """The functions of the file that use a name, a method by its class, in order of place."""
    found = (context.source.scope(node) for node in context.source.words(name))
    return list(dict.fromkeys(scope for scope in found if scope and not scope.endswith(f".{name}")))


def find_callers(context: FixContext, names: Sequence[str]) -> list[str]:
    """Who calls functions of the file by name: other functions of it, and files of the tree."""
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
    """What is around a name, the attribute that it ends left out."""
    for above in context.source.ancestors(node):
        if above.type != "attribute":
            yield above
