"""Evaluates the criteria of a phase against the facts at one commit.

Evidence counts from its commit onwards. It becomes stale once a newer commit has changed the phase's
violations. Stale evidence can't close a phase, but it doesn't reopen one either. A test that ended with an
error proves nothing: if its suite must pass, the suite fails, and if its suite must fail, the test doesn't
count as a failure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from compliance.evidence.quantities import amount, quantity
from compliance.evidence.suites import digest_of
from compliance.lib.figures import percent
from compliance.lib.wording import count_of, with_article
from compliance.models import Approval, Commit, Measurement, Phase, SuiteResult

Criterion = Mapping[str, Any]
SCAN = "the scan"
HOLDS, FAILS, NO_PROOF, STALE = "holds", "fails", "no proof yet", "stale"
IMPLIED: tuple[Criterion, ...] = ({"kind": "violations", "max": 0},)
"""The criteria of a phase for which the plan defines none."""


@dataclass
class Facts:
    """The facts at one commit: its figures, and the newest evidence of each kind by the position of its
    commit.

    `left` maps phases to numbers of remaining violations, `waived` says how many of these are waived, and
    `clean_with_waivers` is the number of files that would be clean without those. `patterns` maps suites to
    patterns. `suites` maps the digests of patterns to results, and `approvals` contains the active approvals
    by phase and lower-case role.
    """

    head: Commit
    clean: int
    clean_with_waivers: int
    files: int
    left: Mapping[str, int]
    waived: Mapping[str, int]
    patterns: Mapping[str, str]
    suites: dict[str, SuiteResult] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)
    approvals: dict[tuple[int, str], Approval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A criterion with its state, an explanation and, if there is evidence, the commit, time and author of
    the evidence.

    `incomplete` is true if the newest report contains too few tests: then there is no new verdict, so a
    closed phase stays closed. `names` are the tests that prevent the criterion from holding. `key` is the
    name under which CI sends the measurement.
    """

    kind: str
    requirement: str
    state: str
    explanation: str
    commit: Commit | None = None
    at: datetime | None = None
    by: str = ""
    names: tuple[str, ...] = ()
    key: str = ""
    incomplete: bool = False


def criteria_of(phase: Phase) -> tuple[Criterion, ...]:
    """Return the criteria that must all hold before the phase can close."""
    return tuple(phase.criteria) or IMPLIED


def evaluate(phase: Phase, facts: Facts) -> Iterator[CriterionResult]:
    """Yield the result of each criterion of a phase in plan order, without querying the database."""
    return (_EVALUATORS[criterion["kind"]](criterion, phase, facts) for criterion in criteria_of(phase))


def _violations(criterion: Criterion, phase: Phase, facts: Facts) -> CriterionResult:
    most, left, waived = int(criterion["max"]), facts.left.get(phase.key, 0), facts.waived.get(phase.key, 0)
    requirement = "No violations left" if most == 0 else f"At most {most:,} violations left"
    counted = left
    if criterion.get("accept_waivers"):
        counted, requirement = left - waived, f"{requirement}, except waived ones"
    explanation = f"{left:,} left" + (f", {waived:,} of them waived" if waived else "")
    state = HOLDS if counted <= most else FAILS
    return CriterionResult(
        "violations", requirement, state, explanation, facts.head, facts.head.dated_at, SCAN
    )


def _compliance(criterion: Criterion, _phase: Phase, facts: Facts) -> CriterionResult:
    wanted, accepts = float(criterion["min"]), bool(criterion.get("accept_waivers"))
    clean = facts.clean_with_waivers if accepts else facts.clean
    value = percent(clean, facts.files)
    requirement = f"Compliance of {wanted:g}% or more{' with waivers' if accepts else ''}"
    if value is None:
        return CriterionResult("compliance", requirement, NO_PROOF, "the counted categories contain no files")
    explanation = f"{value:.1f}%, {clean:,} of {facts.files:,} files"
    state = HOLDS if value >= wanted else FAILS
    return CriterionResult(
        "compliance", requirement, state, explanation, facts.head, facts.head.dated_at, SCAN
    )


def _tests(criterion: Criterion, phase: Phase, facts: Facts) -> CriterionResult:
    suite, least = str(criterion["suite"]), int(criterion.get("at_least") or 1)
    inverted = criterion.get("expect") == "fail"
    requirement = f"{suite}: at least {count_of(least, 'test')}, all {'fail' if inverted else 'pass'}"
    pattern = facts.patterns.get(suite)
    result = facts.suites.get(digest_of(pattern)) if pattern else None
    if result is None:
        return CriterionResult("tests", requirement, NO_PROOF, "no report contains a test in this suite")
    state, explanation, names = (_failing if inverted else _passing)(result, least)
    outcome = CriterionResult(
        "tests",
        requirement,
        state,
        explanation,
        result.commit,
        result.received_at,
        result.source,
        tuple(names),
    )
    short = state == NO_PROOF and not result.errors and bool(_short_of(result, _wanted(inverted), least))
    return _with_staleness(replace(outcome, incomplete=short), phase, facts)


