"""Finds every use of a deprecated name, however the code refers to it.

A migration is complete once nothing uses the old name. A text search finds both too much (comments, the same
name in other modules) and too little (aliases, re-exports). This rule follows imports, scopes and re-exports.

Reported, with `symbols: [pkg.factory.get_factory]`:

    from pkg.factory import get_factory       # import
    self.factory = get_factory()              # stored-call: it outlives the request
    Depends(get_factory)                      # reference
    patch("pkg.factory.get_factory")          # string

Not reported: the name in comments, docstrings and log messages, `self.get_factory()`, a parameter or local
named `get_factory`, a `get_factory` that another module defines, a string that names only a member of a
listed class (`"pkg.factory.Factory.run"`). A bare name that nothing in the file binds is reported, unless it
is a builtin of Python 2 or 3: `unichr(n)` in an old commit is no use of `six.unichr`.

A call is a stored call if its value outlives the function: on an object, in a class, a module or a default,
also as an item (`self.all = [old()]`), unpacked into a container (`{**old()}`), or added to one
(`self.all += old()`).

A quoted type is a reference: in an annotation, as the value of a `TypeAlias`, in `cast` and `assert_type`, in
a bound, constraint or default of a type variable, in `NewType`, as the argument of a generic type
(`L = List["Old"]`), and as a field of `NamedTuple("N", [("a", "Old")])`, `TypedDict("D", {"a": "Old"})` or
`make_dataclass`, because type checkers resolve it. In `Literal` and in the metadata of `Annotated`, it is
text. A default of a type parameter (PEP 696) is a reference. An import in a class body is never unused,
because it is an attribute of the class. If both branches of an `if` assign a listed global, the first
assignment is its definition and the second a reference.

A listed module stands for everything in it. Reported, with `symbols: [pkg.six]`:

    import pkg.six.moves.parse as parse       # import
    parse.quote(path)                         # reference, at `parse`
    from pkg.six import text_type, PY2 as py2 # import, once for the statement
    text_type(name)                           # call
    import pkg.six                            # import
    pkg.six.text_type(name)                   # reference, at `pkg.six`

So the number of uses does not depend on how a file imports the module. If a name of the module is listed as
well, such as `pkg.six.text_type`, both its import and its uses count only for that longer name. Not followed
is what other modules hand on of a listed module, and what `from pkg.six import *` imports: list these names.

A re-export may rename what it hands on (`import get_factory as make`). Uses of the new name in other modules
are reported, through any number of modules. Not followed: attributes of objects, names in `getattr`,
`globals()` and `import_module`, because nothing shows which names they may be, and entry points in package
metadata, because only Python files are read.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from scanner.plan import Plan, RuleSpec
from scanner.python.source import Location, Source
from scanner.rules.base import FactIndex, Hit, Option, Relevance, RuleReport, merge_lists
from scanner.rules.symbols.definitions import Definitions, definitions
from scanner.rules.symbols.imported_names import imports
from scanner.rules.symbols.linked_rule import LinkedRule
from scanner.rules.symbols.module_links import OTHER, STAR, Links, facts, import_facts, module_facts
from scanner.rules.symbols.sites import USES, Site
from scanner.rules.symbols.symbol_list import Listed
from scanner.rules.symbols.uses import strings, uses
from scanner.rules.text_patterns import holds_word


class DeprecatedSymbol(LinkedRule):
    """A use of a deprecated name."""

    kind = "deprecated-symbol"
    roles = (
        "definition",
        "import",
        "unused-import",
        "call",
        "stored-call",
        "reference",
        "re-export",
        "string",
    )
    options = (
        Option("symbols", "symbols", required=True, help="The deprecated names: module path, then the name."),
    )

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self.listed = Listed(spec.options["symbols"])
        self._new = Listed([spec.replacement.symbol] if spec.replacement and self._counts_new() else [])
        self._words = tuple(last.encode() for last in self.listed.by_last)
        self.needles = (*self._words, *(last.encode() for last in self._new.by_last), STAR)

    def _counts_new(self) -> bool:
        """Return whether this is the first rule with its replacement and paths: a new use counts once."""
        mine = _replaced(self.spec)
        return next((rule.id for rule in self.plan.rules if _replaced(rule) == mine), "") == self.spec.id

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if a text has a listed word, POSSIBLE for a star import or the replacement alone.

        Returns NAMED if a listed word is only part of longer words.
        """
        found = [word for word in self._words if word in text]
        if any(holds_word(text, word) for word in found):
            return Relevance.WANTED
        if any(needle in text for needle in self.needles if needle not in self._words):
            return Relevance.POSSIBLE
        return Relevance.NAMED if found else Relevance.NOTHING

    def read(self, source: Source) -> RuleReport:
        listed = self.listed
        own = definitions(source, listed)
        sites, hits = _sites(source, listed, own)
        undecided = [site for site in sites if site.exported_name or self._symbol(site) is None]
        for site in sites:
            symbol = self._symbol(site)
            if symbol is not None and not site.exported_name:
                hits.append(site.hit(symbol))
        published = facts(source, listed) | import_facts(*_imported_names(sites))
        pending = _pending(source, listed, undecided)
        return RuleReport(tuple(_once(hits)), published, pending, self._count_new(source))

    def supplement(self, source: Source, words: Collection[str]) -> RuleReport:
        """Return the sites that use one of these words as a name imported from elsewhere."""
        listed = Listed.of_words(words)
        sites, _ = _sites(source, listed, definitions(source, self.listed))
        sites = [replace(site, bare=False) for site in sites if site.names or site.stars]
        published = (
            facts(source, listed) | import_facts(*_imported_names(sites)) | module_facts(source, words)
        )
        return RuleReport((), published, _pending(source, listed, sites))

    def merge(self, report: RuleReport, extra: RuleReport) -> RuleReport:
        pending = report.pending or extra.pending
        if report.pending and extra.pending:
            pending = {
                **report.pending,
                "sites": merge_lists(report.pending["sites"], extra.pending["sites"]),
                "open": report.pending["open"] | extra.pending["open"],
            }
        return replace(super().merge(report, extra), pending=pending)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:
        pending = report.pending
        if not pending:
            return report.hits
        links = Links(self.listed, index)
        stars = [(Location(**location), module) for location, module in pending["stars"]]
        hits = list(report.hits)
        starred: set[str] = set()
        for site in map(Site.from_json, pending["sites"]):
            symbol = self._resolve(site, links)
            if not symbol:
                continue
            if site.stars:
                starred.add(site.last)
            imported = site.exported_name and links.is_imported_elsewhere(site.exported_name, path)
            hits.append(site.hit(symbol, "re-export" if imported else ""))
        for last, exported in pending["open"].items():
            provided = links.through([module for _, module in stars], last)
            name = f"{pending['module']}.{last}".lstrip(".")
            role = "re-export" if exported else "import" if last in starred else ""
            if provided[1] and (role or links.is_imported_elsewhere(name, path)):
                location = next(location for location, module in stars if module == provided[0])
                hits.append(Hit(location, role or "re-export", provided[1], ""))
        return _once(hits)

    def _symbol(self, site: Site) -> str | None:
        """Return a site's listed symbol if it is certain without other files; else None."""
        symbol = self.listed.first_of(site.names)
        return self.listed.bare(site.last) if symbol is None and site.bare and not site.stars else symbol

    def _resolve(self, site: Site, links: Links) -> str | None:
        """Return a site's listed symbol, using the facts of all files."""
        found = [links.trace(name) for name in site.names]
        if site.stars:
            found.append(links.through(list(site.stars), site.last)[1])
        symbol = next(filter(None, found), None)
        if symbol or OTHER in found:
            return symbol
        if site.role == "string":
            return self._named_in_string(site, links)
        return self.listed.bare(site.last) if site.bare else None

    def _named_in_string(self, site: Site, links: Links) -> str | None:
        """Return the listed symbol that a string names under another module, which nothing there binds.

        It is a guess, so the symbol must be in a package of the repository, and no module have that name.
        """
        name, modules = site.names[0], links.index.modules
        if not modules(name.rpartition(".")[0]) or modules(name):
            return None
        own = (s for s in self.listed.by_last.get(site.last, []) if any(map(modules, _packages(s))))
        return next(own, None)

    def _count_new(self, source: Source) -> int:
        """Return the number of uses of the replacement, excluding its own module and imports."""
        if not self._new.symbols:
            return 0
        symbol = self._new.symbols[0]
        module, _, last = symbol.rpartition(".")
        above = _packages(module)
        new = Listed([symbol, *(f"{package}.{last}" for package in above)])
        sites, _ = _sites(source, new, definitions(source, new))
        return len({site.location for site in sites if site.role in USES and new.first_of(site.names)})


