"""Finds statements that store a value on a class, such as `cls.x = …`, `Thing.x = …` and `setattr`."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.source import Source
from scanner.python.statements import targets
from scanner.rules.text_patterns import in_ascii

# Every expression begins with a literal, which `re` finds as fast as a plain byte search.
_TAIL = rb"[ \t]*\.[ \t]*(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?::[^=\n]*)?(?:,[^=\n]*)?=(?!=)"
_ON_SELF = tuple(
    (word, re.compile(re.escape(word) + _TAIL))
    for word in (b"cls", b"__class__", b"type(self)", b"type(cls)")
)
# No possessive group here: Python's re loses matches with one before 3.11.4 (python/cpython#101955).
_ON_NAME = re.compile(
    rb"\n[ \t]*+(?=[A-Z_]|[a-z]\w*+\.)(?:(?!_*[A-Z])[a-z_]\w*+\.)*_*[A-Z]\w*+(?:\.\w+)*?" + _TAIL
)
_ON_NAME_INLINE = re.compile(rb"[:=][ \t]+_*[A-Z]\w*(?:\.\w+)*?" + _TAIL)
_SETATTR = re.compile(rb"setattr\(\s*(?:cls|self\.__class__|type\(self\)|_*[A-Z]\w*)\s*,")
_CONSTANT = re.compile(
    rb"[ \t]*(?:None|True|False|-?[\d._]+|[a-zA-Z]{0,2}(?:\"[^\"\\\n]*\"|'[^'\\\n]*'))"
    rb"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)"
)
_SETTER = b"setattr("
WORDS = (*(word for word, _ in _ON_SELF), _SETTER)  # the words that `may_store` needs to know about
_OWN_KEYS = re.compile(r"cls|__class__|self\.__class__|type\(self\)|cls\.__(?:qual)?name__")


@dataclass(frozen=True, slots=True)
class Store:
    """A statement that stores `value` as `attribute` of `owner`."""

    owner: Node
    attribute: str
    value: Node


def may_store(text: bytes, words: Collection[bytes]) -> Iterator[bool]:
    """Yield, for each candidate statement, whether it may store an object rather than a constant.

    `words` contains those of `WORDS` that occur in the text.
    """
    patterns = [pattern for word, pattern in _ON_SELF if word in words]
    for pattern in (*patterns, _ON_NAME):
        for match in pattern.finditer(text):
            yield _CONSTANT.match(text, match.end()) is None
    if _SETTER in words and _SETATTR.search(text):
        yield True


def stores(source: Source) -> Iterator[Store]:
    """Yield every store whose owner may be a class; items count only if the key is the class itself."""
    text = in_ascii(source.data)
    patterns = [pattern for word, pattern in _ON_SELF if word in text]
    for pattern in (*patterns, _ON_NAME, _ON_NAME_INLINE):
        for match in pattern.finditer(text):
            yield from _assigned(source, match.start(1))
    for match in _SETATTR.finditer(text):
        yield from _set(source, match.start())


def _assigned(source: Source, offset: int) -> Iterator[Store]:
    trail = source.descend(offset)
    if len(trail) < 2:  # outside all statements of a text that does not parse
        return
    attribute = trail[-2].node
    if attribute.type != "attribute" or trail[-1].field != "attribute":
        return
    kinds = {"assignment", "type_alias_statement"}
    assignment = next((step.node for step in reversed(trail) if step.node.type in kinds), None)
    owner = attribute.child_by_field_name("object")
    if assignment is None or owner is None:
        return
    if assignment.type == "type_alias_statement":  # how the grammar parses `type(self).x = …`
        right = assignment.child_by_field_name("right")
        if right is not None and (value := right.named_child(0)) is not None:
            yield Store(owner, source.text(trail[-1].node), value)
        return
    for target, value in targets(assignment):
        if target == attribute or _is_own_item(source, target, attribute):
            yield Store(owner, source.text(trail[-1].node), value)


def _set(source: Source, offset: int) -> Iterator[Store]:
    call = source.above(offset)
    arguments = call.child_by_field_name("arguments") if call.type == "call" else None
    if arguments is not None and arguments.named_child_count == 3:
        owner, name, value = arguments.named_children
        if (word := source.constant(name)) is not None:
            yield Store(owner, word, value)


def _is_own_item(source: Source, target: Node, attribute: Node) -> bool:
    """Return whether the target is `cls.instances[cls]`, which keeps one shared instance of each class."""
    if target.type != "subscript" or target.child_by_field_name("value") != attribute:
        return False
    key = target.child_by_field_name("subscript")
    return key is not None and _OWN_KEYS.fullmatch(source.text(key)) is not None
