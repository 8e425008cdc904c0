"""JSON from outside, bounded before it is parsed, and restricted to what every later reader can handle."""

import json
import math
import re
from typing import Any, NoReturn

DEPTH = 50
"""Levels that lists and objects may be nested."""

ITEMS = 500_000
"""Values that a document may hold: a push of 2,048 commits, the most that GitHub sends, has 60,000 without
its lists of files. It bounds what a body of a few bytes a value costs: under a second and 60 MB.
"""

DIGITS = 30
"""Digits that a whole number may have."""

_NUMBER_CHARACTERS = 400
# Strings are passed over whole. Their parts never match in two ways, so no text costs more than its length.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_TEXT = re.compile("[\0\ud800-\udfff]")


class JsonError(ValueError):
    """A document that is not read; the message says which limit it exceeds, or what is wrong."""


def read_json(document: bytes) -> Any:
    """Return the value of a JSON document.

    Raises `JsonError` for what is not JSON, and for what a later reader could not handle: depth, items,
    numbers that no column holds, NUL and lone surrogates.
    """
    check_bounds(document)
    try:
        text = document.decode()
        value = json.loads(text, parse_constant=_refuse, parse_float=_number, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise JsonError(f"it is not valid JSON: {str(error)[:200]}") from None
    _check_texts(value)
    return value


def check_bounds(document: bytes) -> None:
    """Raise `JsonError` for a document, not parsed, that is nested deeper than DEPTH or has over ITEMS."""
    items = depth = 0
    for match in _TOKEN.finditer(document):
        token = match[0]
        if token in b"[{":
            depth += 1
            if depth > DEPTH:
                raise JsonError(f"it is nested deeper than {DEPTH} levels")
        elif token in b"]}":
            depth -= 1
            continue
        elif token != b",":
            continue
        items += 1
        if items > ITEMS:
            raise JsonError(f"it has more than {ITEMS:,} values")


def _check_texts(value: Any) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += item
            pending += item.values()
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, str) and _TEXT.search(item):
            raise JsonError("it contains invalid text: NUL or a lone surrogate")


def _refuse(constant: str) -> NoReturn:
    raise JsonError(f"{constant} is not JSON")


def _number(text: str) -> float:
    if len(text) > _NUMBER_CHARACTERS or not math.isfinite(number := float(text)):
        raise JsonError("a number is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise JsonError(f"a number has more than {DIGITS} digits")
    return int(text)
