"""Several reports of one commit: the newest run decides, each environment must hold, errors prove nothing."""

import io
import zipfile

import pytest

from compliance.evidence import criterion_results, receive_report
from compliance.evidence.junit import read
from compliance.evidence.outcomes import module_of
from compliance.models import Phase, Snapshot, SuiteResult, TestRun
from tests.evidence.conftest import hand_in, migrate, mission, phase, report, state
from tests.views.cast import World

pytestmark = pytest.mark.slow

PASS, FAIL = mission(), mission(2, test_2="failure")
PART = report({"test_x": "passed"}, "tests.mission.test_other")


def send(netra: World, body: bytes, **values: str) -> bool:
    return receive_report(netra.repository, netra.head.sha, body, **values).new  # type: ignore[arg-type]


@pytest.fixture
def migrated(netra: World) -> World:
    """All violations are fixed; the phase only requires its tests."""
    netra.head = migrate(netra)
    return netra


@pytest.mark.parametrize(
    ("bodies", "holds"),
    [
        ((FAIL, PASS), True),
        ((FAIL, PASS, FAIL), False),
        ((PASS, FAIL, PASS), True),
        ((FAIL, PASS, FAIL, PASS), True),
        ((PASS, FAIL, FAIL), False),
        ((FAIL, PART, PASS, PART, FAIL), False),
    ],
)
def test_the_newest_run_decides_also_with_a_known_result(
    migrated: World, bodies: tuple[bytes, ...], holds: bool
) -> None:
    for body in bodies:
        hand_in(migrated, body)

    assert state(migrated) == ("holds" if holds else "fails")
    assert (phase("golden-path").closed_at is not None) == holds


def test_one_run_that_sends_a_report_twice_is_one_run(migrated: World) -> None:
    sent = [
        send(migrated, FAIL, run="7"),
        send(migrated, PASS, run="8"),
        send(migrated, FAIL, run="7"),  # the network's second try
    ]
    assert (sent, state(migrated)) == ([True, True, False], "holds")
    assert send(migrated, FAIL, run="9")
    assert state(migrated) == "fails"
    assert not send(migrated, FAIL, run="9")
    assert TestRun.objects.count() == 3


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"3.11": FAIL, "3.12": PASS}, "fails"),
        ({"3.12": PASS, "3.11": FAIL}, "fails"),
        ({"3.11": PASS, "3.12": PASS}, "holds"),
        ({"3.11": mission(2), "3.12": PASS}, "no proof yet"),
        ({"3.11": PART, "3.12": PASS}, "no proof yet"),
        ({"3.11": mission(2, test_x="error"), "3.12": PASS}, "fails"),
        ({"": FAIL, "3.12": PASS}, "fails"),
    ],
)
def test_a_suite_holds_if_it_does_in_every_environment(
    migrated: World, cells: dict[str, bytes], expected: str
) -> None:
    for environment, body in cells.items():
        send(migrated, body, environment=environment)

    assert state(migrated) == expected
    assert {cell["environment"] for cell in SuiteResult.objects.get().cells} == set(cells)


def test_the_environments_are_named(migrated: World) -> None:
    send(migrated, FAIL, environment="3.11")
    send(migrated, PASS, environment="3.12")
    row = SuiteResult.objects.get()
    assert (row.passed, row.failed) == (5, 1)
    assert row.failing == ["tests.mission.test_chat: test_2 [3.11]"]
    send(migrated, PASS, environment="3.11")
    assert "6 passed in 2 environments" in [
        result.explanation
        for result in criterion_results(
            migrated.repository, [phase("golden-path")], Snapshot.objects.get(commit=migrated.head)
        )[phase("golden-path").pk]
    ]


@pytest.mark.parametrize("length", [99, 100, 101, 5000])
def test_environments_of_any_length_stay_apart(migrated: World, length: int) -> None:
    for cell, body in (("x" * length + "3.11", FAIL), ("x" * length + "3.12", PASS)):
        send(migrated, body, environment=cell, run="r" * 300)
    assert state(migrated) == "fails"
    assert len({cell["environment"] for cell in SuiteResult.objects.get().cells}) == 2
    assert not send(migrated, FAIL, environment="x" * length + "3.11", run="r" * 300)
    assert send(migrated, PASS, environment="x" * length + "3.11", run="r" * 301)
    assert state(migrated) == "holds"


