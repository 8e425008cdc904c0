"""Finds instances that all callers share, stored on a module, a class, a metaclass or in a cache.

Data that one user leaves in such an object is visible to the next. The rule reports module globals that
functions fill, instances stored on a class (including the Borg pattern), classes whose metaclass returns one
shared instance, cached accessors without arguments, and instances created at module level. `names` are globs
for the class of the instance: a glob without dots matches the last part of its name, a dotted glob the full
name. Without `names`, every class is checked except values, typing objects, exceptions, loggers, metrics,
locks, signals, compiled patterns, enumerations, frozen dataclasses and declared fields (public class
attributes if a base class is defined elsewhere).

Reported, on the first line:

    _factory: Optional[AgentFactory] = None

    def get_factory():
        global _factory
        if _factory is None:
            _factory = AgentFactory()
        return _factory

Not reported, because every caller gets a new instance:

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
from scanner.rules.facts import by_last_name, is_published
from scanner.rules.singleton.cached_accessors import cached_accessors
from scanner.rules.singleton.class_level import (
    STORED_ELSEWHERE,
    class_instances,
    stored_on_imports,
    unfilled_attributes,
)
from scanner.rules.singleton.class_stores import Store, stores
from scanner.rules.singleton.metaclasses import (
    SINGLETON_CLASS,
    SINGLETON_METACLASS,
    metaclass_users,
    singleton_metaclasses,
)
from scanner.rules.singleton.module_level import module_globals, module_instances
from scanner.rules.singleton.prefilter import Prefilter
from scanner.rules.singleton.shape import Shape

VALUE = "value"  # topic: instances of this class are values


class Singleton(Rule):
    """An instance is shared by all callers."""

    kind = "singleton"
    roles = ("module-global", "class-instance", "metaclass", "cached-accessor", "module-instance")
    options = (Option("names", "globs"),)

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._globs: tuple[str, ...] = spec.options.get("names", ())
        self._prefilter = Prefilter(self._globs)
        self.needles = self._prefilter.needles

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text may contain a singleton, or affect one in another file."""
        if not self._globs and any(needle in text for needle in NEEDLES):
            return Relevance.WANTED
        return self._prefilter.relevance(text)

    def read(self, source: Source) -> RuleReport:
        """Return the singletons in one file; those that depend on other files are returned as pending."""
        stored = tuple(stores(source))
        published: dict[str, set[str]] = {
            SINGLETON_METACLASS: set(singleton_metaclasses(source)),
            STORED_ELSEWHERE: set(stored_on_imports(source, stored)),
            SINGLETON_CLASS: set(),
            VALUE: set() if self._globs else set(immutables(source)),
        }
        hits, pending = [], []
        for shape in _shapes(source, stored):
            if shape.role == "metaclass" and shape.condition is None:
                published[SINGLETON_CLASS].add(shape.symbol)
            classes = self._counted(shape, published[VALUE])
            if not classes:
                continue
            hit = Hit(
                source.location(shape.start, shape.end), shape.role, shape.symbol, source.scope(shape.start)
            )
            foreign = () if self._globs else _foreign(source, classes)
            if shape.condition or foreign:
                pending.append(
                    [list(astuple(hit.location)), hit.role, hit.symbol, hit.scope, shape.condition, foreign]
                )
            else:
                hits.append(hit)
        return RuleReport(tuple(hits), by_last_name(published), pending or None)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """Yield the file's own hits, and the pending ones that facts from other files confirm."""
        yield from report.hits
        for location, role, symbol, scope, condition, foreign in report.pending or ():
            unmet = condition and not is_published(index, *condition)
            values = foreign and all(is_published(index, VALUE, name) for name in foreign)
            if not unmet and not values:
                yield Hit(Location(*location), role, symbol, scope)

    def _counted(self, shape: Shape, values: set[str]) -> tuple[str, ...]:
        """Return the instance's classes that the rule reports."""
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
    """Yield every shape in the file, one per location; module instances take precedence over globals."""
    seen: set[int] = set()
    found = chain(
        module_instances(source),
        module_globals(source),
        class_instances(source, stored),
        metaclass_users(source),
        cached_accessors(source),
        unfilled_attributes(source),
    )
    for shape in found:
        if shape.classes and (shape.role == "metaclass" or shape.start.id not in seen):
            seen.add(shape.start.id)
            yield shape


def _foreign(source: Source, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the classes if all of them are defined in other files, which may declare them as values."""
    own = f"{source.module}."
    return () if any(name.startswith(own) or "." not in name for name in classes) else classes
