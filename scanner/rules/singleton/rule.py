"""Finds instances that all callers share, stored on a module, a class, a metaclass or in a cache.

Data that one user leaves in such an object is visible to the next. The rule reports module globals that
functions fill, instances stored on a class (including the Borg pattern), classes whose metaclass returns one
shared instance, cached accessors without arguments, and instances created at module level (in both branches
of an `if`, if both create one). `names` are globs for the class of the instance: a glob without dots matches
the last part of its name, a dotted glob the full name. Without `names`, every class is checked except values,
typing objects, exceptions, loggers, metrics, locks, signals, compiled patterns, enumerations, named tuples,
typed dictionaries, frozen dataclasses, classes that derive from one of these in any module, and declared
fields (public class attributes if a base class is defined elsewhere).

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

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from itertools import chain
from typing import Any

from scanner.globs import symbol_matches
from scanner.plan import Plan, RuleSpec
from scanner.python.immutable_classes import NEEDLES, is_value_base, value_classes
from scanner.python.source import Location, Source
from scanner.python.text import word_offsets
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
from scanner.rules.text_patterns import may_import

VALUE = "value"  # topic: instances of this class are values
DERIVED = "derived"  # topic: the bases of this class that other files define
_DEFINES = re.compile(rb"[ \t]*(?:[(\[]|=(?!=))")  # after a name: a class with bases, or an assignment


class Singleton(Rule):
    """An instance is shared by all callers."""

    kind = "singleton"
    roles = ("module-global", "class-instance", "metaclass", "cached-accessor", "module-instance")
    options = (
        Option(
            "names",
            "globs",
            help="Classes of the shared instances; `*` matches anything. Without names, all.",
        ),
    )

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
            VALUE: set(),
        }
        derived: dict[str, list[str]] = {}
        if not self._globs:
            classes = value_classes(source)
            published[VALUE] = classes.values
            derived = classes.derived
        hits, pending = [], []
        for shape in _shapes(source, stored):
            if shape.role == "metaclass" and shape.condition is None:
                published[SINGLETON_CLASS].add(shape.symbol)
            counted = self._counted(shape, published[VALUE])
            if not counted:
                continue
            hit = Hit(
                source.location(shape.start, shape.end), shape.role, shape.symbol, source.scope(shape.start)
            )
            foreign = () if self._globs else _foreign(source, counted, derived)
            if shape.condition or foreign:
                pending.append(
                    [list(astuple(hit.location)), hit.role, hit.symbol, hit.scope, shape.condition, foreign]
                )
            else:
                hits.append(hit)
        return RuleReport(tuple(hits), by_last_name(published) | _derived(derived), pending or None)

    def concerns(self, text: bytes, word: str) -> bool:
        """Return whether a text may define a class with bases, or hand on a class, under this name."""
        name = word.encode()
        return may_import(text, name) or any(
            _DEFINES.match(text, at + len(name)) for at in word_offsets(text, name)
        )

    def supplement(self, source: Source, words: Collection[str]) -> RuleReport:
        """Return which of these names are value classes, or derive from classes in other files."""
        classes = value_classes(source)
        named = {f"{source.module}.{word}".lstrip(".") for word in words}
        derived = {full: names for full, names in classes.derived.items() if full in named}
        for word in words:
            bound = source.bindings_in(word, source.root)
            if targets := [binding.target for binding in bound if binding.target]:
                derived[f"{source.module}.{word}".lstrip(".")] = targets
        return RuleReport((), by_last_name({VALUE: classes.values & named}) | _derived(derived))

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        """Yield the file's own hits, and the pending ones that facts from other files confirm."""
        yield from report.hits
        for location, role, symbol, scope, condition, foreign in report.pending or ():
            unmet = condition and not is_published(index, *condition)
            values = foreign and all(_is_value_class(index, name, set()) for name in foreign)
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


def _derived(classes: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return facts to publish: `derived:last name` -> the full names of classes and of their bases."""
    facts: dict[str, Any] = {}
    for full, names in classes.items():
        facts.setdefault(f"{DERIVED}:{full.rpartition('.')[2]}", {})[full] = names
    return facts


def _is_value_class(index: FactIndex, name: str, seen: set[str]) -> bool:
    """Return whether a class, or a class that it derives from in any file, is a value class."""
    if is_value_base(name) or is_published(index, VALUE, name):
        return True
    module, _, last = name.rpartition(".")
    if name in seen or not module:
        return False
    seen.add(name)
    if index.modules(module):
        index.ask(module, last)
    bases = [base for _, classes in index.facts(f"{DERIVED}:{last}") for base in classes.get(name, ())]
    return any(_is_value_class(index, base, seen) for base in bases)


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


def _foreign(source: Source, classes: tuple[str, ...], derived: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return the classes if other files may declare all of them, or bases of all of them, as values."""
    own = f"{source.module}."
    return () if any(n.startswith(own) or "." not in n for n in classes if n not in derived) else classes
