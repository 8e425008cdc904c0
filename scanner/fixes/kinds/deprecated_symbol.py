"""Replaces a deprecated name in imports, calls, references and strings, and removes its definition.

Uses are fixed together with their import, so that no name is used before it is defined. The old import is
removed once nothing in the file needs it, and a definition once nothing in the tree needs it.
"""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.definitions import remove_definitions
from scanner.fixes.symbols.reexports import fix_reexports, remove_unused_import
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.symbols.strings import fix_strings
from scanner.fixes.symbols.uses import fix_uses
from scanner.model import Finding
from scanner.plan import RuleSpec

_UNUSED = "unused-import"


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """Yield one change for each unit: an import with its uses, a string, or a definition."""
    defined = [finding for finding in findings if finding.role == "definition"]
    yield from remove_definitions(context, spec, defined)
    rest = [finding for finding in findings if finding.role not in {"definition", _UNUSED}]
    for finding in findings:
        if finding.role == _UNUSED:
            yield remove_unused_import(context, spec, finding)
    if not rest:
        return
    try:
        target = Replacement.of(context, spec)
    except RefusedError as error:
        yield from (refuse(finding, error) for finding in rest)
        return
    for symbol in dict.fromkeys(finding.symbol for finding in rest):
        own = [finding for finding in rest if finding.symbol == symbol]
        yield from fix_uses(context, target, symbol, own)
        yield from fix_reexports(
            context, target, symbol, [finding for finding in own if finding.role == "re-export"]
        )
        yield from fix_strings(
            context, target, symbol, [finding for finding in own if finding.role == "string"]
        )
