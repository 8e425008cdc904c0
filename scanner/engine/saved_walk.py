"""Saves what a walker knows about one revision, and the steps after it, as bytes that another process loads.

A saved revision is a compressed JSON value followed by the packed reports, which are unpacked only when they
are needed. A saved step has the changed files and their reports.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport
from scanner.engine.codec import pack, unpack
from scanner.engine.revision_state import FileChange, RevisionState
from scanner.model import RepoPath

_LENGTH = struct.Struct(">I")
_Key = tuple[RepoPath, str]


@dataclass(frozen=True, slots=True)
class WalkMemory:
    """What a walker knows about the revision that it visited last. Another walker may continue from it."""

    sha: str
    state: RevisionState

    @property
    def size(self) -> int:
        """Return the number of files, which the memory used is in proportion to."""
        return len(self.state.files)


def save(memory: WalkMemory) -> bytes:
    """Return a revision as bytes."""
    value, reports = memory.state.saved()
    head = _encode([memory.sha, value, [len(raw) for raw in reports]])
    return zlib.compress(_LENGTH.pack(len(head)) + head + b"".join(reports), 1)


def load_into(state: RevisionState, raw: bytes, steps: Iterable[bytes]) -> WalkMemory:
    """Set a new state to a saved revision, and take it through the steps after that one.

    Raises ValueError, TypeError, KeyError or `zlib.error` if the bytes are something else.
    """
    data = zlib.decompress(raw)
    end = _LENGTH.size + int(_LENGTH.unpack_from(data)[0])
    sha, value, lengths = json.loads(data[_LENGTH.size : end].decode("utf-8", "surrogatepass"))
    state.load(value, _split(data, end, lengths))
    changes: dict[RepoPath, tuple[str | None, str]] = {}
    day = ""
    for step in steps:
        sha, day, changed = json.loads(zlib.decompress(step).decode("utf-8", "surrogatepass"))
        changes.update((RepoPath(path), (blob, packed)) for path, blob, packed in changed)
    if day:
        _apply(state, changes, date.fromisoformat(day))
    return WalkMemory(sha, state)


def _apply(state: RevisionState, changes: Mapping[RepoPath, tuple[str | None, str]], day: date) -> None:
    reports: dict[_Key, FileReport] = {}
    steps: list[FileChange] = []
    for path, (blob, packed) in changes.items():
        before = state.blob_of(path)
        if before == blob:
            continue
        steps.append((path, before, blob))
        if blob is not None:
            reports[path, blob] = unpack(packed.encode("utf-8", "surrogatepass")) if packed else EMPTY
    state.apply(steps, reports, day)


def save_step(
    sha: str, day: date, changes: Iterable[FileChange], reports: Mapping[_Key, FileReport]
) -> bytes:
    """Return the step to a revision as bytes."""
    changed = [
        [path, blob, pack(reports[path, blob]).decode("utf-8", "surrogatepass") if blob is not None else ""]
        for path, _, blob in changes
    ]
    return zlib.compress(_encode([sha, day.isoformat(), changed]), 1)


def _encode(value: Any) -> bytes:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _split(data: bytes, start: int, lengths: Sequence[int]) -> Iterable[bytes]:
    for length in lengths:
        yield data[start : start + length]
        start += length
