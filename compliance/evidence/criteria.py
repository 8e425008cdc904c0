"""What a phase's criteria ask, and what the facts at one commit say to each: the verdicts.

Evidence counts from its commit on. It is stale once a newer commit has changed what the phase has to put
right: stale evidence closes no phase, but does not open one again either. A test that broke off (an error)
proves nothing: it fails a suite that must pass, and is no failure for one that must fail.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from compliance.evidence.quantities import amount, quantity
from compliance.evidence.suites import digest_of
from compliance.models import Approval, Commit, Measurement, Phase, SuiteResult
from compliance.progress.summary import percent

Criterion = Mapping[str, Any]
SCAN = "the scan"
HOLDS, FAILS, NO_PROOF, STALE = "holds", "fails", "no proof yet", "stale"
IMPLIED: tuple[Criterion, ...] = ({"kind": "violations", "max": 0},)
"""What a phase without criteria must fulfil."""


@dataclass
class Facts:
    """What is known at one commit of the line; of evidence the newest by its commit's place on the line.

    `left` maps phase to violations, `patterns` suite to pattern; `suites` has results by the digest of their
    pattern, `approvals` those in force by phase and role in lower case.
    """

    head: Commit
    clean: int
    files: int
    left: Mapping[str, int]
    patterns: Mapping[str, str]
    suites: dict[str, SuiteResult] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)
    approvals: dict[tuple[int, str], Approval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion: what it asks, how it stands and why; its evidence's commit, moment and giver, if any.

    `names` are the tests that stand in the way; `key` is by what name a measurement is sent.
    """

    kind: str
    asks: str
    state: str
    told: str
    commit: Commit | None = None
    at: datetime | None = None
    by: str = ""
    names: tuple[str, ...] = ()
    key: str = ""


def criteria_of(phase: Phase) -> tuple[Criterion, ...]:
    """What the phase must fulfil to be closed."""
    return tuple(phase.criteria) or IMPLIED


def judge(phase: Phase, facts: Facts) -> Iterator[Verdict]:
    """The verdict on each criterion of a phase, in the plan's order, one by one; no query."""
    return (_JUDGES[criterion["kind"]](criterion, phase, facts) for criterion in criteria_of(phase))


def _violations(criterion: Criterion, phase: Phase, facts: Facts) -> Verdict:
    most, left = int(criterion["max"]), facts.left.get(phase.key, 0)
    asks = "No violation left" if most == 0 else f"At most {most:,} violations left"
    state = HOLDS if left <= most else FAILS
    return Verdict("violations", asks, state, f"{left:,} left", facts.head, facts.head.committed_at, SCAN)


def _compliance(criterion: Criterion, _phase: Phase, facts: Facts) -> Verdict:
    wanted, value = float(criterion["min"]), percent(facts.clean, facts.files)
    asks = f"Compliance of {wanted:g}% or more"
    if value is None:
        return Verdict("compliance", asks, NO_PROOF, "no file counts")
    told = f"{value:.1f}%, {facts.clean:,} of {facts.files:,} files"
    state = HOLDS if value >= wanted else FAILS
    return Verdict("compliance", asks, state, told, facts.head, facts.head.committed_at, SCAN)


def _tests(criterion: Criterion, phase: Phase, facts: Facts) -> Verdict:
    suite, least = str(criterion["suite"]), int(criterion.get("at_least") or 1)
    inverted = criterion.get("expect") == "fail"
    asks = (
        f"{suite}: at least {least:,} test{'' if least == 1 else 's'}, all {'fail' if inverted else 'pass'}"
    )
    pattern = facts.patterns.get(suite)
    result = facts.suites.get(digest_of(pattern)) if pattern else None
    if result is None:
        return Verdict("tests", asks, NO_PROOF, "no report has a test of this suite")
    state, told, names = (_failing if inverted else _passing)(result, least)
    verdict = Verdict(
        "tests", asks, state, told, result.commit, result.received_at, result.source, tuple(names)
    )
    return _aged(verdict, phase, facts)


def _passing(result: SuiteResult, least: int) -> tuple[str, str, list[str]]:
    wrong = result.failed + result.errors
    if wrong:
        return FAILS, f"{wrong:,} of {_all(result)} did not pass", result.failing
    if result.passed < least:
        return NO_PROOF, f"only {result.passed:,} of at least {least:,} tests ran{_skipped(result)}", []
    return HOLDS, f"{result.passed:,} passed{_skipped(result)}", []


def _failing(result: SuiteResult, least: int) -> tuple[str, str, list[str]]:
    if result.passed:
        return FAILS, f"{result.passed:,} of {_all(result)} passed, though all must fail", result.passing
    if result.errors:
        words = f"{result.errors:,} of {_all(result)} broke off, which proves nothing"
        return NO_PROOF, words, result.failing
    if result.failed < least:
        return NO_PROOF, f"only {result.failed:,} of at least {least:,} tests ran{_skipped(result)}", []
    return HOLDS, f"all {result.failed:,} failed, as they must{_skipped(result)}", []


def _all(result: SuiteResult) -> str:
    return f"{result.passed + result.failed + result.errors:,}"


def _skipped(result: SuiteResult) -> str:
    return f", {result.skipped:,} skipped" if result.skipped else ""


def _measurement(criterion: Criterion, phase: Phase, facts: Facts) -> Verdict:
    key, least, most = str(criterion["name"]), criterion.get("min"), criterion.get("max")
    found = facts.measurements.get(key)
    name, unit = quantity(key, found.unit if found else "")
    bounds = [f"at least {amount(least, unit)}"] if least is not None else []
    bounds += [f"at most {amount(most, unit)}"] if most is not None else []
    asks = f"{name}: {' and '.join(bounds)}"
    if found is None:
        return Verdict("measurement", asks, NO_PROOF, "not measured yet", key=key)
    inside = (least is None or found.value >= least) and (most is None or found.value <= most)
    by = found.token.name if found.token else ""
    state, told = HOLDS if inside else FAILS, amount(found.value, unit)
    verdict = Verdict("measurement", asks, state, told, found.commit, found.received_at, by, key=key)
    return _aged(verdict, phase, facts)


def _approval(criterion: Criterion, phase: Phase, facts: Facts) -> Verdict:
    role = str(criterion["role"])
    asks = f"Approved by {'an' if role[:1].lower() in 'aeiou' else 'a'} {role}"
    found = facts.approvals.get((phase.pk, role.lower()))
    if found is None:
        return Verdict("approval", asks, NO_PROOF, "not given")
    person = str(found.person) if found.person else "somebody who has left"
    verdict = Verdict("approval", asks, HOLDS, found.comment, found.commit, found.created_at, person)
    return _aged(verdict, phase, facts)


def _aged(verdict: Verdict, phase: Phase, facts: Facts) -> Verdict:
    """The verdict; one that holds is stale when a newer commit changed what the phase has to put right."""
    position = verdict.commit.position if verdict.commit else None
    if verdict.state != HOLDS or position is None or position >= min(phase.touched, facts.head.position or 0):
        return verdict
    return replace(verdict, state=STALE)


_JUDGES: Mapping[str, Callable[[Criterion, Phase, Facts], Verdict]] = {
    "violations": _violations,
    "compliance": _compliance,
    "tests": _tests,
    "measurement": _measurement,
    "approval": _approval,
}
