"""Assigns tests to the plan's suites, and combines all test reports for a commit into one result per
suite.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from compliance.models import PlanVersion, Repository, SuiteResult, TestCase, TestRun

NAMED = 20
"""Maximum number of test names that are stored for each result and outcome."""

KEPT = 100
"""Number of reports per repository whose individual tests are kept, so that suites defined by a later plan
have results.
"""


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
    """Yield the class name and the file that it implies: `tests.unit.test_a.TestB` is in
    tests/unit/test_a.py.
    """
    if file:
        yield file
    if class_name:
        yield class_name
        parts = class_name.split(".")
        modules = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts))
        if modules:
            yield "/".join(parts[:modules]) + ".py"


def count(repository: Repository, shas: Iterable[str], patterns: Mapping[str, str]) -> None:
    """Compute and store the results of these suites (name -> pattern) from the reports kept for these
    commits.
    """
    for sha in shas:
        outcomes = _outcomes(repository, sha)
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
    TestCase.objects.filter(run__in=list(runs.values_list("pk", flat=True)[KEPT : KEPT + 100])).delete()


Outcomes = dict[tuple[str, str, str], str]


def _outcomes(repository: Repository, sha: str) -> Outcomes:
    """Return the outcome of each test at a commit. If several reports contain a test, the newest one
    counts.
    """
    rows = TestCase.objects.filter(run__repository=repository, run__sha=sha)
    told = rows.order_by("run__received_at", "run_id", "pk").values_list(
        "file", "class_name", "name", "outcome"
    )
    return {(file, class_name, name): outcome for file, class_name, name, outcome in told.iterator()}


def _result(outcomes: Outcomes, pattern: str) -> dict[str, object]:
    """Return the columns of a SuiteResult, or nothing if no test belongs to the suite."""
    places = {key[:2] for key in outcomes}
    taken = {place for place in places if takes(pattern, *place)}
    mine = {key: outcome for key, outcome in outcomes.items() if key[:2] in taken}
    if not mine:
        return {}
    counts = Counter(mine.values())
    return {
        "passed": counts["passed"],
        "failed": counts["failed"],
        "errors": counts["error"],
        "skipped": counts["skipped"],
        "passing": _first(mine, "passed"),
        "failing": _first(mine, "failed", "error"),
    }


def _first(outcomes: Outcomes, *wanted: str) -> list[str]:
    found = sorted(key for key, outcome in outcomes.items() if outcome in wanted)
    return [
        f"{class_name or file}: {name}" if class_name or file else name
        for file, class_name, name in found[:NAMED]
    ]