def zipped(*bodies: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, body in enumerate(bodies):
            archive.writestr(f"{number}.xml", body)
    return out.getvalue()


def test_of_one_zip_the_worst_counts(migrated: World) -> None:
    for bodies in ((FAIL, PASS), (PASS, FAIL)):
        hand_in(migrated, zipped(*bodies))
        assert state(migrated) == "fails"
    hand_in(migrated, zipped(PASS, PASS))
    assert state(migrated) == "holds"
    assert SuiteResult.objects.get().passed == 3


@pytest.mark.parametrize(
    ("ends", "worst", "mixed"),
    [
        (("failure", ""), "failed", True),
        (("", "failure"), "failed", True),
        (("error", "", "failure"), "error", True),
        (("skipped", ""), "skipped", False),
        (("failure", "failure"), "failed", False),
        (("failure", "skipped"), "failed", False),
        (("", ""), "passed", False),
    ],
)
def test_of_equal_names_the_worst_counts(ends: tuple[str, ...], worst: str, mixed: bool) -> None:
    cases = "".join(
        f'<testcase classname="t" name="a">{f"<{end}/>" if end else ""}</testcase>' for end in ends
    )
    (case,) = read([f"<testsuite>{cases}</testsuite>".encode()])
    assert (case.outcome, case.mixed) == (worst, mixed)


def test_a_test_that_also_passed_does_not_count_as_failed_everywhere(netra: World) -> None:
    Phase.objects.filter(key="cleanup").update(
        criteria=[{"kind": "tests", "suite": "proofs", "expect": "fail", "at_least": 1}]
    )
    twice = "".join(
        f'<testcase classname="tests.unit.test_proofs" name="a">{end}</testcase>'
        for end in ("<failure/>", "")
    )
    hand_in(netra, f"<testsuite>{twice}</testsuite>".encode())
    row = phase("cleanup")
    snapshot = Snapshot.objects.get(commit=netra.repository.head)
    (found,) = criterion_results(netra.repository, [row], snapshot)[row.pk]
    assert (found.state, found.explanation) == ("fails", "1 of 1 passed, but all must fail")


def broken(class_name: str, name: str, beside: str = "") -> bytes:
    """A report of three tests that passed, and of an error of the test runner."""
    cases = "".join(f'<testcase classname="tests.mission.test_chat" name="test_{n}"/>' for n in range(3))
    error = f'<testcase classname="{class_name}" name="{name}"><error message="cannot import"/></testcase>'
    return f"<testsuites><testsuite name='all'>{cases}{error}{beside}</testsuite></testsuites>".encode()


ERRORS = {
    "pytest, a module": broken("", "tests.mission.test_other"),
    "pytest, a package": broken("", "tests.mission"),
    "pytest, its own": broken("pytest", "internal"),
    "unittest, a module": broken("unittest.loader._FailedTest", "tests.mission.test_other"),
    "unittest, discovered in the folder": broken("unittest.loader._FailedTest", "test_other"),
    "unittest, a class": broken(
        "unittest.suite._ErrorHolder", "setUpClass (tests.mission.test_other.TestIt)"
    ),
    "unittest, a module's set-up": broken(
        "unittest.suite._ErrorHolder", "setUpModule (tests.mission.test_other)"
    ),
    "nose": broken("nose.failure.Failure", "runTest"),
    "jest": broken("Chat fails", "Test suite failed to run"),
    "no name at all": broken("", ""),
    "outside of any test": broken("tests.unit.test_a", "x").replace(
        b"</testsuite>", b"<error message='crashed'/></testsuite>"
    ),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_that_could_belong_to_a_suite_is_no_proof(migrated: World, kind: str) -> None:
    hand_in(migrated, ERRORS[kind])

    assert state(migrated) == "fails"
    assert phase("golden-path").closed_at is None
    assert SuiteResult.objects.get(suite="mission").errors == 1
    hand_in(migrated, PASS)  # the same tests again, without the error
    assert state(migrated) == "holds"


@pytest.mark.parametrize(
    "body",
    [
        broken("", "tests.unit.test_a"),
        broken("unittest.loader._FailedTest", "tests.unit"),
        broken("tests.unit.test_a", "test_one"),
        broken("unittest.suite._ErrorHolder", "setUpClass (tests.unit.test_a.TestIt)"),
    ],
)
def test_an_error_elsewhere_is_not_the_suites(migrated: World, body: bytes) -> None:
    hand_in(migrated, body)

    assert state(migrated) == "holds"


def test_another_part_of_the_suite_does_not_hide_a_module_that_cannot_be_imported(migrated: World) -> None:
    hand_in(migrated, ERRORS["pytest, a module"])
    hand_in(migrated, report({"test_y": "passed"}, "tests.mission.test_third"))
    assert state(migrated) == "fails"
    hand_in(migrated, report({"test_y": "passed"}, "tests.mission.test_other.TestIt"))
    assert state(migrated) == "holds"


def test_a_crash_in_one_environment_is_no_proof(migrated: World) -> None:
    crash = b'<testsuite><testcase classname="pytest" name="internal"><error/></testcase></testsuite>'
    send(migrated, crash, environment="3.11")
    send(migrated, PASS, environment="3.12")
    assert state(migrated) == "fails"
    send(migrated, PASS, environment="3.11")
    assert state(migrated) == "holds"


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("tests.a", "tests.a"),
        ("setUpClass (a.b.C)", "a.b.C"),
        ("test_one", ""),
        ("a b.c", ""),
        ("tests/a.py", ""),
        ("a..b", ""),
    ],
)
def test_the_module_of_an_error(name: str, module: str) -> None:
    assert module_of(name) == module
