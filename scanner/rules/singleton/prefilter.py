r"""Decides from bytes alone whether a text can contain a singleton of the given classes.

Every expression starts with a literal (a line end or a word), so that most of a text is skipped as fast as in
a plain byte search.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from scanner.python.multi_search import Needles
from scanner.rules.base import Relevance
from scanner.rules.singleton.class_level import BORG
from scanner.rules.singleton.class_stores import WORDS, may_store
from scanner.rules.text_patterns import (
    INNER_CLASS,
    back_to,
    in_ascii,
    indentation,
    literal_part,
    name_pattern,
)

_ASSIGNED = rb"(?:[ \t]*:[^=\n]*)?(?:,[^=\n]*)?=(?!=)"
_BLOCK = re.compile(rb"\n(?:if\b(?! __name__)|elif|else|try|except|finally|with|for|while)\b[^\n]*:")
_GLOBAL = re.compile(rb"global[ \t\\]"), re.compile(rb"[ \t]+(?:[^#]*[:;][ \t]*)?")
_UNFILLED = {
    word: (re.compile(word + rb"_*[ \t]*(?::[^=\n]*)?=[ \t]*None\b"), re.compile(rb"[ \t]+\w+"))
    for word in (b"nstance", b"ingleton", b"NSTANCE", b"INGLETON")
}
_CONTINUED = re.compile(rb"=[ \t]*[(\\][ \t]*(?:#[^\n]*)?\r?\n")
_HEAD = re.compile(rb"\n[ \t]*(?:[^\W\d]\w*[ \t]*(?:[:=,])|[^\n]*[ \t]as[ \t])")
_METACLASS_HEAD = re.compile(rb"\n[ \t]*class[ \t]+\w+[ \t]*\([^)]*(?:\btype\b|Meta)")
_FUNCTION = re.compile(rb"(?:async[ \t]+)?def\b|if[ \t]+__name__[ \t]*==[ \t]*[\"']__main__[\"'][ \t]*:")
_NO_CODE = (b"", b"#", b")", b"]", b"}")
_MAX_LINES = 300  # maximum number of lines read above a location
_MAX_MATCHES = 50  # maximum number of locations examined in one text
_CALL = b"__call__"
_CACHES = (b"functools", b"async_lru", b"methodtools")
# A single search for all the deciding words takes a tenth of the time of a separate `in` for each.
_DECISIVE_WORDS = (_CALL, b"metaclass", b"(Singleton", b"__dict__", b"global", b"cache", *_UNFILLED, *WORDS)
_SEARCH = Needles([(word,) for word in _DECISIVE_WORDS])


class Prefilter:
    """Decides whether a text is worth parsing for singletons of classes that match the globs."""

    def __init__(self, globs: tuple[str, ...]) -> None:
        last = [glob.rpartition(".")[2] for glob in globs]
        literals = tuple(literal for glob in last if (literal := literal_part(glob)))
        self._any = not globs or len(literals) < len(last)
        self.needles = () if self._any else (*literals, _CALL)
        self._literals = tuple(map(in_ascii, literals))
        name = b"|".join(name_pattern(glob) for glob in last) if globs else rb"_*[A-Z]\w*"
        self._alias = tuple(
            re.compile(re.escape(word) + rb"\w*[ \t]+as[ \t]+(\w+)") for word in self._literals
        )
        self._calls = _built(name)
        self._walrus = re.compile(rb":=[^\n]*?(?:\b(?:%b)[ \t]*[\[(.]|[(\\][ \t]*\n)" % name)
        self._called = tuple(
            re.compile(re.escape(word) + rb"\w*(?:[ \t]*[\[(.]|[ \t]+as[ \t])") for word in self._literals
        )

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text may contain or affect a singleton, NAMED if all instances are local."""
        text = in_ascii(text)
        found_words = frozenset(_DECISIVE_WORDS[number] for number in _SEARCH.found_in(text))
        if _CALL in found_words and _METACLASS_HEAD.search(text):
            return Relevance.WANTED
        if not self._any and not any(literal in text for literal in self._literals):
            return Relevance.NOTHING
        if _has_shape(text, found_words):
            return Relevance.WANTED
        found = Relevance.NOTHING
        for is_candidate in chain(may_store(text, found_words), self._built_in(b"\n" + text)):
            if is_candidate:
                return Relevance.WANTED
            found = Relevance.NAMED
        return found

    def _built_in(self, lines: bytes) -> Iterator[bool]:
        """Yield, for each assignment that may call such a class, whether it is outside functions."""
        if not self._any and not self._may_build(lines):
            return
        if b":=" in lines:
            yield from _named(lines, self._walrus)
        yield from _assigned(lines, *self._calls)
        if self._any or b" as " not in lines:
            return
        names = {name for alias in self._alias for name in alias.findall(lines)}
        others = b"|".join(sorted(map(re.escape, names)))
        if others:
            yield from _assigned(lines, *_built(others))

    def _may_build(self, lines: bytes) -> bool:
        """Return whether an assignment or import names such a class on its line, or continues after `=`."""
        if b":=" in lines or _CONTINUED.search(lines):
            return True
        calls = (match for called in self._called for match in called.finditer(lines))
        return any(_HEAD.match(lines, lines.rfind(b"\n", 0, match.start())) for match in calls)


