"""Writes rules as lines of YAML."""

import json
import re
from collections.abc import Mapping
from typing import Any

_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def rule_line(entry: Mapping[str, Any], indent: int = 2) -> str:
    """Return a rule as one line in flow style, an item of the plan's `rules`."""
    parts = ", ".join(f"{key}: {_flow(value)}" for key, value in entry.items())
    return " " * indent + "- {" + parts + "}"


def _flow(value: object) -> str:
    """Return a value in YAML's flow style. JSON is a part of YAML, so only plain words are written without
    quotes.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _WORDS:
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
