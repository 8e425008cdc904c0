"""Tells by its text that a file cannot matter, because parsing every file of a large tree takes minutes.

Each function may return true for a file that does not matter in the end, but not false for one that does.
"""

import re
from collections.abc import Callable, Iterable

from scanner.python.text import LETTERS, word_offsets

# Between two parts of one string. Nothing is given back: a line of many `#` can be divided in too many ways.
_JOIN = re.compile(rb"[\"'](?:[\s\\()]|#[^\n]*+)*+[a-zA-Z]{0,2}[\"']")
_JOIN_IN_LINE = re.compile(rb"[\"'][\s\\()]*+[a-zA-Z]{0,2}[\"']")  # a `#` may be in a string
_LINE = rb"(?:[^\n\\]|\\\r?\n|\\)*"
_STATEMENT = re.compile(
    rb"\b(?:from\b(?:[^\n\\#;]|\\\r?\n){0,300}?\bimport[ \t\\\r\n]*(?:\((?:[^)#]|#[^\n]*)*|"
    + _LINE
    + rb")|import\b"
    + _LINE
    + rb")"
)
_WORD = re.compile(rb"[\w\x80-\xff]+|\*")
_RELATIVE = re.compile(rb"\bfrom[ \t\\\r\n]*\.[.\s\\]*import\b")
_IMPORT_LINE = re.compile(rb"[ \t]*(?:from|import)\b")
_CHAIN = re.compile(rb"[\w.\x80-\xff]*\Z")
_DOT = re.compile(rb"\.(?:[\s\\]|#[^\n]*\n)*\Z")  # a name goes on here
_NEAR = 300
_SPACE = b" \t\n\r\f\v\\"
_ASSIGNED = re.compile(rb"[\s\\]*=(?!=)")


def may_use(text: bytes, imported: Iterable[frozenset[bytes]], module: str, names: Iterable[str]) -> bool:
    """Return whether a file may use one of some names of a module, by an import or as its attribute.

    `imported` are the words of its import statements.
    """
    last = module.rpartition(".")[2].encode()
    wanted = {name.encode() for name in names}
    found = [words for words in imported if last in words]
    if any(b"*" in words or not words.isdisjoint(wanted) for words in found):
        return True
    return any(
        _is_member(text, at, b"" if found else last) for name in wanted for at in word_offsets(text, name)
    )


def _is_member(text: bytes, at: int, owner: bytes) -> bool:
    """Return whether a word may be an attribute of what a name refers to; of anything if it is empty."""
    start = max(0, at - _NEAR)
    before = text[start:at].rstrip(_SPACE + b"(")
    if not before.endswith(b"."):
        return not before and start > 0
    if not owner:
        return True
    before = before[:-1].rstrip(_SPACE + b")")
    if before.endswith(owner):
        return before[-len(owner) - 1 : -len(owner)] not in LETTERS
    return len(before) < len(owner) and start > 0


def may_reach(text: bytes, imported: Callable[[], Iterable[frozenset[bytes]]], module: str) -> bool:
    """Return whether a file may reach a module as an attribute of its package, without importing it.

    `imported` returns the words of its import statements.
    """
    full, last = module.encode(), module.rpartition(".")[2].encode()
    if full in text and re.search(rb"\b(?:from|import)[ \t]+%b\b" % re.escape(full), text):
        return False
    return any(
        text[at - 1 : at] == b"."
        and not _IMPORT_LINE.match(text, text.rfind(b"\n", 0, at) + 1)
        and _may_be_module(text, at - 1, imported)
        for at in word_offsets(text, last)
    )


def _may_be_module(text: bytes, dot: int, imported: Callable[[], Iterable[frozenset[bytes]]]) -> bool:
    """Return whether the dotted name before a dot may begin with something imported."""
    chain = _CHAIN.search(text, text.rfind(b"\n", 0, dot) + 1, dot)
    head = chain[0].partition(b".")[0] if chain is not None else b""
    if chain is None or not head or _DOT.search(text, max(0, chain.start() - _NEAR), chain.start()):
        return True  # more of the name may stand before it
    return any(head in words or b"*" in words for words in imported())


def imports_relatively(text: bytes) -> bool:
    """Return whether a file may import from a package around it without naming the package."""
    return _RELATIVE.search(text) is not None


def may_name(text: bytes, prefix: str) -> bool:
    """Return whether a string in a file may begin with a prefix, be it written in one part or in several."""
    wanted = prefix.encode()
    return wanted in text or any(wanted in each.sub(b"", text) for each in (_JOIN, _JOIN_IN_LINE))


def may_rebind(text: bytes, name: str) -> bool:
    """Return whether a file may give a name of another module a value, or hold a string that names it."""
    word = name.encode()
    for at in word_offsets(text, word):
        before = text[max(0, at - _NEAR) : at]
        if before and (before.rstrip(_SPACE) or b".")[-1:] in b".\"'}":
            return True
        if _ASSIGNED.match(text, at + len(word)):
            return True
    return False


def words_imported(text: bytes) -> tuple[frozenset[bytes], ...]:
    """Return the words of each import statement in a file, and `*` if it imports everything."""
    return tuple(frozenset(_WORD.findall(match.group())) for match in _STATEMENT.finditer(text))
