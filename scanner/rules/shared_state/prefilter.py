"""Decides from bytes alone whether a text can define or write to a container with the given names."""

import re

from scanner.python.containers import MAKERS, MUTATORS
from scanner.rules.text_patterns import INNER_CLASS, in_ascii, literal_part, name_pattern

_VALUE = rb"(?:[\[{(]|[^\n]*\b(?:%b)\b)" % "|".join(MAKERS).encode()

_WRITTEN = re.compile(
    rb"\n[ \t]+(?:del[ \t]+)?([A-Za-z_]\w*)(?:\.\w+)*(?:\[[^\n]*|\.(?:%b)[ \t]*\(|[ \t]*[-+|&^*]=)"
    % "|".join(MUTATORS).encode()
)
_BOUND = tuple(
    re.compile(word + rb"(?<=\b%b)[ \t(\[][^\n:=]*?([A-Za-z_]\w*)(?:\.\w+)*\[" % word)
    for word in (b"for", b"as")
)
# An import list in brackets, whose comments may contain a bracket, or on one line with its continuations.
_IMPORTED = re.compile(rb"import[ \t]*(?:\((?:[^)#]+|#[^\n]*)*|(?:[^\n(\\]+|\\\r?\n|\\)+)")
_WORD = re.compile(rb"[\w\x80-\xff]+")


def imported_words(text: bytes) -> set[bytes]:
    """Return the words in the import lists of a text, and more."""
    return {word for match in _IMPORTED.finditer(text) for word in _WORD.findall(match.group())}


class Prefilter:
    """Decides whether a text is worth parsing for containers whose names match the globs."""

    def __init__(self, globs: tuple[str, ...]) -> None:
        last = [glob.rpartition(".")[2] for glob in globs] or ["*"]
        literals = tuple(literal_part(glob) for glob in last)
        self.literals = literals if all(literals) else ()
        name = b"(?:%b)" % b"|".join(name_pattern(glob) for glob in last)
        assigned = rb")?" + name + rb"[ \t]*(?::[^=\n]*)?(?:=[^=\n]*)*=[ \t]*" + _VALUE
        self._defined = re.compile(rb"\n(?:[ ]{1,4}|\t" + assigned)
        self._defined_deep = re.compile(rb"\n(?:[ ]{1,8}|\t{1,2}" + assigned)
        self._named = re.compile(name + rb"[ \t]*:=[ \t]*" + _VALUE)
        self._global = re.compile(rb"\n[ \t]+global[ \t][^\n]*" + name)
        self._imported = re.compile(name)
        self._written = re.compile(
            rb"\."
            + name
            + rb"(?:\[|\.(?:%b|get)[ \t]*\(|[ \t]*[-+|&^*]=|[ \t]*[,\n\\#)]|[ \t]as[ \t])"
            % "|".join(MUTATORS).encode()
        )

    def is_relevant(self, text: bytes) -> bool:
        """Return whether the text may define a container, or write to one in another module."""
        if self.literals and not any(literal in text for literal in self.literals):
            return False
        text = in_ascii(text)
        deep = bool(self.literals) or INNER_CLASS.search(text) is not None
        defined = self._defined_deep if deep else self._defined
        if b":=" in text and self._named.search(text):
            return True
        if defined.search(b"\n" + text) or (b"global" in text and self._global.search(text)):
            return True
        return b"import" in text and (
            self._names_elsewhere(text) if self.literals else _writes_imported(text)
        )

    def _names_elsewhere(self, text: bytes) -> bool:
        return any(map(self._imported.fullmatch, imported_words(text))) or any(
            not text.endswith((b"self", b"cls"), 0, match.start()) for match in self._written.finditer(text)
        )


def _writes_imported(text: bytes) -> bool:
    """Return whether the text writes to an imported name as if it were a container."""
    written = {name for pattern in (_WRITTEN, *_BOUND) for name in pattern.findall(text)} - {b"self", b"cls"}
    return bool(written) and not written.isdisjoint(imported_words(text))
