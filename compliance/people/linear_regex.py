"""Determines which regular expressions from a repository are safe to run because they can't take exponential
time.

Gitea's CODEOWNERS files contain regular expressions for Go's engine, which takes linear time for every
pattern. Python's engine doesn't. An expression is accepted only if it has the same meaning in both engines,
contains no nested repetitions, and has only a few unbounded ones, of single characters.
"""

import re
import warnings
from collections.abc import Iterator

# The parser that the standard library's `re` module uses internally.
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LONGEST = 500
"""Maximum number of characters in an expression."""

REPEATS = 4
"""Maximum number of unbounded repetitions, each of which multiplies the time by the length of the path."""

_ONE = {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN}
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}
_PLAIN = {*_ONE, codes.AT, codes.SUBPATTERN, codes.BRANCH, *_REPEATS}
_BOUND = 20


def is_linear(expression: str) -> bool:
    """Return true if an expression can be matched quickly against any path."""
    if not expression or len(expression) > LONGEST:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Go reads [[:alpha:]] as a class of letters, and Python as a set
            re.compile(expression)
            nodes = list(_nodes(parser.parse(expression)))
    except (re.error, RecursionError, OverflowError, Warning):
        return False
    if any(code not in _PLAIN for code, _ in nodes):
        return False
    repeats = [value for code, value in nodes if code in _REPEATS]
    if any(most > _BOUND and not _is_one(inside) for _, most, inside in repeats):
        return False
    nested = any(
        most > 1 and any(code in _REPEATS for code, _ in _nodes(inside)) for _, most, inside in repeats
    )
    return not nested and sum(most > _BOUND for _, most, _ in repeats) <= REPEATS


def _is_one(inside: Any) -> bool:
    return len(inside) == 1 and inside[0][0] in _ONE


def _nodes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each node of a parsed expression, including nested ones."""
    for code, value in tree:
        yield code, value
        if code in _REPEATS:
            yield from _nodes(value[2])
        elif code is codes.SUBPATTERN:
            yield from _nodes(value[3])
        elif code is codes.BRANCH:
            for branch in value[1]:
                yield from _nodes(branch)