def _has_shape(text: bytes, found_words: frozenset[bytes]) -> bool:
    """Return whether some of these words, which the text contains, indicate a singleton on their own."""
    if not found_words.isdisjoint((b"metaclass", b"(Singleton")) or (
        b"__dict__" in found_words and BORG.search(text)
    ):
        return True
    if b"global" in found_words and _begins_line(*_GLOBAL, text):
        return True
    if any(word in found_words and _begins_line(*words, text) for word, words in _UNFILLED.items()):
        return True
    return b"cache" in found_words and any(module in text for module in _CACHES)


def _begins_line(pattern: re.Pattern[bytes], before: re.Pattern[bytes], text: bytes) -> bool:
    """Return whether only text that `before` matches precedes a match of the pattern on its line."""
    return any(
        before.fullmatch(text, text.rfind(b"\n", 0, match.start()) + 1, match.start())
        for match in pattern.finditer(text)
    )


_Built = tuple[re.Pattern[bytes], re.Pattern[bytes]]


@lru_cache(maxsize=64)
def _built(name: bytes) -> _Built:
    """Return two expressions for `x = Name(…)`: indented by at most one level, and deeper."""
    value = rb"(?:[^\n]*?\b(?:%b)[ \t]*[\[(.]|[ \t]*[(\\][ \t]*(?:#[^\n]*)?\r?\n)" % name
    assigned = rb"[^\W\d]\w*[ \t]*" + _ASSIGNED + value
    return re.compile(rb"\n(?:[ ]{1,4}|\t)?" + assigned), re.compile(rb"\n(?:[ ]{5,}|\t\t+)" + assigned)


def _assigned(lines: bytes, shallow: re.Pattern[bytes], deep: re.Pattern[bytes]) -> Iterator[bool]:
    """Yield, for each line that may be such an assignment, whether it is outside functions."""
    found = 0
    for pattern, start, end in _search_ranges(lines, shallow, deep):
        match = pattern.search(lines, start, end)
        while match is not None:
            found += 1
            yield found > _MAX_MATCHES or not _is_in_function(lines, match.start())
            match = pattern.search(lines, match.start() + 1, end)


def _named(lines: bytes, pattern: re.Pattern[bytes]) -> Iterator[bool]:
    """Yield, for each assignment expression that may call such a class, whether it is outside functions."""
    for found, match in enumerate(pattern.finditer(lines)):
        yield found > _MAX_MATCHES or not _is_in_function(lines, lines.rfind(b"\n", 0, match.start()))


def _search_ranges(
    lines: bytes, shallow: re.Pattern[bytes], deep: re.Pattern[bytes]
) -> Iterator[tuple[re.Pattern[bytes], int, int]]:
    """Yield the ranges to search: shallow assignments everywhere, deep ones in blocks and nested classes."""
    yield shallow, 0, len(lines)
    for head in chain(_BLOCK.finditer(lines), INNER_CLASS.finditer(lines)):
        yield deep, head.end() - 1, _end_of_block(lines, head)


def _is_in_function(lines: bytes, offset: int) -> bool:
    """Return whether the line after an offset is inside a `def`, judging by the indentation above it.

    False if a few lines are not enough to decide, or if the `def` may be inside a string or follow a
    backslash.
    """
    end = offset
    depth = indentation(lines[offset + 1 : offset + 1 + _MAX_LINES])
    for _ in range(_MAX_LINES):
        start = lines.rfind(b"\n", 0, end)
        if start < 0 or not depth:
            return False
        line = lines[start + 1 : end]
        code = line.lstrip()
        if code[:1] not in _NO_CODE and (here := indentation(line)) < depth:
            if _FUNCTION.match(code):
                hidden = any(lines.count(quotes, start, offset) % 2 for quotes in (b'"""', b"'''"))
                return not hidden and not lines.endswith(b"\\", 0, start)
            depth = here
        end = start
    return False


def _end_of_block(lines: bytes, head: re.Match[bytes]) -> int:
    """Return the offset at which the lines indented more deeply than a statement end."""
    text = head.group()[1:]
    depth = len(text) - len(text.lstrip())
    after = back_to(depth).search(lines, head.end())
    return len(lines) if after is None else after.start() + 1
