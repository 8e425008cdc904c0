"""Whether a function may return what is kept, told from its own text: it spares most files their parse.

The same questions as in `shared`, asked of the function alone. What only the rest of the file could answer is
answered by whether its words stand there, and taken for shared where bytes cannot tell.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.instances import return_values
from scanner.returns.lasting import is_plain_hint, parts, values
from scanner.singletons import statements
from scanner.syntax import Source

_DEFINES = ([b"def"], [b"async", b"def"])
_PARAMETERS = re.compile(rb"[ \t]*[(\[]")
_NEXT = re.compile(rb"\n([ \t]*(?:(?:async|def|class)\b|@))")
_SET = re.compile(rb"[ \t]*(?:[:,)\]][^=\n]*)?=(?!=)")
_ITEM_SET = re.compile(rb"[ \t]*\[(?:[^\n]*\][^=\n]*=(?!=)|[^\]\n]*\n)")
_READERS = frozenset({b"get", b"setdefault", b"__getitem__"})


class Glance:
    """A look at some functions of one text; `cached` says that decorators may keep what they return."""

    def __init__(self, text: bytes, *, cached: bool) -> None:
        self._text = b"\n" + text
        self._cached = cached
        self._verdicts: dict[bytes, bool] = {}

    def may_share(self, name: bytes) -> bool:
        """Whether any function of this name may return a kept object; not so while that is being asked."""
        if name not in self._verdicts:
            self._verdicts[name] = False
            self._verdicts[name] = any(
                (self._cached and self._is_decorated(start)) or _Function(self, text).may_share()
                for start, text in self._functions(name)
            )
        return self._verdicts[name]

    def _functions(self, name: bytes) -> Iterator[tuple[int, bytes]]:
        """Offset and text of each function of one name, up to the next definition that is no deeper."""
        for at in _places(self._text, name, _PARAMETERS):
            start = self._text.rfind(b"\n", 0, at) + 1
            before = self._text[start:at]
            if before.split() in _DEFINES:
                ends = (
                    end.start() + 1
                    for end in _NEXT.finditer(self._text, at)
                    if _depth(end.group(1)) <= _depth(before)
                )
                yield start, self._text[start : next(ends, len(self._text))]

    def _is_decorated(self, start: int) -> bool:
        """Whether the line of code before an offset may end a decorator."""
        lines = map(bytes.strip, reversed(self._text[max(0, start - 2000) : start].split(b"\n")))
        last = next((line for line in lines if line and not line.startswith(b"#")), b"@")
        return last.startswith(b"@") or b")" in last

    def assigns(self, word: bytes) -> bool:
        """Whether the text has a statement that binds the name, on a line of its own."""
        return any(
            b"(" not in self._line_before(at) and self._text[at - 1 : at] != b"."
            for at in _places(self._text, word, _SET)
        )

    def stores(self, word: bytes) -> bool:
        """Whether the text sets an attribute of this name on anything but `self`."""
        return any(
            self._text[at - 1 : at] == b"." and not self._text.endswith(b"self.", 0, at)
            for at in _places(self._text, word, _SET)
        )

    def _line_before(self, at: int) -> bytes:
        return self._text[self._text.rfind(b"\n", 0, at) + 1 : at].lstrip().removeprefix(b"(")


class _Function:
    """One function's own text, parsed."""

    def __init__(self, glance: Glance, text: bytes) -> None:
        self._glance = glance
        self._text = text
        self._source = Source("", text)

    def may_share(self) -> bool:
        source = self._source
        if source.root.has_error:
            return True
        function = next(statements(source, source.root), None)
        if function is None or function.type != "function_definition":
            return True
        if is_plain_hint(source, function.child_by_field_name("return_type")):
            return False
        return any(self._may_be(value, 0) for value in return_values(source, function))

    def _may_be(self, value: Node, depth: int) -> bool:
        """Whether an expression may give a kept object."""
        if depth > 12:
            return True
        match value.type:
            case "identifier":
                return self._may_name(value, depth)
            case "attribute":
                word = self._last(value)
                return (
                    self._glance.assigns(word)
                    or self._glance.stores(word)
                    or any(self._text[at - 1 : at] == b"." for at in _places(self._text, word, _SET))
                )
            case "subscript":
                return self._fills(value.child_by_field_name("value"))
            case "call":
                return self._may_give(value)
        return any(self._may_be(part, depth + 1) for part in parts(value))

    def _may_name(self, name: Node, depth: int) -> bool:
        bound = self._source.lookup(name)
        if not bound or any(binding.scope == self._source.root for binding in bound):
            return self._glance.assigns(self._source.text(name).encode())
        return any(self._may_be(value, depth + 1) for binding in bound for value in values(binding))

    def _may_give(self, call: Node) -> bool:
        """Whether a call may: of a function of the file, of what reads an item, of a cast."""
        callee = call.child_by_field_name("function")
        if callee is None:
            return False
        word = self._last(callee)
        if word in _READERS:
            return word == b"setdefault" or self._fills(callee.child_by_field_name("object"))
        if callee.type == "identifier" and b"cast" in self._text:
            return True
        return self._glance.may_share(word)

    def _fills(self, kept: Node | None) -> bool:
        """Whether the function sets items of what it reads one of."""
        return kept is not None and any(_places(self._text, self._last(kept), _ITEM_SET))

    def _last(self, node: Node) -> bytes:
        return self._source.text(node.child_by_field_name("attribute") or node).encode()


def _depth(line: bytes) -> int:
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def _places(text: bytes, word: bytes, then: re.Pattern[bytes]) -> Iterator[int]:
    """The offsets of a word behind which an expression matches."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not text[at - 1 : at].isalnum() and text[at - 1 : at] != b"_" and then.match(text, end):
            yield at
        at = text.find(word, end)
