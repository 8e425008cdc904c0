"""Assigns tests to the plan's suites, and combines all test reports for a commit into one result per
suite.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from compliance.evidence.junit import Case
from compliance.evidence.outcomes import Outcome, module_of, outcomes_of
from compliance.lib.batches import batches
from compliance.models import PlanVersion, Repository, SuiteResult, TestCase, TestRun

NAMED = 20
"""Maximum number of test names that are stored for each result and outcome."""

KEPT = 100
"""Number of reports per repository whose individual tests are kept, so that suites defined by a later plan
have results.
"""

_COLUMNS = {"passed": "passed", "failed": "failed", "errors": "error", "skipped": "skipped"}
_IN_PACKAGE = ("__init__", "conftest", "test_module", "module_test", "tests")
"""Typical module names, used to check whether a suite's pattern could match a file in a package."""


def digest_of(pattern: str) -> str:
    """Return the SHA-256 of a suite's pattern. A result belongs to the pattern, regardless of the suite's
    name.
    """
    return hashlib.sha256(pattern.encode()).hexdigest()


def takes(pattern: str, file: str, class_name: str) -> bool:
    """Return true if a suite includes a test, judging by its file, its class or the file that the class name
    implies.
    """
    return any(_compiled(pattern).fullmatch(path) for path in _names(file, class_name))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _names(file: str, class_name: str) -> Iterator[str]:
    """Yield the class name and the file that it implies: tests/unit/test_a.py for
    `tests.unit.test_a.TestB`.
    """
    if file:
        yield file
    if class_name:
        yield class_name
        if modules := _module_parts(class_name):
            yield "/".join(modules) + ".py"


def _module_parts(dotted: str) -> list[str]:
    """Return the parts of a dotted name before the first class, which is recognised by its capital letter."""
    parts = dotted.split(".")
    return parts[: next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts))]


def takes_module(pattern: str, module: str) -> bool:
    """Return true if a suite could include tests in the module or package with this dotted name."""
    path = "/".join(_module_parts(module))
    inside = (f"{path}.py", *(f"{path}/{name}.py" for name in _IN_PACKAGE))
    return any(_compiled(pattern).fullmatch(name) for name in (module, *inside))


def count_cases(pattern: str, cases: Iterable[Case]) -> int:
    """Return the number of tests in one report that belong to a suite."""
    found = [Outcome("", *case.key, case.outcome, case.mixed) for case in cases]
    values = _result(found, pattern)
    return sum(values[column] for column in _COLUMNS) if values else 0


def count(repository: Repository, shas: Iterable[str], patterns: Mapping[str, str]) -> None:
    """Compute and store the results of these suites (name -> pattern) from the reports kept for these
    commits.
    """
    for sha in shas:
        outcomes = outcomes_of(repository, sha)
        runs = TestRun.objects.filter(repository=repository, sha=sha).select_related("token")
        newest = runs.latest("received_at", "pk")
        for suite, pattern in patterns.items():
            values = _result(outcomes, pattern)
            if values:
                SuiteResult.objects.update_or_create(
                    repository=repository,
                    sha=sha,
                    digest=digest_of(pattern),
                    defaults={
                        **values,
                        "suite": suite,
                        "source": newest.name or (newest.token.name if newest.token else ""),
                        "received_at": newest.received_at,
                        "commit_id": newest.commit_id,
                    },
                )


def recount(repository: Repository, version: PlanVersion) -> None:
    """Compute the results that are missing for this version's suites from the kept reports."""
    known = set(SuiteResult.objects.filter(repository=repository).values_list("digest", flat=True).distinct())
    missing = {name: p for name, p in version.suites.items() if digest_of(p) not in known}
    if missing:
        runs = TestRun.objects.filter(repository=repository, cases__isnull=False)
        count(repository, set(runs.values_list("sha", flat=True)), missing)


def forget_old(repository: Repository) -> None:
    """Delete the individual tests of all but the newest KEPT reports. Their results remain."""
    runs = TestRun.objects.filter(repository=repository).order_by("-received_at", "-pk")
    old = TestCase.objects.filter(run__in=list(runs.values_list("pk", flat=True)[KEPT : KEPT + 100]))
    for cases in batches(old.values_list("pk", flat=True)):
        TestCase.objects.filter(pk__in=cases).delete()


def _result(outcomes: Iterable[Outcome], pattern: str) -> dict[str, Any]:
    """Return the column values for a SuiteResult, or an empty dict if no test belongs to the suite."""
    told = [replace(one, outcome="error") if one.is_loose else one for one in outcomes]
    folders = _folders_of_modules(told)
    mine = [outcome for outcome in told if _includes(pattern, outcome, folders)]
    if not mine:
        return {}
    # An error without a location could belong to any suite that ran in the same environment, or to every
    # suite if none ran.
    own, placed = {o.environment for o in mine}, {o.environment for o in told if not o.is_loose}
    mine += [
        outcome
        for outcome in told
        if _is_anywhere(outcome) and (outcome.environment in own or outcome.environment not in placed)
    ]
    names = sorted({outcome.environment for outcome in mine})
    cells = [_cell(name, [outcome for outcome in mine if outcome.environment == name]) for name in names]
    return {
        **{column: sum(cell[column] for cell in cells) for column in _COLUMNS},
        "cells": cells,
        "passing": _first(mine, lambda outcome: outcome.outcome == "passed" or outcome.mixed),
        "failing": _first(mine, lambda outcome: outcome.outcome in ("failed", "error")),
    }


def _is_anywhere(outcome: Outcome) -> bool:
    return outcome.is_loose and not module_of(outcome.name)


def _includes(pattern: str, outcome: Outcome, folders: Iterable[str]) -> bool:
    if takes(pattern, outcome.file, outcome.class_name):
        return True
    module = module_of(outcome.name) if outcome.is_loose else ""
    return bool(module) and any(takes_module(pattern, folder + module) for folder in folders)


def _folders_of_modules(told: Iterable[Outcome]) -> set[str]:
    """Return the folders in which the runner looked for modules, as prefixes of dotted names.

    They follow from tests with both a file and a class: `tests/unit/test_a.py` and `unit.test_a.TestB` tell
    that names of modules are relative to `tests`. An empty prefix is always among them.
    """
    found = {""}
    for file, class_name in {(one.file, one.class_name) for one in told if one.file and one.class_name}:
        module = "/" + "/".join(_module_parts(class_name)) + ".py"
        if file.endswith(module):
            found.add(file.removesuffix(module).replace("/", ".") + ".")
    return found


def _cell(environment: str, found: list[Outcome]) -> dict[str, Any]:
    counts = Counter(outcome.outcome for outcome in found)
    return {
        "environment": environment,
        **{column: counts[outcome] for column, outcome in _COLUMNS.items()},
        "mixed": sum(outcome.mixed for outcome in found),
    }


def _first(outcomes: list[Outcome], wanted: Callable[[Outcome], bool]) -> list[str]:
    found = (outcome for outcome in outcomes if wanted(outcome))
    ordered = sorted(found, key=lambda o: (o.file, o.class_name, o.name, o.environment))
    return [outcome.label for outcome in ordered[:NAMED]]
