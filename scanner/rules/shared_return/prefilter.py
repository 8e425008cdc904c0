"""Decides from a function's own text whether it may return a shared object, so that most files need no parse.

It applies the criteria of `returned_objects` to a single function. If the answer depends on the rest of the
file, the words involved are searched for, and the function counts as sharing if bytes alone cannot decide.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from tree_sitter import Node

from scanner.python.inference import return_values
from scanner.python.source import Source
from scanner.python.statements import alternatives, assigned_values, statements
from scanner.rules.shared_return.shared_values import is_plain_hint
from scanner.rules.text_patterns import indentation

_DEFINES = ([b"def"], [b"async", b"def"])
_PARAMETERS = re.compile(rb"[ \t]*[(\[]")
_NEXT = re.compile(rb"\n([ \t]*(?:(?:async|def|class)\b|@))")
_SET = re.compile(rb"[ \t]*(?:[:,)\]][^=\n]*)?=(?!=)")
_ITEM_SET = re.compile(rb"[ \t]*\[(?:[^\n]*\][^=\n]*=(?!=)|[^\]\n]*\n)")
_READERS = frozenset({b"get", b"__getitem__"})
_DEEPEST = 12
_MAX_CACHED = 8000  # in bytes; longer functions are rare, and caching them would take a lot of memory
# A returned object may be shared if the file assigns or stores a word, or if a function that it calls shares.
_Condition = tuple[Literal["sure", "assigns", "stores", "shares"], bytes]
_SURE: _Condition = ("sure", b"")
_BLOCK = b"if 1:\n"


class ReturnPrefilter:
    """Prefilter for the functions in one text; `cached` is true if the text may use a caching decorator."""

    def __init__(self, text: bytes, *, cached: bool) -> None:
        self._text = b"\n" + text
        self._cached = cached
        self._results: dict[bytes, bool] = {}

    def may_share(self, name: bytes) -> bool:
        """Return whether any function with this name may return a shared object.

        Recursive calls do not count.
        """
        if name not in self._results:
            self._results[name] = False
            self._results[name] = any(
                (self._cached and self._is_decorated(start)) or any(map(self._is_met, _conditions(text)))
                for start, text in self._functions(name)
            )
        return self._results[name]

    def _is_met(self, condition: _Condition) -> bool:
        kind, word = condition
        match kind:
            case "assigns":
                return self.assigns(word)
            case "stores":
                return self.stores(word)
            case "shares":
                return self.may_share(word)
        return True

    def _functions(self, name: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the offset and text of each function with this name.

        The text ends before the next definition that is at most as deep.
        """
        for at in _offsets(self._text, name, _PARAMETERS):
            start = self._text.rfind(b"\n", 0, at) + 1
            before = self._text[start:at]
            if before.split() in _DEFINES:
                ends = (
                    end.start() + 1
                    for end in _NEXT.finditer(self._text, at)
                    if indentation(end.group(1)) <= indentation(before)
                )
                yield start, self._text[start : next(ends, len(self._text))]

    def _is_decorated(self, start: int) -> bool:
        """Return whether the line of code before an offset may be the end of a decorator."""
        lines = map(bytes.strip, reversed(self._text[max(0, start - 2000) : start].split(b"\n")))
        last = next((line for line in lines if line and not line.startswith(b"#")), b"@")
        return last.startswith(b"@") or b")" in last

    def assigns(self, word: bytes) -> bool:
        """Return whether the text contains a statement on its own line that assigns to the name."""
        return any(
            b"(" not in self._line_before(at) and self._text[at - 1 : at] != b"."
            for at in _offsets(self._text, word, _SET)
        )

    def stores(self, word: bytes) -> bool:
        """Return whether the text sets an attribute with this name on anything other than `self`."""
        return any(
            self._text[at - 1 : at] == b"." and not self._text.endswith(b"self.", 0, at)
            for at in _offsets(self._text, word, _SET)
        )

    def _line_before(self, at: int) -> bytes:
        return self._text[self._text.rfind(b"\n", 0, at) + 1 : at].lstrip().removeprefix(b"(")


def _conditions(text: bytes) -> tuple[_Condition, ...]:
    """Return the conditions under which a function shares; cached, because file versions repeat functions."""
    return _cached_conditions(text) if len(text) < _MAX_CACHED else _compute_conditions(text)


def _compute_conditions(text: bytes) -> tuple[_Condition, ...]:
    found: dict[_Condition, None] = {}
    for condition in _Function(text).conditions():
        if condition == _SURE:  # stop: a name assigned to itself could be followed forever
            return (_SURE,)
        found[condition] = None
    return tuple(found)


_cached_conditions = lru_cache(maxsize=4096)(_compute_conditions)


class _Function:
    """The parsed text of a single function."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        # A method on its own would be refused for its indentation.
        self._source = Source("", _BLOCK + text if text[:1].isspace() else text, is_fragment=True)

    def conditions(self) -> Iterator[_Condition]:
        source = self._source
        found = (part for part in statements(source, source.root) if part.type == "function_definition")
        function = next(found, None)
        if source.root.has_error or function is None:
            yield _SURE
        elif not is_plain_hint(source, function.child_by_field_name("return_type")):
            for value in return_values(source, function):
                yield from self._of_expression(value, 0)

    def _of_expression(self, value: Node, depth: int) -> Iterator[_Condition]:
        """Yield the conditions under which an expression evaluates to a shared object."""
        if depth > _DEEPEST:
            yield _SURE
            return
        match value.type:
            case "identifier":
                yield from self._of_name(value, depth)
            case "attribute":
                word = self._last(value)
                yield from (("assigns", word), ("stores", word))
                if any(self._text[at - 1 : at] == b"." for at in _offsets(self._text, word, _SET)):
                    yield _SURE
            case "subscript":
                yield from self._of_item(value.child_by_field_name("value"))
            case "call":
                yield from self._of_call(value)
            case _:
                for part in alternatives(value):
                    yield from self._of_expression(part, depth + 1)

    def _of_name(self, name: Node, depth: int) -> Iterator[_Condition]:
        bound = self._source.lookup(name)
        if not bound or any(binding.scope == self._source.root for binding in bound):
            yield "assigns", self._source.text(name).encode()
            return
        for binding in bound:
            for value in assigned_values(binding):
                yield from self._of_expression(value, depth + 1)

    def _of_call(self, call: Node) -> Iterator[_Condition]:
        """Yield the conditions under which a call returns a shared object.

        Covered are functions in the file, methods that read an item, and casts.
        """
        callee = call.child_by_field_name("function")
        if callee is None:
            return
        word = self._last(callee)
        if word in _READERS:
            yield from self._of_item(callee.child_by_field_name("object"))
        elif word == b"setdefault" or (callee.type == "identifier" and b"cast" in self._text):
            yield _SURE
        else:
            yield "shares", word

    def _of_item(self, container: Node | None) -> Iterator[_Condition]:
        """Yield `_SURE` if the function also sets items in the container from which it reads."""
        if container is not None and any(
            True for _ in _offsets(self._text, self._last(container), _ITEM_SET)
        ):
            yield _SURE

    def _last(self, node: Node) -> bytes:
        return self._source.text(node.child_by_field_name("attribute") or node).encode()


def _offsets(text: bytes, word: bytes, then: re.Pattern[bytes]) -> Iterator[int]:
    """Yield the offsets of a word that is directly followed by a match of `then`."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not text[at - 1 : at].isalnum() and text[at - 1 : at] != b"_" and then.match(text, end):
            yield at
        at = text.find(word, end)
