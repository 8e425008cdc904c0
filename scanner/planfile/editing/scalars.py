"""Writes values as YAML on one line: scalars in the style of the ones they replace, and flow collections."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import yaml

_PLAIN = re.compile(r"[^\W\d][\w./*$-]*(?: [\w(/][\w./()*-]*)*")
_WORDS = {True: "true", False: "false", None: "null"}
_RESOLVER: Any = yaml.SafeLoader("")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_scalar(value: Any, style: str | None = None) -> str:
    """Return a scalar on one line. `style` is the style of the scalar that it replaces: a quote or None.

    A text stays a text when it is read again: what would be read as a number, a date, a word of YAML or
    several words is quoted.
    """
    if isinstance(value, str):
        return _write_text(value, style)
    if isinstance(value, date):
        return f"{style}{value.isoformat()}{style}" if style in {"'", '"'} else value.isoformat()
    if isinstance(value, float):
        return f"{value:.12g}"
    return _WORDS[value] if value is None or isinstance(value, bool) else str(value)


def _write_text(text: str, style: str | None) -> str:
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if style == '"' or not _is_plain(text):
        return '"' + "".join(map(_escaped, text)) + '"'
    return text


def _is_plain(text: str) -> bool:
    return (
        bool(_PLAIN.fullmatch(text))
        and text.isprintable()
        and (_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str")
    )


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def write_flow(value: Any) -> str:
    """Return any value on one line."""
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{write_scalar(key)}: {write_flow(part)}" for key, part in value.items()) + "}"
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(write_flow, value)) + "]"
    return write_scalar(value)
