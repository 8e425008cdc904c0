"""The names that a guide speaks of: which functions of a file touch a name, and who calls those."""

from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import Sheet
from scanner.fixes.model import Guide
from scanner.model import Finding

GUIDED = frozenset({"singleton", "shared-state", "shared-return"})


def guide(finding: Finding, title: str, steps: Iterable[str]) -> Guide:
    """The guide of one finding."""
    return Guide(finding.path, finding.line, finding.rule, finding.role, finding.symbol, title, tuple(steps))


def names(sheet: Sheet, finding: Finding) -> list[str]:
    """The names that a guide for a finding asks the tree about."""
    name = finding.symbol.rpartition(".")[2]
    return _given(sheet, [name, *functions_with(sheet, name)])


def _given(sheet: Sheet, names: Iterable[str]) -> list[str]:
    """Those that the file's module has for others to take, methods and locals left out."""
    top = sheet.source.root
    return [name for name in dict.fromkeys(names) if sheet.source.bindings_in(name, top)]


def functions_with(sheet: Sheet, name: str) -> list[str]:
    """The functions of the file that use a name, a method by its class, in order of place."""
    found = (sheet.source.scope(node) for node in sheet.source.words(name))
    return list(dict.fromkeys(scope for scope in found if scope and not scope.endswith(f".{name}")))


def callers(sheet: Sheet, names: Sequence[str]) -> list[str]:
    """Who calls functions of the file by name: other functions of it, and files of the tree."""
    lasts = list(dict.fromkeys(name.rpartition(".")[2] for name in names))
    own = [
        f"{scope} (line {node.start_point.row + 1})"
        for last in lasts
        for node in sheet.source.words(last)
        if (scope := sheet.source.scope(node))
        and scope.rpartition(".")[2] not in lasts
        and _is_call(sheet, node)
    ]
    others = [
        str(path)
        for last in _given(sheet, names)
        for path in sheet.draft.takers(sheet.source.module, last, sheet.source.path)
    ]
    return list(dict.fromkeys([*own, *others]))


def _is_call(sheet: Sheet, node: Node) -> bool:
    above = next(_above(sheet, node), None)
    return above is not None and above.type == "call"


def _above(sheet: Sheet, node: Node) -> Iterator[Node]:
    """What is around a name, the attribute that it ends left out."""
    for above in sheet.source.ancestors(node):
        if above.type != "attribute":
            yield above
