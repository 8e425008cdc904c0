"""Groups the uses of a deprecated name by the imports that bind it."""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext
from scanner.fixes.edits.imports import is_from
from scanner.fixes.symbols.module_access import find_module_import
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.symbols.use_sites import Use, bindings_of, is_reachable
from scanner.model import Finding
from scanner.python.scopes import Binding


def is_about(context: FixContext, finding: Finding, binding: Binding) -> bool:
    """Return whether the finding of an import is about this binding."""
    start = context.offset(finding.line, finding.column)
    end = context.offset(finding.end_line, finding.end_column)
    return start <= binding.node.start_byte < end


def group_by_import(
    context: FixContext, target: Replacement, symbol: str, ready: Sequence[Use], imports: Sequence[Finding]
) -> Iterator[tuple[tuple[Binding, ...], list[Use]]]:
    """Yield the uses of each import, or of several imports of the same name; without one, each use alone."""
    groups: dict[int, tuple[tuple[Binding, ...], list[Use]]] = {}
    for use in ready:
        bound = bindings_of(context, use)
        through = (
            None if is_reachable(context, target, symbol, use) else find_module_import(context, use.name)
        )
        if _bind_one_thing(context, bound, imports):
            groups.setdefault(bound[0].node.id, (tuple(bound), []))[1].append(use)
        elif through is not None:
            groups.setdefault(through.node.id, ((through,), []))[1].append(use)
        else:
            yield (), [use]
    yield from groups.values()


def _bind_one_thing(context: FixContext, bound: Sequence[Binding], imports: Sequence[Finding]) -> bool:
    """Return whether a name is bound by one `from` import, or only by imports of the deprecated symbol."""
    if len(bound) == 1:
        return is_from(bound[0])
    return bool(bound) and all(
        is_from(one) and any(is_about(context, finding, one) for finding in imports) for one in bound
    )
