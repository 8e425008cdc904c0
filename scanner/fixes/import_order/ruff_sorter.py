"""Sorts imports with ruff (I001), without reading its configuration files or caches."""

import json
import re
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

from ruff import find_ruff_bin

from scanner.fixes.import_order.block import UnsortedBlock
from scanner.fixes.text_edits import Edit

_RULE = "I001"
_COMMAND = ("check", "--isolated", "--no-cache", "--select", _RULE, "--output-format", "json", "--exit-zero")
_SECONDS = 20
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@lru_cache(maxsize=1)
def _ruff() -> str:
    found: str = find_ruff_bin()
    return found


# The text before the fixes is judged again in every round.
@lru_cache(maxsize=8)
def find_unsorted(data: bytes, path: str, options: tuple[str, ...]) -> list[UnsortedBlock] | None:
    """Return the unsorted import blocks of a text according to ruff; None if ruff cannot judge it."""
    kind = "pyi" if path.endswith(".pyi") else "py"
    arguments = [*_COMMAND, *options, "--stdin-filename", f"source.{kind}", "-"]
    try:
        command = [_ruff(), *arguments]
        # No environment: variables such as RUFF_CONFIG must not decide.
        done = subprocess.run(
            command, input=data, capture_output=True, env={}, cwd="/", timeout=_SECONDS, check=False
        )
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if not isinstance(found, list):
        return None
    lines = [match[0] for match in _LINE.finditer(data)]
    starts = [0, *accumulate(map(len, lines))]
    return [_block(lines, starts, each) for each in found if each.get("code") == _RULE]


def _block(lines: Sequence[bytes], starts: Sequence[int], found: dict[str, Any]) -> UnsortedBlock:
    fix = found.get("fix") or {}
    edits = tuple(
        Edit(
            _offset(lines, starts, edit["location"]),
            _offset(lines, starts, edit["end_location"]),
            edit["content"].encode(),
        )
        for edit in fix.get("edits", ())
    )
    start, end = (_offset(lines, starts, found[key]) for key in ("location", "end_location"))
    return UnsortedBlock(start, end, edits)


def _offset(lines: Sequence[bytes], starts: Sequence[int], location: dict[str, int]) -> int:
    """Return the byte offset of a row and a column, which count from 1; columns count characters."""
    row = location["row"] - 1
    if row >= len(lines):
        return starts[-1]
    return starts[row] + len(lines[row].decode("utf-8", "replace")[: location["column"] - 1].encode())