def _wanted(inverted: bool) -> str:
    return "failed" if inverted else "passed"


def _passing(result: SuiteResult, least: int) -> tuple[str, str, list[str]]:
    wrong = result.failed + result.errors
    if wrong:
        return FAILS, f"{wrong:,} of {_all(result)} did not pass", result.failing
    if short := _short_of(result, "passed", least):
        return NO_PROOF, short, []
    return HOLDS, f"{result.passed:,} passed{_environments(result)}{_skipped(result)}", []


def _failing(result: SuiteResult, least: int) -> tuple[str, str, list[str]]:
    passed = result.passed + sum(cell["mixed"] for cell in result.cells)
    if passed:
        return FAILS, f"{passed:,} of {_all(result)} passed, but all must fail", result.passing
    if result.errors:
        words = f"{result.errors:,} of {_all(result)} ended with an error, which proves nothing"
        return NO_PROOF, words, result.failing
    if short := _short_of(result, "failed", least):
        return NO_PROOF, short, []
    return HOLDS, f"all {result.failed:,} failed, as they must{_environments(result)}{_skipped(result)}", []


def _short_of(result: SuiteResult, column: str, least: int) -> str:
    """Return a clause that names the environment with too few tests of the required outcome, or an empty
    string if there is none.
    """
    cells = result.cells or [{"environment": "", column: getattr(result, column)}]
    worst = min(cells, key=lambda cell: cell[column])
    if worst[column] >= least:
        return ""
    where = f" in {worst['environment']}" if worst["environment"] else ""
    return f"only {worst[column]:,} of at least {least:,} tests ran{where}{_skipped(result)}"


def _environments(result: SuiteResult) -> str:
    return f" in {len(result.cells)} environments" if len(result.cells) > 1 else ""


def _all(result: SuiteResult) -> str:
    return f"{result.passed + result.failed + result.errors:,}"


def _skipped(result: SuiteResult) -> str:
    return f", {result.skipped:,} skipped" if result.skipped else ""


def _measurement(criterion: Criterion, phase: Phase, facts: Facts) -> CriterionResult:
    key, least, most = str(criterion["name"]), criterion.get("min"), criterion.get("max")
    found = facts.measurements.get(key)
    name, unit = quantity(key, found.unit if found else "")
    bounds = [f"at least {amount(least, unit)}"] if least is not None else []
    bounds += [f"at most {amount(most, unit)}"] if most is not None else []
    requirement = f"{name}: {' and '.join(bounds)}"
    if found is None:
        return CriterionResult("measurement", requirement, NO_PROOF, "not measured yet", key=key)
    inside = (least is None or found.value >= least) and (most is None or found.value <= most)
    by = found.token.name if found.token else ""
    state, explanation = HOLDS if inside else FAILS, amount(found.value, unit)
    outcome = CriterionResult(
        "measurement", requirement, state, explanation, found.commit, found.received_at, by, key=key
    )
    return _with_staleness(outcome, phase, facts)


def _approval(criterion: Criterion, phase: Phase, facts: Facts) -> CriterionResult:
    role = str(criterion["role"])
    requirement = f"Approved by {with_article(role)}"
    found = facts.approvals.get((phase.pk, role.lower()))
    if found is None:
        return CriterionResult("approval", requirement, NO_PROOF, "not approved yet")
    person = str(found.person) if found.person else "a former user"
    outcome = CriterionResult(
        "approval", requirement, HOLDS, found.comment, found.commit, found.created_at, person
    )
    return _with_staleness(outcome, phase, facts)


def _with_staleness(outcome: CriterionResult, phase: Phase, facts: Facts) -> CriterionResult:
    """Return the result, marked as stale if it holds but a newer commit has changed the phase's
    violations.
    """
    position = outcome.commit.position if outcome.commit else None
    if outcome.state != HOLDS or position is None or position >= min(phase.touched, facts.head.position or 0):
        return outcome
    return replace(outcome, state=STALE)


_EVALUATORS: Mapping[str, Callable[[Criterion, Phase, Facts], CriterionResult]] = {
    "violations": _violations,
    "compliance": _compliance,
    "tests": _tests,
    "measurement": _measurement,
    "approval": _approval,
}
