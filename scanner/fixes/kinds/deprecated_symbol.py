"""Replaces a deprecated name: imports, calls with their arguments, references, strings, definitions.

Uses are put right with the import that serves them, so that no name is used before it is there; the old
import goes once nothing in the file needs it. Definitions go once nothing in the tree does.
"""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import Outcome, Sheet
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.definitions import definitions
from scanner.fixes.symbols.reexports import handed, unused
from scanner.fixes.symbols.replacement import Target
from scanner.fixes.symbols.strings import strings
from scanner.fixes.symbols.uses import uses
from scanner.model import Finding
from scanner.plan import RuleSpec

_UNUSED = "unused-import"


def rewrite(sheet: Sheet, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """One change for what hangs together: an import with its uses, a string, a definition."""
    defined = [finding for finding in findings if finding.role == "definition"]
    yield from definitions(sheet, spec, defined)
    rest = [finding for finding in findings if finding.role not in {"definition", _UNUSED}]
    for finding in findings:
        if finding.role == _UNUSED:
            yield unused(sheet, spec, finding)
    if not rest:
        return
    try:
        target = Target.of(sheet, spec)
    except RefusedError as error:
        yield from (refuse(finding, error) for finding in rest)
        return
    for symbol in dict.fromkeys(finding.symbol for finding in rest):
        own = [finding for finding in rest if finding.symbol == symbol]
        yield from uses(sheet, target, symbol, own)
        yield from handed(sheet, target, symbol, [finding for finding in own if finding.role == "re-export"])
        yield from strings(sheet, target, symbol, [finding for finding in own if finding.role == "string"])
