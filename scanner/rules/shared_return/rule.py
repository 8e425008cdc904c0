"""Finds functions named like factories that return a shared object.

The caller of `create_…` expects a new object; data that it leaves in a shared object is visible to the next
caller. The shared object can be a module global, a class attribute, an attribute or item that the function
fills on its first call, or a cached value; it may also come from another function in the file. `functions`
are globs for the function's name (dotted globs match its full name). Without `functions`, every function is
checked except properties, which are not expected to return a new object. The finding is on the `def` line.

Reported:

    _factory = AgentFactory()

    def create_factory():
        return _factory

Not reported: constants, tuples, classes, functions, loggers, patterns and other values; values that are
yielded; copies; objects imported from another module, which `singleton` reports where they are created;
objects that the call itself has just created, even if it also stores them.

    def create_factory(user):
        factory = AgentFactory(user)
        _made.append(factory)
        return factory
"""

import re

from tree_sitter import Node

from scanner.globs import symbol_matches
from scanner.plan import Plan, RuleSpec
from scanner.python.classes import full_name
from scanner.python.source import Source
from scanner.rules.base import Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.shared_return.prefilter import ReturnPrefilter
from scanner.rules.shared_return.returned_objects import CACHE_MODULES, returns_shared
from scanner.rules.text_patterns import back_to, in_ascii, literal_part, name_pattern

# A value that is neither a constant nor a constructor call that takes up the rest of the line.
_RETURN = re.compile(
    rb"\breturn\b(?![ \t]+[A-Z]\w*\([^()\n]*\)[ \t]*\r?\n)"
    rb"[ \t(\\\r\n]*(?!None\b|True\b|False\b|[frb]{0,2}[\"'\d])[A-Za-z_]"
)


class SharedReturn(Rule):
    """A function promises a new object but returns a shared one."""

    kind = "shared-return"
    roles = ("shared-return",)
    options = (
        Option(
            "functions", "globs", help="Names of the functions; `*` matches anything. Without names, all."
        ),
    )

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self._globs: tuple[str, ...] = spec.options.get("functions", ())
        last = [glob.rpartition(".")[2] for glob in self._globs] or ["*"]
        literals = tuple(literal_part(glob) for glob in last)
        self.needles = literals if all(literals) else ()
        names = b"|".join(name_pattern(glob) for glob in last)
        self._defined = re.compile(rb"def(?<=\bdef)[ \t]+(%b)[ \t]*[(\[]" % names)

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if a matching function may return a shared object.

        Returns NAMED if functions match but their text shows that they share nothing.
        """
        defined = tuple(self._defined.finditer(in_ascii(text))) if b"return" in text else ()
        if not defined:
            return Relevance.NOTHING
        cached = _is_cached(text)
        plain = in_ascii(text, upper=False)  # only a constructor begins with an upper-case letter
        names = dict.fromkeys(
            text[match.start(1) : match.end(1)] for match in defined if cached or _may_share(plain, match)
        )
        if any(map(ReturnPrefilter(text, cached=cached).may_share, names)):
            return Relevance.WANTED
        return Relevance.NAMED if names else Relevance.NOTHING

    def read(self, source: Source) -> RuleReport:
        """Return the functions in one file that return a shared object, regardless of other files."""
        hits = []
        for match in self._defined.finditer(in_ascii(source.data)):
            trail = source.descend(match.start(1))
            function = trail[-2].node if len(trail) > 1 else trail[-1].node
            if function.type != "function_definition" or trail[-1].field != "name":
                continue
            symbol = full_name(source, function)
            if self._matches(source, function, symbol) and returns_shared(source, function):
                location = source.location(function, trail[-1].node)
                hits.append(Hit(location, "shared-return", symbol, source.scope(function)))
        return RuleReport(tuple(hits))

    def _matches(self, source: Source, function: Node, full: str) -> bool:
        return symbol_matches(self._globs, full) if self._globs else not _is_property(source, function)


def _is_property(source: Source, function: Node) -> bool:
    above = function.parent
    marks = above.named_children if above is not None and above.type == "decorated_definition" else ()
    return any(mark.type == "decorator" and source.text(mark).endswith("property") for mark in marks)


def _is_cached(text: bytes) -> bool:
    return b"cache" in text and any(module in text for module in CACHE_MODULES)


def _may_share(text: bytes, match: re.Match[bytes]) -> bool:
    """Return whether the body of this `def` may return anything other than a new object."""
    start = text.rfind(b"\n", 0, match.start()) + 1
    line = text[start : match.start()]
    after = back_to(len(line) - len(line.lstrip())).search(text, text.find(b":", match.end()))
    end = len(text) if after is None else after.start()
    return _RETURN.search(text, match.end(), end) is not None
