"""Finds imports of a listed name from any module but its canonical one.

If a name can be imported from several modules, its copies drift apart, and `isinstance` fails between them.
The plan names the canonical module of each name.

Reported, with `names: {Context: pkg.context}`:

    from pkg.legacy import Context            # import
    from pkg import Context as C              # import: a re-export is not canonical either

Not reported: `from pkg.context import Context` (also relative), `from pkg.legacy import Ctx as Context`, star
imports, `import pkg.legacy` followed by `pkg.legacy.Context`, and every import in the canonical module
itself.
"""

import re
from collections.abc import Sequence

from scanner.plan import Plan, RuleSpec
from scanner.python.imports import origin
from scanner.python.source import Source
from scanner.rules.base import Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.text_patterns import holds_word

# The text after `import`, up to the closing parenthesis or the end of the line. Matches overlap, so that an
# `import` in a comment does not hide a statement. A trailing comma may occur in code that does not parse.
_LONGEST = 5000
_LIST = re.compile(
    rb"import(?=((?:[\s\\]*\((?:[^#)]|#[^\n]*){0,%d})|(?:[^\n\\,]|\\\r?\n|\\|,(?:\s|#[^\n]*)*+){0,%d}))"
    % (_LONGEST, _LONGEST)
)


class CanonicalImport(Rule):
    """A listed name is imported from a module other than its canonical one."""

    kind = "canonical-import"
    roles = ("import",)
    options = (
        Option("names", "modules", required=True, help="Each name, and the module to import it from."),
    )

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._canonical: dict[str, str] = dict(spec.options["names"])
        self.needles = tuple(name.encode() for name in self._canonical)

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text may import a listed name from a module other than the canonical one."""
        listed = [(name.encode(), canonical.encode()) for name, canonical in self._canonical.items()]
        contained = [(name, canonical) for name, canonical in listed if name in text]
        if any(_may_import(text, match, contained) for match in (_LIST.finditer(text) if contained else ())):
            return Relevance.WANTED
        return Relevance.NAMED if contained else Relevance.NOTHING

    def read(self, source: Source) -> RuleReport:
        hits = [
            hit
            for name, canonical in self._canonical.items()
            for hit in self._imports(source, name, canonical)
        ]
        return RuleReport(tuple(hits))

    def _imports(self, source: Source, name: str, canonical: str) -> list[Hit]:
        hits: list[Hit] = []
        if source.module == canonical:
            return hits
        for trail in source.trails(name):
            at = next((i for i, s in enumerate(trail) if s.node.type == "import_from_statement"), None)
            if at is None or trail[at + 1].field != "name" or trail[-1].field == "alias":
                continue
            module = origin(trail[at].node, source.module, source.package)
            if module is None or module == canonical:
                continue
            part = trail[at + 1].node
            message = "" if self.spec.message else f"Import {name} from {canonical}, its canonical module"
            symbol = f"{module}.{name}".lstrip(".")
            hits.append(Hit(source.location(part), "import", symbol, source.scope(part), message=message))
        return hits


def _may_import(text: bytes, match: re.Match[bytes], contained: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether an import list may import a listed name from elsewhere; True if it is very long."""
    imported = match.group(1)
    if len(imported) >= _LONGEST:
        return True
    if not any(name in imported for name, _ in contained):
        return False
    line = text[text.rfind(b"\n", 0, match.start()) + 1 : match.start()]
    if line.lstrip().startswith(b"#"):
        return False
    return any(
        line.split() != [b"from", canonical] and holds_word(imported, name) for name, canonical in contained
    )
