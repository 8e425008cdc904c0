"""Finds mutable containers on a module or a class that functions write to.

What one request puts into such a container every other one sees, and nothing ever empties it. The finding is
on the container's definition, once. `names` are globs for the container's name (dotted ones for the full
name); without it every container counts.

Hit:

    active_runs = {}

    def start(run):
        active_runs[run.id] = run

Silent: containers that nothing writes to once they are made, that `__init__` puts on `self`, and defaults of
a class that its `__init__` replaces.

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
from scanner.rules.facts import by_last_name, says
from scanner.rules.shared_state import definitions
from scanner.rules.shared_state.prefilter import Prefilter
from scanner.rules.shared_state.writers import Writers

WRITTEN = "written"  # topic: a function of another module writes to this container


class SharedState(Rule):
    """A container that all callers share and that functions write to."""

    kind = "shared-state"
    roles = ("module-state", "class-state")
    options = (Option("names", "globs"),)

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._globs: tuple[str, ...] = spec.options.get("names", ())
        self._prefilter = Prefilter(self._globs)
        self.needles = self._prefilter.literals

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if such a container may be defined in the text, or written to from it."""
        return Relevance.WANTED if self._prefilter.is_relevant(text) else Relevance.NOTHING

    def read(self, source: Source) -> RuleReport:
        """Containers that the file writes to, those that another may write to, and writes to others'."""
        writers = Writers(source)
        hits, pending = [], []
        for found in definitions.containers(source):
            if not self._matches(found.symbol):
                continue
            hit = Hit(source.location(found.node), found.role, found.symbol, source.scope(found.node))
            if writers.reach(found):
                hits.append(hit)
            else:
                pending.append([list(astuple(hit.location)), hit.role, hit.symbol, hit.scope])
        abroad = {name for name in writers.abroad(self._last_name_matches) if self._matches(name)}
        return RuleReport(tuple(hits), by_last_name({WRITTEN: abroad}), pending or None)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """The file's own hits, and the containers that another module's functions write to."""
        yield from report.hits
        for location, role, symbol, scope in report.pending or ():
            if says(index, WRITTEN, symbol):
                yield Hit(Location(*location), role, symbol, scope)

    def _matches(self, full: str) -> bool:
        return not self._globs or symbol_matches(self._globs, full)

    def _last_name_matches(self, name: str) -> bool:
        return not self._globs or name_matches(tuple(g.rpartition(".")[2] for g in self._globs), name)
