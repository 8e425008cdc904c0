"""What runners write when something could not be run: no proof, until it is run again."""

import pytest

from compliance.evidence.junit import read
from compliance.models import SuiteResult
from tests.evidence.conftest import hand_in, migrate, mission, phase, state
from tests.views.cast import World

CASE = "<testcase classname='tests.mission.test_chat' name='test_{}'/>"
CASES = "".join(CASE.format(number) for number in range(3))


def suites(inside: str, counts: str = "", above: str = "") -> bytes:
    """A report of three tests that passed, and of something else."""
    return (
        f"<testsuites {above}><testsuite name='s' {counts}>{CASES}{inside}</testsuite></testsuites>".encode()
    )


@pytest.fixture
def migrated(netra: World) -> World:
    netra.head = migrate(netra)
    return netra


UNRUN = {
    "Jest, a file that fails": suites("", "tests='3' failures='0' errors='1'"),
    "counts of the whole report": suites("", above="tests='4' failures='1'"),
    "two counted, one shown": suites(
        "<testcase classname='tests.unit.a' name='x'><failure/></testcase>", "failures='2'"
    ),
    "gotestsum, a package that is not compiled": suites(
        "<testcase classname='' name='TestMain'><failure message='Failed'>[build failed]</failure></testcase>"
    ),
    "without any name": suites("<testcase><failure/></testcase>"),
    "pytest with xdist, a module": suites(
        "<testcase classname='' name='tests.mission.test_b'><error message='collection failure'/></testcase>"
    ),
    "nose2, a module": suites(
        "<testcase classname='nose2.loader.LoadTestsFailure' name='test_b'><error/></testcase>"
    ),
    "a crash beside the suites": b"<testsuites><error message='crash'/>"
    + suites("").removeprefix(b"<testsuites >"),
}


@pytest.mark.parametrize("kind", UNRUN)
def test_what_could_not_be_run_is_no_proof(migrated: World, kind: str) -> None:
    hand_in(migrated, UNRUN[kind])
    assert state(migrated) == "fails"
    assert phase("golden-path").closed_at is None
    assert SuiteResult.objects.get(suite="mission").errors == 1
    hand_in(migrated, mission())
    assert state(migrated) == "holds"


FILED = "<testcase file='tests/mission/test_chat.py' classname='{}test_chat.T' name='test_{}'/>"


@pytest.mark.parametrize(
    ("prefix", "broken", "expected"),
    [
        ("mission.", "mission.test_other", "fails"),  # unittest discover -s tests
        ("tests.mission.", "tests.mission.test_other", "fails"),
        ("mission.", "unit.test_other", "holds"),
        ("mission.", "setUpClass (mission.test_other.T)", "fails"),
    ],
)
def test_modules_are_named_from_the_folder_where_the_runner_looked(
    migrated: World, prefix: str, broken: str, expected: str
) -> None:
    cases = "".join(FILED.format(prefix, number) for number in range(3))
    error = f"<testcase classname='unittest.loader._FailedTest' name='{broken}'><error/></testcase>"
    hand_in(migrated, f"<testsuite>{cases}{error}</testsuite>".encode())
    assert state(migrated) == expected
    hand_in(migrated, f"<testsuite>{cases}</testsuite>".encode())
    assert state(migrated) == "holds"


ONCE = {
    "unittest, a subtest": (
        "<testcase classname='tests.mission.test_chat' name='test_0 (user=1)'><failure/></testcase>"
    ),
    "unittest, a named subtest": (
        "<testcase classname='tests.mission.test_chat' name='test_0 [odd] (user=1)'><error/></testcase>"
    ),
    "pytest with files, a module": (
        "<testcase file='tests/mission/test_chat.py' name='tests.mission.test_chat'><error/></testcase>"
    ),
    "Surefire, a class": "<testcase classname='tests.mission.test_chat' name=''><error/></testcase>",
    "Gradle, a class": (
        "<testcase classname='tests.mission.test_chat' name='initializationError'><failure/></testcase>"
    ),
}


@pytest.mark.parametrize("kind", ONCE)
def test_what_is_reported_only_if_it_fails_is_replaced_by_the_next_run(migrated: World, kind: str) -> None:
    hand_in(migrated, suites(ONCE[kind]))
    assert state(migrated) == "fails"
    other = mission().replace(b"test_chat", b"test_other")
    hand_in(migrated, other)
    assert state(migrated) == "fails", "another module says nothing about it"
    hand_in(migrated, mission())
    assert state(migrated) == "holds"


def test_a_test_of_another_part_of_the_class_stays_failed(migrated: World) -> None:
    hand_in(migrated, mission(2, test_2="failure"))
    hand_in(migrated, mission(2))
    assert state(migrated) == "fails", "a shard does not speak for what it did not run"


@pytest.mark.parametrize(
    ("counts", "inside", "errors"),
    [
        ("tests='4' failures='1'", "<testcase name='x' classname='c'><failure/></testcase>", 0),
        ("failures='1' errors='1'", "<testcase name='x' classname='c'><failure/><error/></testcase>", 0),
        ("failures='2'", "<testcase name='x' classname='c'><failure/><failure/></testcase>", 0),
        ("failures='1'", "<testsuite failures='1'><testcase name='x'><failure/></testcase></testsuite>", 0),
        ("errors='1'", "<error/>", 1),
        ("errors='1'", "<testsuite errors='1'/>", 1),
        ("failures='many' errors=''", "", 0),
        ("failures='-1' errors='1.0'", "", 0),
        ("failures='" + "9" * 5000 + "'", "", 0),
    ],
)
def test_only_what_a_suite_counts_and_does_not_contain_is_missing(
    counts: str, inside: str, errors: int
) -> None:
    found = read([suites(inside, counts)])
    assert sum(case.class_name == "" and case.outcome == "error" for case in found) == errors


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("status='failed'", "failed"),
        ("status='FAIL'", "failed"),
        ("result='error'", "error"),
        ("status='run' result='completed'", "passed"),
        ("status='notrun' result='suppressed'", "skipped"),
        ("status='passed'", "passed"),
    ],
)
def test_an_outcome_may_stand_in_an_attribute(said: str, outcome: str) -> None:
    (case,) = read([f"<testsuite><testcase classname='c' name='n' {said}/></testsuite>".encode()])
    assert case.outcome == outcome


def test_markup_in_output_is_no_outcome() -> None:
    output = "<system-out><failure/></system-out><system-err><![CDATA[<error/>]]></system-err>"
    case = f"<testcase classname='c' name='n'>{output}</testcase>"
    body = f"<testsuite><system-err>x</system-err>{case}</testsuite>"
    assert [case.outcome for case in read([body.encode()])] == ["passed"]
