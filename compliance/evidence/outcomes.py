"""Combines the test reports for one commit into the outcome of each test in each environment.

For each test, the newest run counts. An error that a test runner reports without a test (if a module cannot
be imported, or the runner crashes) can't be replaced by the result of a test in a later report. It counts
until a newer report for the same environment contains tests from that module, or a test that was also in the
report with the error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from compliance.models import Repository, TestCase

Key = tuple[str, str, str]
"""The file, class name and name of a test."""

_MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_IN_PARENTHESES = re.compile(r"\(([\w.]+)\)\s*$")
_SUBTEST = re.compile(r"(\w+) [\[(].*", re.DOTALL)
"""unittest's name of a subtest: `test_one (user='ann')`, or `test_one [message] (user='ann')`."""

_OF_A_CLASS = ("(unnamed)", "initializationError", "executionError", "classMethod")
"""Names under which Surefire and Gradle report that a class could not be set up."""

_RUNNERS = ("unittest.", "nose.", "nose2.", "pytest", "_pytest.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one test in one environment. `mixed` is true if it both passed and did not pass in the
    same run.
    """

    environment: str
    file: str
    class_name: str
    name: str
    outcome: str
    mixed: bool

    @property
    def is_loose(self) -> bool:
        """Return true for an error that the report assigns to neither a file nor a test class.

        A failure without both also counts: so gotestsum reports a package that can't be compiled.
        """
        if self.outcome == "failed":
            return not self.file and not self.class_name
        return self.outcome == "error" and is_unplaced(self.file, self.class_name)

    @property
    def label(self) -> str:
        """Return the test's name for display, including the environment."""
        place = self.class_name or self.file
        name = f"{place}: {self.name}" if place else self.name
        return f"{name} [{self.environment}]" if self.environment else name


def is_unplaced(file: str, class_name: str) -> bool:
    """Return true if neither the file nor the class tells where a test is defined: each is empty or belongs
    to the test runner.
    """
    if file:
        return False
    return not _MODULE.fullmatch(class_name) or class_name.startswith(_RUNNERS)


def module_of(name: str) -> str:
    """Return the dotted name of the module in the name of an unplaced error, or an empty string if there is
    none.

    pytest gives the name of the module that it cannot collect. unittest also gives names such as `setUpClass
    (tests.test_a.TestB)`. A name without a dot is ambiguous, because unittest's names are relative to the
    folder in which it looked for tests.
    """
    found = _IN_PARENTHESES.search(name)
    module = found[1] if found else name
    return module if _MODULE.fullmatch(module) and "." in module else ""


def outcomes_of(repository: Repository, sha: str) -> list[Outcome]:
    """Return the outcomes of all tests at a commit, for each environment."""
    columns = ("run_id", "run__environment", "file", "class_name", "name", "outcome", "mixed")
    rows = TestCase.objects.filter(run__repository=repository, run__sha=sha)
    told = rows.order_by("run__received_at", "run_id", "pk").values_list(*columns)
    cells: dict[str, _Cell] = {}
    for (_, environment), run in groupby(told.iterator(chunk_size=5000), key=lambda row: row[:2]):
        cell = cells.setdefault(environment, _Cell())
        cell.add({row[2:5]: Outcome(environment, *row[2:]) for row in run})
    return [outcome for cell in cells.values() for outcome in cell.outcomes()]


@dataclass(slots=True)
class _Cell:
    """The results for one environment: the newest outcome of each test, and each loose error with the tests
    in its report.
    """

    tests: dict[Key, Outcome] = field(default_factory=dict)
    loose: dict[Key, tuple[Outcome, frozenset[Key]]] = field(default_factory=dict)

    def add(self, run: dict[Key, Outcome]) -> None:
        """Add a newer run, which replaces the results that it repeats."""
        tests = {key: outcome for key, outcome in run.items() if not outcome.is_loose}
        modules = {_module(outcome) for outcome in tests.values()}
        beside = frozenset(tests)
        self.loose = {
            key: kept for key, kept in self.loose.items() if not _is_repeated(*kept, beside, modules)
        }
        self.loose |= {key: (outcome, beside) for key, outcome in run.items() if outcome.is_loose}
        replaced = [key for key, kept in self.tests.items() if _is_rerun(kept, tests, modules)]
        for key in replaced:
            del self.tests[key]
        self.tests |= tests

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcomes that currently count."""
        yield from self.tests.values()
        yield from (error for error, _ in self.loose.values())


def _is_rerun(kept: Outcome, tests: dict[Key, Outcome], modules: set[str]) -> bool:
    """Return true if a newer run replaces a result that runners report only if something is wrong: that of a
    subtest, or of a class or module as a whole.
    """
    if kept.outcome == "passed":
        return False
    if kept.name in _OF_A_CLASS:
        return _module(kept) in modules
    if not kept.class_name and kept.name == _module(kept):  # pytest's error of a module, with its file
        return _contains(kept.name, modules)
    found = _SUBTEST.fullmatch(kept.name)
    return found is not None and (kept.file, kept.class_name, found[1]) in tests


def _is_repeated(error: Outcome, beside: frozenset[Key], tests: frozenset[Key], modules: set[str]) -> bool:
    """Return true if a newer run with these tests replaces an error."""
    module = module_of(error.name)
    if not beside and not module:
        return True
    return (bool(module) and _contains(module, modules)) or not beside.isdisjoint(tests)


def _contains(module: str, names: set[str]) -> bool:
    """Return true if tests ran in a module or package, or in a class inside it."""
    return any(name == module or name.startswith(f"{module}.") for name in names)


def _module(outcome: Outcome) -> str:
    return outcome.class_name or outcome.file.removesuffix(".py").replace("/", ".")
