"""The map from lines to the tests that execute them, kept in one SQLite file between runs."""

import difflib
import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path

from coverage.numbits import numbits_to_nums

TABLES = """
CREATE TABLE IF NOT EXISTS tests (test TEXT PRIMARY KEY, module TEXT, seconds REAL, passed INTEGER);
CREATE TABLE IF NOT EXISTS modules (module TEXT PRIMARY KEY, digest TEXT);
CREATE TABLE IF NOT EXISTS sources (path TEXT, digest TEXT, text TEXT, PRIMARY KEY (path, digest));
CREATE TABLE IF NOT EXISTS executed (module TEXT, test TEXT, path TEXT, digest TEXT, lines BLOB);
CREATE INDEX IF NOT EXISTS executed_paths ON executed (path);
CREATE INDEX IF NOT EXISTS executed_modules ON executed (module);
"""


@cache
def digest_of(file: Path) -> str:
    """Return what tells one state of a file from another."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


class LineMap:
    """Which test executes which lines of the files as they are now."""

    def __init__(self, file: Path, root: Path) -> None:
        self._file = file
        self._root = root
        self.seconds: dict[str, float] = {}
        self._lines: dict[str, dict[str, set[int]]] = {}
        with closing(sqlite3.connect(file)) as data:
            data.executescript(TABLES)
            rows = data.execute(
                "SELECT test, seconds FROM tests WHERE passed AND module IN (SELECT module FROM modules)"
            )
            self.seconds = dict(rows.fetchall())

    def outdated(self, modules: Iterable[str]) -> list[str]:
        """Return the test modules that are not recorded as they are now."""
        with closing(sqlite3.connect(self._file)) as data:
            known = dict(data.execute("SELECT module, digest FROM modules").fetchall())
        return [module for module in modules if known.get(module) != digest_of(self._root / module)]

    def tests_of(self, path: str, lines: Iterable[int]) -> set[str]:
        """Return the tests that execute one of the lines, and passed when they were recorded."""
        wanted = set(lines)
        executed = self.executed(path)
        return {test for test, numbers in executed.items() if test in self.seconds and numbers & wanted}

    def executed(self, path: str) -> dict[str, set[int]]:
        """Return the executed lines of a file, in today's numbers, for each test."""
        if path not in self._lines:
            found: dict[str, set[int]] = {}
            with closing(sqlite3.connect(self._file)) as data:
                texts = dict(
                    data.execute("SELECT digest, text FROM sources WHERE path = ?", (path,)).fetchall()
                )
                rows = data.execute(
                    "SELECT test, digest, lines FROM executed WHERE path = ?", (path,)
                ).fetchall()
            today = (self._root / path).read_text(encoding="utf-8")
            moved = {digest: _moves(text, today) for digest, text in texts.items()}
            for test, digest, numbers in rows:
                places = {moved[digest].get(line) for line in numbits_to_nums(numbers)}
                found.setdefault(test, set()).update(place for place in places if place)
            self._lines[path] = found
        return self._lines[path]


def _moves(before: str, after: str) -> dict[int, int]:
    """Return where the lines of one text are in another, counted from 1.

    A changed block counts as executed where the block before it was.
    """
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return {line: line for line in range(1, len(old) + 1)}
    places = {}
    for tag, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for line in range(first, last):
            same = start + line - first
            if tag == "equal" or (tag == "replace" and same < end):
                places[line + 1] = same + 1
    return places
