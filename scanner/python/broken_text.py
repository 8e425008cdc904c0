"""Isolates what Python refuses, so that the tree of the remaining code is intact.

The parser is given a text of the same length in which conflict markers, keywords that older code uses as
names, and statements with syntax errors are replaced. Intact statements keep their place and their scope.
"""

import re
from collections.abc import Callable

from tree_sitter import Node

Errors = Callable[[bytes], int]  # the line (1-based) of the first syntax error in a text; 0 without one
Parse = Callable[[bytes], Node]

_MOST = 20  # maximum number of statements that are replaced
_LONGEST = 200_000  # in bytes; replacing a statement takes two parses of the text
_MARKER = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t][^\n]*)?$", re.MULTILINE)
_BASE = re.compile(rb"^\|{7}[^\n]*\n(?:(?!={7}).*\n)*", re.MULTILINE)
_THEIRS = re.compile(rb"^={7}\r?\n(?:(?!>{7}).*\n)*", re.MULTILINE)
_ASYNC = re.compile(rb"\basync\b(?![ \t]+(?:def|with|for)\b)")
_AWAIT = re.compile(rb"\bawait\b(?<=\.await)|\bawait\b(?=[ \t]*(?:[=,):.]|\r?\n))|\bdef[ \t]+await\b")
_QUOTED = re.compile(
    rb"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
    rb"|#[^\n]*|`[^`\n]*`",
    re.DOTALL,
)
_DEFINES = re.compile(rb"([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+([A-Za-z_\x80-\xff][\w\x80-\xff]*)")
_OPENS = re.compile(rb"[ \t]*(?:async[ \t]+)?(?:if|elif|else|for|while|with|try|except|finally|match|case)\b")


def mend_refused(data: bytes, parse: Parse, first_error: Errors) -> bytes:
    """Return a text for the tree in which broken statements do not affect the others."""
    text = _old_python(data)
    if b"<<<<<<<" in text:
        text = _without_markers(text, parse)
    if len(text) > _LONGEST:
        return text
    for _ in range(_MOST):
        if not parse(text).has_error:
            break
        mended = _without_statement(text, first_error)
        if mended == text:
            break
        text = mended
    return text


def _old_python(text: bytes) -> bytes:
    """Replace `async` and `await` where they are names, and the backquotes of Python 2."""
    text = _AWAIT.sub(lambda found: found.group()[:-5] + b"awaix", _ASYNC.sub(b"asynx", text))
    if b"`" in text:
        text = _QUOTED.sub(_call, text)
    return text


def _call(quoted: re.Match[bytes]) -> bytes:
    found = quoted.group()
    return b"(" + found[1:-1] + b")" if found.startswith(b"`") else found


def _without_markers(text: bytes, parse: Parse) -> bytes:
    """Blank conflict markers; keep both sides if the result parses, otherwise the first."""
    text = _BASE.sub(_blank, text)
    both = _MARKER.sub(_blank, text)
    if not parse(both).has_error:
        return both
    return _MARKER.sub(_blank, _THEIRS.sub(_blank, text))


def _without_statement(text: bytes, first_error: Errors) -> bytes:
    """Replace the line of the first error, or the line before it, whichever moves the error further down."""
    line = first_error(text)
    if not line:
        return text
    best, farthest = text, line
    for candidate in (line - 1, line):
        mended = _without_line(text, candidate)
        reached = first_error(mended) if mended != text else line
        if not reached:
            return mended
        if reached > farthest:
            best, farthest = mended, reached
    return best


def _without_line(text: bytes, number: int) -> bytes:
    """Replace one line: a definition by one without parameters, other code by `0`."""
    lines = text.split(b"\n")
    if not 0 < number <= len(lines):
        return text
    line = lines[number - 1]
    code = line.strip()
    if not code:
        return text
    indentation = line[: len(line) - len(line.lstrip())]
    defines = _DEFINES.match(line)
    if defines is not None:
        new = defines.group() + (b"():" if defines[2] == b"def" else b":")
    else:
        new = indentation + (b"if 1:" if _OPENS.match(line) else b"0")
    if len(new) > len(line):
        new = indentation + b"0"
    if new.rstrip() == line.rstrip():
        return text
    lines[number - 1] = new.ljust(len(line))
    return b"\n".join(lines)


def _blank(found: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\r\n]", b" ", found.group())
