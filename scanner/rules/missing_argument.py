"""Finds calls that omit a required argument, or pass a literal `None` for it.

A new API is no safer than the old one if callers omit the user they act for, and a `None` instead of a
collaborator only fails later, somewhere else.

Reported, with `callables: [".create_agent"], argument: user_context, position: 1`:

    factory.create_agent("DataHelper")                        # absent
    factory.create_agent("DataHelper", user_context=None)     # none

Not reported: calls that pass the argument by keyword or at its position, with any value but a literal `None`;
`*args` and `**kwargs` that may contain it; calls of other callables with that name. `callables` are dotted
globs: a leading dot matches any method of that name, and a full dotted name is also found through modules
that re-export it. With `only_none`, absent arguments are not reported. With `allow_none`, `None` is a valid
value: a literal `None` is not reported, and a fix may pass a parameter that may be `None`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tree_sitter import Node

from scanner.globs import name_matches
from scanner.plan import Plan, RuleSpec
from scanner.python.builtin_names import BUILTINS
from scanner.python.calls import keyword
from scanner.python.source import Source
from scanner.rules.base import FactIndex, Hit, Option, Relevance, RuleReport, merge_lists
from scanner.rules.symbols.chains import chain_at
from scanner.rules.symbols.linked_rule import LinkedRule
from scanner.rules.symbols.module_links import STAR, Links, facts
from scanner.rules.symbols.sites import Site
from scanner.rules.symbols.symbol_list import Listed
from scanner.rules.text_patterns import holds_word, is_literal, literal_part, words_in

_BY_NAME = frozenset({"keyword_argument", "dictionary_splat"})


class MissingArgument(LinkedRule):
    """A call omits a required argument."""

    kind = "missing-argument"
    roles = ("absent", "none")
    options = (
        Option(
            "callables",
            "globs",
            required=True,
            help="Full dotted names, in which `*` matches anything; a leading dot is any method so named.",
        ),
        Option("argument", "name", required=True, help="The argument that each call must be given."),
        Option("position", "count", help="Its position among the arguments; 0 is the first."),
        Option("only_none", "flag", help="Report only an explicit `None`, not an absent argument."),
        Option("allow_none", "flag", help="Accept an explicit `None`."),
    )

    @classmethod
    def problem(cls, options: Mapping[str, Any]) -> str:
        """Return why two options exclude each other, or an empty string if they do not."""
        if options.get("only_none") and options.get("allow_none"):
            return "has `only_none` and `allow_none`, so it would report nothing: remove one of them"
        return ""

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        options: Any = spec.options
        globs: tuple[str, ...] = options["callables"]
        self._methods = tuple(glob[1:] for glob in globs if glob.startswith("."))
        self._dotted = tuple(glob for glob in globs if not glob.startswith("."))
        self._argument: str = options["argument"]
        self._position: int | None = options.get("position")
        self._only_none: bool = options.get("only_none", False)
        self._allow_none: bool = options.get("allow_none", False)
        self._globs = len(globs)
        # Between name, `=` and `None`: spaces, brackets, comments, line breaks with or without a backslash.
        self._passes_none = re.compile(
            rb"%b(?:[\s\\(]|#[^\n]*\n)*=(?:[\s\\(]|#[^\n]*\n)*None" % re.escape(self._argument.encode())
        )
        self._literals = tuple(
            glob.rpartition(".")[2] for glob in globs if is_literal(glob.rpartition(".")[2])
        )
        self.listed = Listed(glob for glob in self._dotted if is_literal(glob))
        stars = (STAR,) if self.listed.symbols else ()
        self.needles = (*(literal_part(glob) or b"(" for glob in globs), *stars)

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text may call a listed name without the argument."""
        if any(needle in text for needle in self.needles if needle != STAR):
            return Relevance.WANTED if self._may_call(text) else Relevance.NAMED
        return Relevance.POSSIBLE if STAR in self.needles and STAR in text else Relevance.NOTHING

    def _may_call(self, text: bytes) -> bool:
        """Return whether a listed name occurs as a word and, if only `None` counts, the argument as well."""
        if self.listed.symbols or len(self._literals) < self._globs:
            return True
        if self._only_none and self._position is None and not self._passes_none.search(text):
            return False
        return any(holds_word(text, name.encode()) for name in self._literals)

    def read(self, source: Source) -> RuleReport:
        hits: list[Hit] = []
        undecided: list[Site] = []
        last_globs = [glob.rpartition(".")[2] for glob in (*self._methods, *self._dotted)]
        for function, site in self._sites(source, words_in(source.normal_data, last_globs)):
            symbol = self._matched(function, site.last, site.names)
            if symbol is not None:
                hits.append(self._hit(site, symbol))
            elif self.listed.shares_last_name(site.names):
                undecided.append(site)
        published = facts(source, self.listed) if self.listed.symbols else {}
        return RuleReport(tuple(hits), published, [site.to_json() for site in undecided] or None)

    def supplement(self, source: Source, words: Collection[str]) -> RuleReport:
        """Return the calls of names imported from elsewhere whose last part is one of these words."""
        found = [site for _, site in self._sites(source, sorted(words)) if site.names]
        undecided = [site for site in found if any(n.rpartition(".")[2] in words for n in site.names)]
        published = facts(source, Listed.of_words(words))
        return RuleReport((), published, [site.to_json() for site in undecided] or None)

    def merge(self, report: RuleReport, extra: RuleReport) -> RuleReport:
        pending = merge_lists(report.pending or [], extra.pending or []) or None
        return replace(super().merge(report, extra), pending=pending)

    def _sites(self, source: Source, words: Sequence[str]) -> Iterator[tuple[Node, Site]]:
        """Yield each call of one of these words that omits the argument, with the called function."""
        for call, function, word in self._calls(source, words):
            role = self._role(source, call)
            if role:
                names = self._full_names(source, function, word)
                yield function, Site(source.location(call), role, source.scope(call), word, names)

    def join(self, path: str, report: RuleReport, index: FactIndex) -> Iterable[Hit]:  # noqa: ARG002
        hits = list(report.hits)
        links = Links(self.listed, index)
        for site in map(Site.from_json, report.pending or ()):
            symbol = next(filter(None, map(links.trace, site.names)), None)
            if symbol:
                hits.append(self._hit(site, symbol))
        return hits

    def _calls(self, source: Source, words: Sequence[str]) -> Iterator[tuple[Node, Node, str]]:
        """Return (call, function, word) for each call of one of the words, or of an alias of one."""
        aliases = {bound.name for word in words for bound in _aliases(source, word)}
        found: dict[int, tuple[Node, Node, str]] = {}
        for word in dict.fromkeys([*words, *aliases]):
            for trail in source.trails(word):
                chain = chain_at(source, trail) or _method(trail[-2].node, trail[-1].field)
                call = _call_of(source, chain[0]) if chain else None
                if chain is not None and call is not None:
                    found[call.id] = (call, chain[0], word)
        return iter(sorted(found.values(), key=lambda item: item[0].start_byte))

    def _full_names(self, source: Source, function: Node, word: str) -> tuple[str, ...]:
        """Return the full names that the called function may have."""
        resolved = source.resolve(function)
        if function.type != "identifier" or resolved or source.lookup(function):
            return resolved
        stars = tuple(f"{module}.{word}" for _, module in reversed(source.stars))
        return (*stars, word, f"builtins.{word}") if word in BUILTINS else stars

    def _matched(self, function: Node, word: str, names: tuple[str, ...]) -> str | None:
        """Return the name by which the plan lists a function; None if no glob matches it."""
        name = next((name for name in names if name_matches(self._dotted, name)), None)
        if name is None and function.type == "attribute" and name_matches(self._methods, word):
            return next(iter(names), f".{word}")
        return name

    def _hit(self, site: Site, symbol: str) -> Hit:
        if self.spec.message:
            return site.hit(symbol)
        problem = "is missing" if site.role == "absent" else "is None"
        return replace(site.hit(symbol), message=f"{self._argument} {problem}")

    def _role(self, source: Source, call: Node) -> str:
        """Return the role of a call; empty if it passes the argument, or might pass it."""
        arguments = _arguments(call)
        by_keyword = (_value(node) for node in arguments if keyword(source, node) == self._argument)
        value = next(by_keyword, None)
        if value is None and self._position is not None:
            positional = [node for node in arguments if node.type not in _BY_NAME]
            if _has_splat_before(positional, self._position):
                return ""
            value = positional[self._position] if self._position < len(positional) else None
        if value is not None:
            return "none" if _is_none(value) and not self._allow_none else ""
        if self._only_none or any(node.type == "dictionary_splat" for node in arguments):
            return ""
        return "absent"


def _arguments(call: Node) -> list[Node]:
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return []
    if arguments.type != "argument_list":  # f(x for x in y)
        return [arguments]
    return [node for node in arguments.named_children if node.type != "comment"]


def _has_splat_before(positional: Sequence[Node], position: int) -> bool:
    """Return whether `*args` at or before a position may supply the argument at that position."""
    return any(node.type == "list_splat" for node in positional[: position + 1])


def _aliases(source: Source, word: str) -> Iterator[Any]:
    """Yield the bindings made by `import word as alias`, from any module."""
    for trail in source.trails(word):
        if len(trail) > 2 and trail[-3].node.type == "aliased_import" and trail[-2].field == "name":
            alias = trail[-3].node.child_by_field_name("alias")
            bound = source.binding_at(alias) if alias is not None else None
            if bound is not None:
                yield bound


def _method(parent: Node, field: str | None) -> tuple[Node, tuple[str, ...]] | None:
    """Return an attribute of an expression that is not an attribute chain, as in `make().create_agent`."""
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
