"""Replaces the few bytes of valid code that tree-sitter-python misreads.

The parser is given a text of the same length, so byte offsets stay valid, and every other reader sees the
text as it is stored. A splat is blanked where the grammar attaches it to less than Python does, an `=` where
it takes a format specification for an assignment expression.
"""

import re
from collections.abc import Callable, Iterator

from scanner.python.scopes import Trail

Descend = Callable[[int], Trail]

# A splat before an operand: `*a.b`, `*f()`, `*a[0]`, `*a | b`, `*(a or b)`, `*[1]`; not the common `*args,`.
_SPLAT = re.compile(
    rb"\*(?<![\w\x80-\xff)\]}'\"*]\*)(?!\*)[ \t]*"
    rb"(?:await\b|[A-Za-z_\x80-\xff][\w.\x80-\xff]*\s*[.(\[+|&^%@/*<>-]|[(\[{\"'~+-]|[bBrRfFuUtT]{1,2}[\"'])"
)
_BEFORE_SPLAT = (b"[", b"{", b",", b"=", b"(", b";", b":", b"return", b"yield", b"in", b"match")
_NEARBY = 100  # maximum number of blanks between a splat and what precedes it
_SPLATS = frozenset({"list_splat", "list_splat_pattern"})
_OPERANDS = frozenset({"attribute", "call", "subscript", "binary_operator", "await", "ERROR"})
_BRACKETED = frozenset(
    {
        *("parenthesized_expression", "tuple", "list", "set", "dictionary", "subscript", "argument_list"),
        *("generator_expression", "list_comprehension", "set_comprehension", "dictionary_comprehension"),
    }
)


def mend_misread(data: bytes, descend: Descend) -> bytes:
    """Return a text in which the grammar reads splats and format specifications as Python does."""
    offsets = [*_misread_splats(data, descend), *_misread_formats(data, descend)]
    if not offsets:
        return data
    text = bytearray(data)
    for offset in offsets:
        text[offset] = 0x20
    return bytes(text)


def _misread_splats(data: bytes, descend: Descend) -> Iterator[int]:
    """Yield the offsets of splats that the grammar puts inside their operand, or does not know."""
    for match in _SPLAT.finditer(data):
        at = match.start()
        before = data[max(at - _NEARBY, 0) : at].rstrip(b" \t")
        if not before.endswith(b"\n") and before and not before.endswith(_BEFORE_SPLAT):
            continue
        inner, outer = ("", "", *(step.node.type for step in descend(at)[:-1]))[:-3:-1]
        if inner in {"ERROR", "splat_type"} or (inner in _SPLATS and outer in _OPERANDS):
            yield at


def _misread_formats(data: bytes, descend: Descend) -> Iterator[int]:
    """Yield the offset of the `=` in each `f"{x:=8}"`, where `:` begins a format specification."""
    at = data.find(b":=")
    while at >= 0:
        for step in reversed(descend(at)):
            if step.node.type == "interpolation":
                yield at + 1
            if step.node.type == "interpolation" or step.node.type in _BRACKETED:
                break
        at = data.find(b":=", at + 2)
