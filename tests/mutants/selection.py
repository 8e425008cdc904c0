"""Chooses the tests of a mutant: those that execute its line, the nearest and quickest first."""

import ast
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from tests.mutants.line_map import LineMap
from tests.mutants.mutant import Mutant

BUDGET = 30.0  # seconds of recorded time; a mutant that takes much longer than its tests did has hung
GENERIC_WORDS = {"tests", "test", "compliance", "scanner", "py", "init", "static", "js"}
# Chromium's own coverage is lost when a page is left, so the browser tests of a script are named here.
BROWSER_TESTS = {
    "static/js/chart": ("tests/browser/test_trend.py", "tests/browser/test_overview.py"),
    "static/js/charts.js": ("tests/browser/test_trend.py", "tests/browser/test_overview.py"),
    "static/js/source-navigation.js": ("tests/browser/test_file_page.py",),
    "static/js/cycle.js": ("tests/browser/test_overview.py", "tests/browser/test_every_page.py"),
    "static/js": ("tests/browser/test_managing.py", "tests/browser/test_lists.py"),
}
# Nothing executes the declaration of a column or constraint again, so its test is named, too.
MODEL_TEST = "tests/models/test_migrations.py::test_the_migrations_make_the_models"


class Selection:
    """The tests of each mutant, out of the recorded lines."""

    def __init__(self, root: Path, lines: LineMap, existing: Collection[str]) -> None:
        """`existing` has the tests as they are now; others were recorded before they were renamed."""
        self._root = root
        self._lines = lines
        self._existing = frozenset(existing)

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Return the tests to run, in order: at least one, and no more than take BUDGET together."""
        if mutant.path.endswith(".js"):
            return next(list(tests) for path, tests in BROWSER_TESTS.items() if mutant.path.startswith(path))
        found = self._executing(mutant)
        is_model = mutant.path.startswith("compliance/models/") and MODEL_TEST in self._existing
        chosen = [MODEL_TEST] if is_model else []
        total = 0.0
        for test in sorted(
            found, key=lambda each: (-_nearness(each, mutant.path), self._lines.seconds[each], each)
        ):
            seconds = self._lines.seconds[test]
            if test in chosen:
                continue
            if not chosen or total + seconds <= BUDGET:
                chosen.append(test)
                total += seconds
        return chosen

    def _executing(self, mutant: Mutant) -> set[str]:
        """Return the tests of the changed lines, else of the function, the uses of its name or the module."""
        source = (self._root / mutant.path).read_bytes()
        last = mutant.line + source[mutant.start : mutant.end].count(b"\n")
        for group in self._lines_of_interest(mutant, last, source.decode()):
            found = set().union(*(self._lines.tests_of(path, lines) for path, lines in group))
            if found := found & self._existing:
                return found
        return set()

    def _lines_of_interest(
        self, mutant: Mutant, last: int, text: str
    ) -> Iterable[list[tuple[str, Iterable[int]]]]:
        function, name = _surroundings(ast.parse(text), mutant.line)
        if function is not None:
            yield [(mutant.path, range(max(mutant.line, function.start), last + 1))]
            yield [(mutant.path, function)]
        if name:
            yield self._uses(mutant.path, name, mutant.line)
        yield [(mutant.path, range(1, text.count("\n") + 2))]

    def _uses(self, path: str, name: str, defined: int) -> list[tuple[str, Iterable[int]]]:
        """Return the lines that mention what a statement outside of functions defines on line `defined`."""
        module, word = Path(path), re.compile(rf"(?<!def )(?<!class )\b{re.escape(name)}\b")
        stem = module.parent.name if module.stem == "__init__" else module.stem
        found: list[tuple[str, Iterable[int]]] = []
        for file in (self._root / module.parts[0]).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if name in text and (stem in text or file == self._root / path):
                here = file.relative_to(self._root).as_posix()
                lines = [number for number, line in enumerate(text.splitlines(), 1) if word.search(line)]
                found.append((here, [number for number in lines if (here, number) != (path, defined)]))
        return found


def _surroundings(tree: ast.Module, line: int) -> tuple[range | None, str]:
    """Return the lines of the innermost function's body, and the name that it or the statement defines."""
    function, name = None, ""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or not node.lineno <= line <= (node.end_lineno or 0):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0].lineno
            function = range(first, (node.end_lineno or first) + 1)
            name = node.name
        elif isinstance(node, ast.ClassDef):
            name = node.name
        elif function is None and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif function is None and isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
    return function, name


def _nearness(test: str, path: str) -> int:
    """Return how many words the address of a test shares with that of a file."""
    words = set(re.split(r"[/_.]", test.partition("::")[0])) - GENERIC_WORDS
    return len(words & set(re.split(r"[/_.]", path)))
