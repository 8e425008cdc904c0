"""An instance that all callers share, kept by a module, a class, a metaclass or a cache.

What one user leaves in such an object the next one finds. Reported: a module global that functions fill, an
instance kept on a class (the Borg pattern too), a class whose metaclass hands out one instance, a cached
accessor without arguments, an instance built at module level. `names` are globs for the class of the
instance, a bare one for its last part, a dotted one for the whole name; without it every class counts but
values, typing objects, exceptions, loggers, metrics, locks, signals, compiled patterns, enumerations, frozen
dataclasses and declared fields (what a class with a base from elsewhere builds in its body under a public
name).

Reported, on the first line:

    _factory: Optional[AgentFactory] = None

    def get_factory():
        global _factory
        if _factory is None:
            _factory = AgentFactory()
        return _factory

Silent, because every caller gets its own:

    def create_factory(user):
        return AgentFactory(user)
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from itertools import chain

from scanner.globs import symbol_matches
from scanner.plan import Plan, RuleSpec
from scanner.python.immutable_classes import NEEDLES, immutables
from scanner.python.source import Location, Source
from scanner.python.value_types import is_declaration, is_value
from scanner.rules.base import FactIndex, Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.facts import by_last_name, says
from scanner.rules.singleton.cached_accessors import cached_accessors
from scanner.rules.singleton.class_level import KEPT, class_instances, filled_elsewhere, waiting
from scanner.rules.singleton.class_stores import Store, stores
from scanner.rules.singleton.metaclasses import KEEPER, USER, keepers, metaclass_users
from scanner.rules.singleton.module_level import module_globals, module_instances
from scanner.rules.singleton.prefilter import Prefilter
from scanner.rules.singleton.shape import Shape

VALUE = "value"  # topic: instances of this class are values


class Singleton(Rule):
    """An instance that is kept for all callers."""

    kind = "singleton"
    roles = ("module-global", "class-instance", "metaclass", "cached-accessor", "module-instance")
    options = (Option("names", "globs"),)

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._globs: tuple[str, ...] = spec.options.get("names", ())
        self._prefilter = Prefilter(self._globs)
        self.needles = self._prefilter.needles

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text holds the words of a shape, or decides about one in another file."""
        if not self._globs and any(needle in text for needle in NEEDLES):
            return Relevance.WANTED
        return self._prefilter.relevance(text)

    def read(self, source: Source) -> RuleReport:
        """The shapes of one file that count by themselves, and those that ask another file."""
        stored = tuple(stores(source))
        said: dict[str, set[str]] = {
            KEEPER: set(keepers(source)),
            KEPT: set(filled_elsewhere(source, stored)),
            USER: set(),
            VALUE: set() if self._globs else set(immutables(source)),
        }
        hits, pending = [], []
        for shape in _shapes(source, stored):
            if shape.role == "metaclass" and shape.asks is None:
                said[USER].add(shape.symbol)
            classes = self._counted(shape, said[VALUE])
            if not classes:
                continue
            hit = Hit(
                source.location(shape.start, shape.end), shape.role, shape.symbol, source.scope(shape.start)
            )
            foreign = () if self._globs else _foreign(source, classes)
            if shape.asks or foreign:
                pending.append(
                    [list(astuple(hit.location)), hit.role, hit.symbol, hit.scope, shape.asks, foreign]
                )
            else:
                hits.append(hit)
        return RuleReport(tuple(hits), by_last_name(said), pending or None)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """The file's own hits, and those for which other files say what was missing."""
        yield from report.hits
        for location, role, symbol, scope, asks, foreign in report.pending or ():
            missing = asks and not says(index, *asks)
            values = foreign and all(says(index, VALUE, name) for name in foreign)
            if not missing and not values:
                yield Hit(Location(*location), role, symbol, scope)

    def _counted(self, shape: Shape, values: set[str]) -> tuple[str, ...]:
        """The classes of the instance that the rule minds."""
        if self._globs:
            return tuple(c for c in shape.classes if symbol_matches(self._globs, c))
        if shape.declared or (
            shape.role == "class-instance"
            and (
                shape.symbol.rpartition(".")[0] in values
                or any(is_declaration(name) for name in shape.classes)
            )
        ):
            return ()
        return tuple(c for c in shape.classes if not is_value(c) and c not in values)


def _shapes(source: Source, stored: Sequence[Store]) -> Iterator[Shape]:
    """Every shape of the file, one a place: a global that is built at once is an instance of the module."""
    seen: set[int] = set()
    found = chain(
        module_instances(source),
        module_globals(source),
        class_instances(source, stored),
        metaclass_users(source),
        cached_accessors(source),
        waiting(source),
    )
    for shape in found:
        if shape.classes and (shape.role == "metaclass" or shape.start.id not in seen):
            seen.add(shape.start.id)
            yield shape


def _foreign(source: Source, classes: tuple[str, ...]) -> tuple[str, ...]:
    """The classes if all of them are defined elsewhere, so that another file may call them values."""
    own = f"{source.module}."
    return () if any(name.startswith(own) or "." not in name for name in classes) else classes
