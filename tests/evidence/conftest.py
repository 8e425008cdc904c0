"""A small world whose two phases have criteria, and reports for it."""

from collections.abc import Mapping
from typing import Any

import pytest

from compliance.evidence import CriterionResult, criterion_results, on_commit_recorded, receive_report
from compliance.models import Commit, Marker, Phase, Snapshot
from scanner import path_pattern
from tests.views.cast import World, world

SUITES = {
    "mission": path_pattern(("tests/mission/**",)),
    "proofs": path_pattern(("tests/unit/test_proofs.py",)),
}
GOLDEN: list[dict[str, Any]] = [
    {"kind": "violations", "max": 0},
    {"kind": "tests", "suite": "mission", "expect": "pass", "at_least": 3},
]
CLEANUP: list[dict[str, Any]] = [
    {"kind": "compliance", "min": 90.0},
    {"kind": "tests", "suite": "proofs", "expect": "fail", "at_least": 8},
    {"kind": "measurement", "name": "added_ms", "max": 100},
    {"kind": "approval", "role": "manager"},
]


def furnish(made: World) -> World:
    """Give a world's phases criteria and its plan suites."""
    made.plan.suites = SUITES
    made.plan.save()
    made.repository.plan = made.plan
    for key, criteria in (("golden-path", GOLDEN), ("cleanup", CLEANUP)):
        Phase.objects.filter(issue__repository=made.repository, key=key).update(criteria=criteria)
    return made


@pytest.fixture
def netra(db: None) -> World:
    return furnish(world())


def report(tests: Mapping[str, str], class_name: str = "tests.mission.test_chat") -> bytes:
    """JUnit XML as pytest writes it: name of the test -> passed, failure, error or skipped."""
    ends = {"passed": ""}
    cases = "".join(
        f'<testcase classname="{class_name}" name="{name}">{ends.get(how, f"<{how}/>")}</testcase>'
        for name, how in tests.items()
    )
    return f"<testsuites><testsuite>{cases}</testsuite></testsuites>".encode()


def mission(count: int = 3, **others: str) -> bytes:
    """So many tests of the mission suite that passed, and some by name."""
    return report({**{f"test_{n}": "passed" for n in range(count)}, **others})


def proofs(count: int = 8, **others: str) -> bytes:
    """So many proofs that failed, as they must."""
    told = {**{f"test_{n}": "failure" for n in range(count)}, **others}
    return report(told, "tests.unit.test_proofs")


def hand_in(netra: World, body: bytes, sha: str = "") -> None:
    """A report for the newest commit, or for another."""
    receive_report(netra.repository, sha or netra.head.sha, body)


def phase(key: str) -> Phase:
    """The phase as it is now."""
    return Phase.objects.select_related("issue", "closed_by").get(key=key, in_plan=True)


def migrate(netra: World) -> Commit:
    """A commit that puts everything right, recorded as the scans record it."""
    commit = netra.commit("Migrate the rest", fix=len(netra.standing))
    on_commit_recorded(netra.repository, commit=commit)
    return commit


def state(netra: World) -> str:
    """What the tests say of the first phase: holds, fails or no proof yet."""
    row = phase("golden-path")
    snapshot = Snapshot.objects.get(commit=netra.repository.head)
    found = criterion_results(netra.repository, [row], snapshot)[row.pk]
    return next(result.state for result in found if result.kind == "tests")


def judged(netra: World, key: str) -> dict[str, CriterionResult]:
    """Kind of criterion -> verdict at the newest commit."""
    row = phase(key)
    snapshot = Snapshot.objects.get(commit=netra.repository.head)
    return {verdict.kind: verdict for verdict in criterion_results(netra.repository, [row], snapshot)[row.pk]}


def marks() -> list[tuple[str, str]]:
    return [(marker.kind, marker.phase.key if marker.phase else "") for marker in Marker.objects.all()]