def _packages(symbol: str) -> list[str]:
    """Return the module of a symbol and the packages that contain it."""
    return [symbol[:end] for end, letter in enumerate(symbol) if letter == "."]


def _replaced(spec: RuleSpec) -> tuple[str, tuple[str, ...]] | None:
    return (spec.replacement.symbol, spec.paths) if spec.replacement else None


def _sites(source: Source, listed: Listed, own: Definitions) -> tuple[list[Site], list[Hit]]:
    """Return all sites in a file that may refer to a listed symbol, and the hits for its definitions."""
    imported = list(imports(source, listed, own))
    words: dict[str, dict[str, None]] = {last: {last: None} for last in listed.by_last}
    for site, bindings in imported:
        for bound in bindings:
            words.setdefault(bound.name, {})[site.last] = None
    sites = [site for site, _ in imported]
    sites += uses(source, listed, words, own)
    sites += strings(source, listed, words, own)
    return sites, list(own.hits)


def _imported_names(sites: Sequence[Site]) -> tuple[list[str], list[str]]:
    """Return the full names that sites use, and those that star imports may provide."""
    used = [site for site in sites if site.role != "string"]
    by_star = [f"{star}.{site.last}" for site in used for star in site.stars]
    return [name for site in used for name in site.names], by_star


def _pending(source: Source, listed: Listed, sites: list[Site]) -> Any:
    """Return the data that `join` needs: undecided sites, and names that star imports may provide.

    `open` contains each listed last name that the module does not bind itself, mapped to whether `__all__`
    exports it.
    """
    bound = (b for last in listed.by_last for b in source.bindings(last) if b.scope == source.root)
    own = {binding.name for binding in bound}
    exported = source.exported or frozenset()
    opened = {last: last in exported for last in listed.by_last if source.stars and last not in own}
    if not sites and not opened:
        return None
    return {
        "module": source.module,
        "sites": [site.to_json() for site in sites],
        "stars": [[asdict(source.location(node)), module] for node, module in reversed(source.stars)],
        "open": opened,
    }


def _once(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return one hit for each name and location.

    Of two listed names, one of which is a part of the other, a location that uses the longer one counts only
    for that: `pkg.moves.parse` is not a use of `pkg.moves` as well.
    """
    seen = {(hit.location.line, hit.location.column, hit.symbol): hit for hit in reversed(list(hits))}
    longer = {
        (line, column, symbol[:end])
        for line, column, symbol in seen
        for end, letter in enumerate(symbol)
        if letter == "."
    }
    return tuple(hit for place, hit in reversed(seen.items()) if place not in longer)
