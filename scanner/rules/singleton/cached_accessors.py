"""Finds functions without arguments that a cache turns into accessors of one shared instance."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.always_raises import is_tombstone
from scanner.python.classes import full_name
from scanner.python.decorators import CACHES, decorator_callee
from scanner.python.inference import returned_classes
from scanner.python.scopes import FUNCTIONS
from scanner.python.source import Source
from scanner.rules.singleton.shape import Shape

_WORDS = ("lru_cache", "cache", "alru_cache")


def cached_accessors(source: Source) -> Iterator[Shape]:
    """Yield the `def` of every cached function without arguments, at module level or in a class."""
    for decorator in _decorators(source):
        callee = decorator_callee(decorator)
        if callee is None or not CACHES.intersection(source.resolve(callee)):
            continue
        around = source.enclosing(decorator, "decorated_definition")
        function = around.child_by_field_name("definition") if around is not None else None
        if function is None or function.type != "function_definition" or is_tombstone(function):
            continue
        if source.enclosing(function, *FUNCTIONS) is None and _takes_nothing(source, function):
            end = function.child_by_field_name("name") or function
            classes = returned_classes(source, function)
            yield Shape("cached-accessor", function, end, full_name(source, function), classes)


def _decorators(source: Source) -> Iterator[Node]:
    aliases = []
    for word in _WORDS:
        for trail in source.trails(word):
            aliased = next((step.node for step in trail if step.node.type == "aliased_import"), None)
            alias = aliased.child_by_field_name("alias") if aliased is not None else None
            if alias is not None:
                aliases.append(source.text(alias))
    for name in dict.fromkeys((*_WORDS, *aliases)):
        for trail in source.trails(name):
            kinds = [step.node.type for step in trail]
            if "decorator" in kinds and not {"block", "argument_list"} & set(
                kinds[_last(kinds, "decorator") :]
            ):
                yield trail[_last(kinds, "decorator")].node


def _last(kinds: list[str], kind: str) -> int:
    return len(kinds) - 1 - kinds[::-1].index(kind)


def _takes_nothing(source: Source, function: Node) -> bool:
    """Return whether all calls are identical: there are no parameters, or only that of a class method."""
    parameters = function.child_by_field_name("parameters")
    names = [] if parameters is None else [p for p in parameters.named_children if p.type != "comment"]
    if source.enclosing(function, "class_definition") is None:
        return not names
    around = source.enclosing(function, "decorated_definition")
    marks = "" if around is None else source.text(around)[: function.start_byte - around.start_byte]
    if re.search(r"@\s*classmethod\b", marks):
        return len(names) == 1
    return not names and re.search(r"@\s*staticmethod\b", marks) is not None
