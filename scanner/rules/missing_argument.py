"""Finds calls that leave out an argument which they need, or give a literal `None` for it.

A new API is no safer than the old one while its callers do not say for whom they call, and a collaborator
that is `None` fails later and elsewhere.

Hit, with `callables: [".create_agent"], argument: user_context, position: 1`:

    factory.create_agent("DataHelper")                        # absent
    factory.create_agent("DataHelper", user_context=None)     # none

Silent: the argument by keyword or at its position, whatever its value but a literal `None`; `*args` and
`**kwargs` that may carry it; calls of other things of that name than the dotted globs in `callables` take (a
leading dot takes any method of that name; a full dotted name is also found through the modules that hand it
on); with `only_none`, absent arguments.
"""

import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tree_sitter import Node

from scanner.globs import name_matches
from scanner.plan import Plan, RuleSpec
from scanner.python.calls import keyword
from scanner.python.source import Source
from scanner.rules.base import FactIndex, Hit, Option, Relevance, Rule, RuleReport
from scanner.rules.symbols.chains import chain_at
from scanner.rules.symbols.module_links import STAR, Links, facts
from scanner.rules.symbols.sites import Site
from scanner.rules.symbols.symbol_list import Listed
from scanner.rules.text_patterns import holds_word, is_literal, literal_part, words_in


