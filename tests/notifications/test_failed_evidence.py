"""Evidence that doesn't meet a criterion is reported once until the criterion holds."""

from pathlib import Path

import pytest

from compliance import scans
from compliance.evidence import receive_measurement, receive_report
from compliance.models import Alert, Repository
from tests.evidence.conftest import report
from tests.notifications.news import at_once, emitted
from tests.scanner.history import write_history
from tests.scans.factories import PHASED, point
from tests.scans.upstream import HISTORY, again, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MEASURED = PHASED.replace(
    "suites:\n",
    """      - id: rest
        title: The rest
        criteria:
          - {kind: tests, suite: unit, expect: pass, at_least: 1}
          - {kind: measurement, name: races, max: 0}
suites:
""",
)
GOOD = report({"test_1": "passed"}, "tests.test_home")
BAD = report({"test_&lt;!channel&gt; *x*": "failure"}, "tests.test_home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"


@pytest.fixture
def repository(folder: Path) -> Repository:
    return tracked(folder, MEASURED)


def send(repository: Repository, body: bytes, sha: str = "") -> None:
    """A report of CI for the newest commit."""
    repository.refresh_from_db()
    assert repository.head is not None
    receive_report(repository, sha or repository.head.sha, body)
    run_jobs()


def requirements() -> list[str]:
    return [event.detail["requirement"] for event in emitted("evidence.failed")]


UNIT = "unit: at least 1 test, all pass"


def test_a_failed_report_is_reported_once_for_all_phases(repository: Repository, folder: Path) -> None:
    send(repository, BAD)
    send(repository, BAD)
    push(folder, "Next", app__d="print(2)\n")
    again(repository)
    send(repository, report({"test_2": "failure"}, "tests.test_home"))

    (event,) = emitted("evidence.failed")
    assert event.phases == ["all", "rest"]
    assert event.detail["requirement"] == UNIT
    assert event.detail["titles"] == ["Everything", "The rest"]
    assert event.detail["tests"] == ["tests.test_home: test_<!channel> *x*"]

    send(repository, report({"test_2": "passed"}, "tests.test_home"))
    push(folder, "Break it", app__d="print(3)\n")
    again(repository)
    send(repository, BAD)
    assert requirements() == [UNIT, UNIT]


def test_a_measurement_outside_the_limit_is_reported_once(repository: Repository) -> None:
    assert repository.head is not None
    for value in (3.0, 2.0, 0.0, 1.0):
        receive_measurement(repository, repository.head.sha, "races", value, "races")
        again(repository)
    assert [event.detail["explanation"] for event in emitted("evidence.failed")] == ["3 races", "1 races"]
    assert requirements() == ["Races: at most 0 races"] * 2


def test_a_report_that_waited_for_its_commit_is_reported(repository: Repository, folder: Path) -> None:
    sha = push(folder, "Later", app__d="print(2)\n")
    send(repository, BAD, sha)
    assert not requirements()
    again(repository)
    assert requirements() == [UNIT]


def test_reports_that_arrive_together_are_one_event(repository: Repository) -> None:
    assert repository.head is not None
    sha = repository.head.sha
    numbers = iter(range(10))
    at_once(
        lambda: receive_report(
            repository, sha, report({f"test_{next(numbers)}": "failure"}, "tests.test_home")
        )
    )
    assert requirements() == [UNIT]


def test_a_new_plan_makes_no_news_of_old_evidence(folder: Path) -> None:
    """The report failed while no phase asked for it, and neither the plan nor the next commit is news."""
    repository = tracked(folder, MEASURED.replace("expect: pass", "expect: fail"))
    send(repository, BAD)
    assert not requirements()
    scans.track(str(folder), slug="r", plan=MEASURED)
    run_jobs()
    push(folder, "Next", app__d="print(2)\n")
    again(repository)
    assert not requirements()
    assert Alert.objects.filter(topic="evidence.failed").count() == 1
    send(repository, GOOD)
    assert not Alert.objects.filter(topic="evidence.failed").exists()
    send(repository, BAD)
    assert requirements() == [UNIT]


def test_another_plan_does_not_repeat_a_failure(repository: Repository, folder: Path) -> None:
    send(repository, BAD)
    scans.track(str(folder), slug="r", plan=MEASURED.replace("call: high", "call: low"))
    run_jobs()
    again(repository)
    assert requirements() == [UNIT]


def test_a_force_push_does_not_repeat_a_failure(repository: Repository, folder: Path) -> None:
    before = git(folder, "rev-parse", "main")
    tip = push(folder, "Next", app__d="print(2)\n")
    again(repository)
    send(repository, BAD)
    point(folder, before)
    again(repository)
    point(folder, tip)
    again(repository)
    assert requirements() == [UNIT]
