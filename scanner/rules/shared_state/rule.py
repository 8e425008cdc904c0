"""Finds mutable containers in modules or classes that functions write to.

Data that one request puts into such a container is visible to every other request, and is never removed. Each
container is reported once, at its definition. `names` are globs for the container's name (dotted globs match
its full name). Without `names`, every container is checked.

Reported:

    active_runs = {}

    def start(run):
        active_runs[run.id] = run

Not reported: containers that are never changed after their creation, containers that `__init__` assigns to
`self`, and class attributes that `__init__` replaces on each object.

    class Engine:
        active_runs = {}

        def __init__(self):
            self.active_runs = {}
"""

from collections.abc import Iterable
from dataclasses import astuple

from scanner.globs import name_matches, symbol_matches
from scanner.plan import Plan, RuleSpec
from scanner.python.source import Location, Source
from scanner.rules.base import FactIndex, Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.facts import by_last_name, is_published
from scanner.rules.shared_state import definitions
from scanner.rules.shared_state.prefilter import Prefilter
from scanner.rules.shared_state.writers import Writers

WRITTEN = "written"  # topic: a function in another module writes to this container


class SharedState(Rule):
    """A mutable container is shared by all callers."""

    kind = "shared-state"
    roles = ("module-state", "class-state")
    options = (
        Option("names", "globs", help="Names of the containers; `*` matches anything. Without names, all."),
    )

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._globs: tuple[str, ...] = spec.options.get("names", ())
        self._prefilter = Prefilter(self._globs)
        self.needles = self._prefilter.literals

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text may define such a container or write to one."""
        return Relevance.WANTED if self._prefilter.is_relevant(text) else Relevance.NOTHING

    def read(self, source: Source) -> RuleReport:
        """Return the containers that the file writes to as hits, and its other containers as pending.

        Writes to containers in other modules are returned as facts.
        """
        writers = Writers(source)
        hits, pending = [], []
        for found in definitions.containers(source):
            if not self._matches(found.symbol):
                continue
            hit = Hit(source.location(found.node), found.role, found.symbol, source.scope(found.node))
            if writers.writes_to(found):
                hits.append(hit)
            else:
                pending.append([list(astuple(hit.location)), hit.role, hit.symbol, hit.scope])
        imported_containers = {
            name for name in writers.imported_containers(self._last_name_matches) if self._matches(name)
        }
        return RuleReport(tuple(hits), by_last_name({WRITTEN: imported_containers}), pending or None)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """Yield the file's own hits, and its containers that functions in other modules write to."""
        yield from report.hits
        for location, role, symbol, scope in report.pending or ():
            if is_published(index, WRITTEN, symbol):
                yield Hit(Location(*location), role, symbol, scope)

    def _matches(self, full: str) -> bool:
        return not self._globs or symbol_matches(self._globs, full)

    def _last_name_matches(self, name: str) -> bool:
        return not self._globs or name_matches(tuple(g.rpartition(".")[2] for g in self._globs), name)
