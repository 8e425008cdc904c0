"""A pytest plugin that records which test executes which lines, in whatever process it makes them run.

The tool loads it (`-p tests.mutants.recorder`) and names the folder in MUTANTS_MAP. Other Python processes of
a test record as well: they find `site/sitecustomize.py` on their PYTHONPATH.
"""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.mutants import measured
from tests.mutants.line_map import TABLES, digest_of


class Recorder:
    """Writes the lines of tests into the map as soon as the next one belongs to another module."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._raw = folder / "raw"
        self._raw.mkdir(parents=True, exist_ok=True)
        self._coverage = measured.start(root)
        self._map = sqlite3.connect(folder / "map.sqlite", timeout=60)
        self._map.executescript(TABLES)
        self._passed = True
        self._left: Counter[str] = Counter()
        self._begun: set[str] = set()
        self._unsaved: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests of each module. They don't follow each other: those without a database run last."""
        self._left = Counter(map(_module_of, session.items))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Name the test to the tracer while it runs."""
        self._coverage.switch_context(item.nodeid)
        began, self._passed = time.monotonic(), True
        try:
            return (yield)
        finally:
            seconds = time.monotonic() - began
            self._coverage.switch_context("")
            module = _module_of(item)
            row = (item.nodeid, module, seconds, self._passed)
            self._map.execute("INSERT OR REPLACE INTO tests VALUES (?, ?, ?, ?)", row)
            self._left[module] -= 1
            self._unsaved.add(item.nodeid)
            if nextitem is None or _module_of(nextitem) != module:
                self._save(module)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure: such a test cannot tell a mutant from the original."""
        self._passed = self._passed and report.outcome == "passed"

    def _save(self, module: str) -> None:
        """Write the lines of the tests that have run since the last call, all of which are this module's."""
        self._coverage.save()
        if module not in self._begun:
            self._begun.add(module)
            self._map.execute("DELETE FROM executed WHERE module = ?", (module,))
        for file in sorted(self._raw.iterdir()):
            for test, path, numbers in _lines_of(file, module):
                if test not in self._unsaved:
                    continue
                relative = os.path.relpath(path, self._root)
                values = (module, test, relative, digest_of(Path(path)), numbers)
                self._map.execute("INSERT INTO executed VALUES (?, ?, ?, ?, ?)", values)
                self._keep(relative)
            if f"pid{os.getpid()}." not in file.name:
                file.unlink(missing_ok=True)
        self._unsaved.clear()
        if not self._left[module]:
            row = (module, digest_of(self._root / module))
            self._map.execute("INSERT OR REPLACE INTO modules VALUES (?, ?)", row)
        self._map.commit()

    def _keep(self, path: str) -> None:
        """Keep the text that the numbers of the lines belong to."""
        file = self._root / path
        row = (path, digest_of(file), file.read_text(encoding="utf-8"))
        self._map.execute("INSERT OR IGNORE INTO sources VALUES (?, ?, ?)", row)


def _module_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _lines_of(file: Path, module: str) -> list[tuple[str, str, bytes]]:
    """Return what one process recorded of the tests of a module."""
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as data:
            return data.execute(
                "SELECT context.context, file.path, line_bits.numbits FROM line_bits "
                "JOIN context ON context.id = line_bits.context_id JOIN file ON file.id = line_bits.file_id "
                "WHERE substr(context.context, 1, ?) = ?",
                (len(module) + 2, f"{module}::"),
            ).fetchall()
    except sqlite3.DatabaseError:  # of a process that was killed while it saved, or that saves just now
        return []


def pytest_configure(config: pytest.Config) -> None:
    """Begin before the product is imported."""
    recorder = Recorder(config.rootpath, Path(os.environ["MUTANTS_MAP"]))
    config.pluginmanager.register(recorder, "mutants-recorder")
