"""Reads untrusted JSON: checks its size before parsing, and accepts only values that all downstream code can
handle.
"""

import json
import math
import re
from typing import Any, NoReturn

from compliance.lib.field_types import UNSTORABLE, is_storable

DEPTH = 50
"""Maximum nesting depth of lists and objects."""

ITEMS = 500_000
"""Maximum number of values in a document.

A push of 2,048 commits, the largest that GitHub sends, contains 60,000 values, not counting its lists of
files. This limits the cost of a body with many tiny values to less than a second and 60 MB.
"""

DIGITS = 30
"""Maximum number of digits in an integer."""

_NUMBER_CHARACTERS = 400
# Each string is matched as a whole, and no part of it can match in two ways, so matching takes linear time.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)


class JsonError(ValueError):
    """Raised if a document is rejected. The message says which limit it exceeds or what is wrong with it."""


def read_json(document: bytes) -> Any:
    """Return the value of a JSON document.

    Raises `JsonError` if the document is not valid JSON, is nested too deeply, has too many values, or
    contains numbers or characters (NUL, lone surrogates) that no column can store.
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
    """Raise `JsonError` if an unparsed document is nested more deeply than DEPTH or has more than ITEMS
    values.
    """
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
        elif isinstance(item, str) and not is_storable(item):
            raise JsonError(f"it contains invalid text: {UNSTORABLE}")


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