class MissingArgument(Rule):
    """A call without a required argument."""

    kind = "missing-argument"
    roles = ("absent", "none")
    options = (
        Option("callables", "globs", required=True),
        Option("argument", "name", required=True),
        Option("position", "count"),
        Option("only_none", "flag"),
    )

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        options: Any = spec.options
        globs: tuple[str, ...] = options["callables"]
        self._methods = tuple(glob[1:] for glob in globs if glob.startswith("."))
        self._dotted = tuple(glob for glob in globs if not glob.startswith("."))
        self._argument: str = options["argument"]
        self._position: int | None = options.get("position")
        self._only_none: bool = options.get("only_none", False)
        self._globs = len(globs)
        # What may stand between the three: blanks, brackets, comments, line ends with or without a backslash.
        self._given_none = re.compile(
            rb"%b(?:[\s\\(]|#[^\n]*\n)*=(?:[\s\\(]|#[^\n]*\n)*None" % re.escape(self._argument.encode())
        )
        self._literals = tuple(
            glob.rpartition(".")[2] for glob in globs if is_literal(glob.rpartition(".")[2])
        )
        self._exact = Listed(glob for glob in self._dotted if is_literal(glob))
        handed = (STAR,) if self._exact.symbols else ()
        self.needles = (*(literal_part(glob) or b"(" for glob in globs), *handed)

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if a call of a listed name may lack the argument."""
        if any(needle in text for needle in self.needles if needle != STAR):
            return Relevance.WANTED if self._may_call(text) else Relevance.NAMED
        return Relevance.POSSIBLE if STAR in self.needles and STAR in text else Relevance.NOTHING

    def _may_call(self, text: bytes) -> bool:
        """Return whether a listed name occurs as a word, with the argument if only `None` counts."""
        if self._exact.symbols or len(self._literals) < self._globs:
            return True
        if self._only_none and self._position is None and not self._given_none.search(text):
            return False
        return any(holds_word(text, name.encode()) for name in self._literals)

    def read(self, source: Source) -> RuleReport:
        hits: list[Hit] = []
        open_sites: list[Site] = []
        for call, function, word in self._calls(source):
            role = self._verdict(source, call)
            if not role:
                continue
            meant = self._meanings(source, function, word)
            name = next((name for name in meant if name_matches(self._dotted, name)), None)
            if name is None and function.type == "attribute" and name_matches(self._methods, word):
                name = next(iter(meant), f".{word}")
            site = Site(source.location(call), role, source.scope(call), word, meant)
            if name is not None:
                hits.append(self._hit(site, name))
            elif self._exact.ends_alike(meant):
                open_sites.append(site)
        said = facts(source, self._exact) if self._exact.symbols else {}
        return RuleReport(tuple(hits), said, [site.to_json() for site in open_sites] or None)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        hits = list(report.hits)
        links = Links(self._exact, index)
        for site in map(Site.from_json, report.pending or ()):
            symbol = next(filter(None, map(links.trace, site.names)), None)
            if symbol:
                hits.append(self._hit(site, symbol))
        return hits

    def _calls(self, source: Source) -> Iterator[tuple[Node, Node, str]]:
        """The calls of things that are called like what the plan lists: call, function, word; in order."""
        lasts = [glob.rpartition(".")[2] for glob in (*self._methods, *self._dotted)]
        words = words_in(source.data, lasts)
        aliases = {bound.name for word in words for bound in _aliases(source, word)}
        found: dict[int, tuple[Node, Node, str]] = {}
        for word in dict.fromkeys([*words, *aliases]):
            for trail in source.trails(word):
                chain = chain_at(source, trail) or _method(trail[-2].node, trail[-1].field)
                call = _call_of(source, chain[0]) if chain else None
                if chain is not None and call is not None:
                    found[call.id] = (call, chain[0], word)
        return iter(sorted(found.values(), key=lambda item: item[0].start_byte))

    def _meanings(self, source: Source, function: Node, word: str) -> tuple[str, ...]:
        """The full names that a called function may have."""
        full = source.resolve(function)
        if function.type != "identifier" or full or source.lookup(function):
            return full
        stars = tuple(f"{module}.{word}" for _, module in reversed(source.stars))
        return (*stars, word, f"builtins.{word}") if hasattr(builtins, word) else stars

    def _hit(self, site: Site, name: str) -> Hit:
        absent = "" if self.spec.message else f"{self._argument} is missing"
        none = "" if self.spec.message else f"{self._argument} is None"
        return replace(site.hit(name), message=absent if site.role == "absent" else none)

    def _verdict(self, source: Source, call: Node) -> str:
        """The role of a call; empty if it has its argument, or may have it."""
        arguments = call.child_by_field_name("arguments")
        if arguments is None or arguments.type != "argument_list":
            given = [arguments] if arguments is not None else []  # f(x for x in y)
        else:
            given = [node for node in arguments.named_children if node.type != "comment"]
        places = [node for node in given if node.type not in {"keyword_argument", "dictionary_splat"}]
        splat = next((i for i, node in enumerate(places) if node.type == "list_splat"), len(places))
        value = next((_value(node) for node in given if keyword(source, node) == self._argument), None)
        if value is None and self._position is not None:
            if splat <= self._position and splat < len(places):
                return ""
            value = places[self._position] if self._position < len(places) else None
        if value is not None:
            return "none" if _is_none(value) else ""
        if self._only_none or any(node.type == "dictionary_splat" for node in given):
            return ""
        return "absent"


def _aliases(source: Source, word: str) -> Iterator[Any]:
    """The bindings of `import word as alias`, whatever module the word comes from."""
    for trail in source.trails(word):
        if len(trail) > 2 and trail[-3].node.type == "aliased_import" and trail[-2].field == "name":
            alias = trail[-3].node.child_by_field_name("alias")
            bound = source.binding_at(alias) if alias is not None else None
            if bound is not None:
                yield bound


def _method(parent: Node, field: str | None) -> tuple[Node, tuple[str, ...]] | None:
    """An attribute of something that is no chain of names: `make().create_agent`."""
    return (parent, ()) if parent.type == "attribute" and field == "attribute" else None


def _call_of(source: Source, function: Node) -> Node | None:
    for above in source.ancestors(function):
        if above.type == "call" and above.child_by_field_name("function") == function:
            return above
        if above.type != "parenthesized_expression":
            return None
        function = above
    return None


def _value(node: Node) -> Node | None:
    return node.child_by_field_name("value")


def _is_none(node: Node) -> bool:
    while node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    return node.type == "none"
