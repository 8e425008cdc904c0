r"""Which texts can hold a singleton of given class names, told from the bytes alone.

Every expression starts with a literal (a line end, a word), so that most of a text is skipped at the speed
of a memory search.
"""

import re
from functools import lru_cache

from scanner.singletons.kept_on_class import BORG
from scanner.singletons.stores import may_store

_ASSIGNED = rb"(?:[ \t]*:[^=\n]*)?(?:,[^=\n]*)?=(?!=)"
_BLOCK = re.compile(rb"\n(?:if (?!__name__)|elif|else|try|except|finally|with|for|while)\b[^\n]*:")
INNER_CLASS = re.compile(rb"\n[ \t]+class[ \t]")
_GLOBAL = re.compile(rb"global[ \t\\]"), re.compile(rb"[ \t]+(?:[^#]*[:;][ \t]*)?")
_WAITING = tuple(
    (re.compile(word + rb"_*[ \t]*(?::[^=\n]*)?=[ \t]*None\b"), re.compile(rb"[ \t]+\w+"))
    for word in (b"nstance", b"ingleton", b"NSTANCE", b"INGLETON")
)
_CONTINUED = re.compile(rb"=[ \t]*[(\\][ \t]*(?:#[^\n]*)?\r?\n")
_HEAD = re.compile(rb"\n[ \t]*(?:[^\W\d]\w*[ \t]*(?:[:=,])|[^\n]*[ \t]as[ \t])")
_KEEPER = re.compile(rb"\n[ \t]*class[ \t]+\w+[ \t]*\([^)]*(?:\btype\b|Meta)")
_CALL = b"__call__"
_CACHES = (b"functools", b"async_lru", b"methodtools")


class Prefilter:
    """Says of a text whether it is worth parsing for singletons of classes that match the globs."""

    def __init__(self, globs: tuple[str, ...]) -> None:
        last = [glob.rpartition(".")[2] for glob in globs]
        self._literals = tuple(literal for glob in last if (literal := longest_literal(glob)))
        self._any = not globs or len(self._literals) < len(last)
        self.needles = () if self._any else (*self._literals, _CALL)
        name = b"|".join(name_pattern(glob) for glob in last) if globs else rb"_*[A-Z]\w*"
        words = b"|".join(re.escape(literal) for literal in self._literals)
        self._alias = re.compile(rb"(?:%b)\w*[ \t]+as[ \t]+(\w+)" % words)
        self._built = _built(name)
        self._called = tuple(
            re.compile(re.escape(word) + rb"\w*(?:[ \t]*[\[(.]|[ \t]+as[ \t])") for word in self._literals
        )

    def wants(self, text: bytes) -> bool:
        """Whether a singleton may stand in the text, or what decides about one in another file."""
        if _CALL in text and _KEEPER.search(text):
            return True
        if not self._any and not any(literal in text for literal in self._literals):
            return False
        if b"metaclass" in text or b"(Singleton" in text or (b"__dict__" in text and BORG.search(text)):
            return True
        if any(_begins_line(*words, text) for words in (_GLOBAL, *_WAITING)):
            return True
        if b"cache" in text and any(module in text for module in _CACHES):
            return True
        return may_store(text) or self._builds(b"\n" + text)

    def _builds(self, lines: bytes) -> bool:
        """Whether an assignment outside functions calls such a class, also by another name."""
        if not self._any and not self._may_build(lines):
            return False
        if _is_built(lines, *self._built):
            return True
        if self._any or b" as " not in lines:
            return False
        others = b"|".join(sorted({re.escape(name) for name in self._alias.findall(lines)}))
        return bool(others) and _is_built(lines, *_built(others))

    def _may_build(self, lines: bytes) -> bool:
        """Whether such a class is called or renamed in an assignment's or import's line, or below its `=`."""
        if _CONTINUED.search(lines):
            return True
        calls = (match for called in self._called for match in called.finditer(lines))
        return any(_HEAD.match(lines, lines.rfind(b"\n", 0, match.start())) for match in calls)


def _begins_line(pattern: re.Pattern[bytes], before: re.Pattern[bytes], text: bytes) -> bool:
    """Whether the pattern is found with nothing before it on its line but what may stand there."""
    return any(
        before.fullmatch(text, text.rfind(b"\n", 0, match.start()) + 1, match.start())
        for match in pattern.finditer(text)
    )


_Built = tuple[re.Pattern[bytes], re.Pattern[bytes]]


@lru_cache(maxsize=64)
def _built(name: bytes) -> _Built:
    """Expressions for `x = Name(…)` at most one step from the margin, and for any deeper one."""
    value = rb"(?:[^\n]*?\b(?:%b)[ \t]*[\[(.]|[ \t]*[(\\][ \t]*(?:#[^\n]*)?\r?\n)" % name
    assigned = rb"[^\W\d]\w*[ \t]*" + _ASSIGNED + value
    return re.compile(rb"\n(?:[ ]{1,4}|\t)?" + assigned), re.compile(rb"\n(?:[ ]{5,}|\t\t+)" + assigned)


def _is_built(lines: bytes, shallow: re.Pattern[bytes], deep: re.Pattern[bytes]) -> bool:
    if shallow.search(lines):
        return True
    heads = (*_BLOCK.finditer(lines), *INNER_CLASS.finditer(lines))
    return any(deep.search(lines, head.end() - 1, _end_of_block(lines, head)) for head in heads)


def _end_of_block(lines: bytes, head: re.Match[bytes]) -> int:
    """Where the lines below a statement end that stand deeper than it."""
    text = head.group()[1:]
    depth = len(text) - len(text.lstrip())
    after = back_to(depth).search(lines, head.end())
    return len(lines) if after is None else after.start() + 1


@lru_cache(maxsize=64)
def back_to(depth: int) -> re.Pattern[bytes]:
    """What begins the next line that stands no deeper, comments and closing brackets left aside."""
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % depth)


def longest_literal(glob: str) -> bytes:
    return max(re.split(r"[*?]|\[[^\]]*\]", glob), key=len).encode()


def name_pattern(glob: str) -> bytes:
    out = "".join(
        r"\w*" if part == "*" else r"\w" if part == "?" or part.startswith("[") else re.escape(part)
        for part in re.findall(r"\*|\?|\[[^\]]*\]|[^*?\[]+", glob)
    )
    return out.encode()
