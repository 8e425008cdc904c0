"""The verdict on what a head adds: every level, locks, suppressions, waivers, doubts and overrides."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from compliance.pull_requests.verdict import (
    Evidence,
    Level,
    Override,
    Policy,
    State,
    Suppressions,
    Verdict,
    decide,
    key_of,
    undetermined,
)


@dataclass(frozen=True)
class Found:
    """What judging reports about one finding."""

    path: str = "shop/cart.py"
    rule: str = "imports"
    risk: str = "high"
    fingerprint: str = "f1"
    message: str = "uses the old module"
    is_locked: bool = False
    ran_out: bool = False


BLOCK = Policy(level=Level.BLOCK)
ONE = Evidence(new=(Found(),))


def lines(verdict: Verdict[Found]) -> tuple[str, str]:
    return verdict.state, verdict.reason


def test_nothing_new_passes() -> None:
    assert lines(decide(Evidence(), BLOCK)) == ("passed", "")


def test_the_default_only_warns() -> None:
    verdict = decide(Evidence(new=(Found(), Found(fingerprint="f2"))), Policy())
    assert lines(verdict) == ("passed", "")
    assert verdict.blocking == ()


def test_a_level_blocks_for_one_risk_and_is_off_for_another() -> None:
    policy = Policy(Level.WARN, {"critical": Level.BLOCK, "low": Level.OFF})
    worst, minor = Found(risk="critical", fingerprint="f2"), Found(risk="low", fingerprint="f3")
    verdict = decide(Evidence(new=(Found(), worst, minor)), policy)
    assert verdict.blocking == (worst,)
    assert lines(verdict) == ("failed", "1 new violation of a risk that the policy blocks.")


def test_a_locked_file_blocks_even_if_the_policy_only_warns() -> None:
    locked = Found(path="shop/clean.py", is_locked=True)
    verdict = decide(Evidence(new=(Found(), locked)), Policy())
    assert verdict.blocking == (locked,)
    assert verdict.reason == "1 new violation in a file that was clean before."
    both = decide(Evidence(new=(Found(), locked)), BLOCK)
    assert both.reason == (
        "1 new violation in a file that was clean before. "
        "1 other new violation of a risk that the policy blocks."
    )


@pytest.mark.parametrize("policy", [Policy(locks=False), Policy(by_risk={"high": Level.OFF})])
def test_locks_can_be_turned_off_and_follow_the_level(policy: Policy) -> None:
    assert decide(Evidence(new=(Found(is_locked=True),)), policy).state == State.PASSED


def test_a_policy_that_is_off_for_every_risk_decides_nothing() -> None:
    off = Policy(Level.OFF)
    assert off.is_off
    assert not Policy(Level.OFF, {"low": Level.WARN}).is_off
    assert Policy(Level.WARN, dict.fromkeys(("critical", "high", "medium", "low"), Level.OFF)).is_off
    evidence = Evidence(new=(Found(is_locked=True),), doubts=(Found(fingerprint=""),))
    assert decide(evidence, off).state == State.PASSED


def test_a_violation_that_counts_again_is_new_unless_only_time_has_passed() -> None:
    verdict = decide(Evidence(restored=(Found(),)), BLOCK)
    assert lines(verdict) == ("failed", "1 new violation of a risk that the policy blocks.")
    assert lines(decide(Evidence(restored=(Found(ran_out=True),)), BLOCK)) == ("passed", "")


@pytest.mark.parametrize("hidden", ["suppressed", "moved_out"])
@pytest.mark.parametrize(
    ("suppressions", "state"),
    [
        (Suppressions.ALLOW, State.PASSED),
        (Suppressions.WARN, State.PASSED),
        (Suppressions.BLOCK, State.FAILED),
    ],
)
def test_what_the_head_hides_is_decided_by_the_policy_for_suppressions(
    hidden: str, suppressions: Suppressions, state: State
) -> None:
    findings: dict[str, Any] = {hidden: (Found(),)}
    evidence = Evidence(**findings)
    for level in (Level.WARN, Level.BLOCK):
        assert decide(evidence, Policy(level, suppressions=suppressions)).state == state
    assert decide(evidence, Policy(by_risk={"high": Level.OFF}, suppressions=suppressions)).state == "passed"


def test_suppressions_and_moves_are_told_apart() -> None:
    evidence = Evidence(suppressed=(Found(),), moved_out=(Found("shop/a.py"), Found("shop/b.py")))
    reason = decide(evidence, Policy(suppressions=Suppressions.BLOCK)).reason
    assert reason == (
        "1 violation suppressed by comments, which the policy blocks. "
        "2 violations moved to where the plan doesn't count them, which the policy blocks."
    )


def test_what_a_waiver_covers_never_blocks() -> None:
    found, hidden = Found(is_locked=True), Found(fingerprint="f2")
    evidence = Evidence(new=(found,), suppressed=(hidden,))
    strict = Policy(Level.BLOCK, suppressions=Suppressions.BLOCK)
    assert lines(decide(evidence, strict, {found, hidden})) == ("passed", "")
    assert decide(evidence, strict, {found}).blocking == (hidden,)


def test_a_doubt_is_an_error_and_never_a_success() -> None:
    doubt = Found("shop/huge.py", "", "", "", "larger than 1 MB")
    verdict = decide(Evidence(new=(Found(),), doubts=(doubt,)), Policy())
    assert lines(verdict) == ("error", "shop/huge.py can't be judged: larger than 1 MB")
    blocked = decide(Evidence(new=(Found(),), doubts=(doubt, doubt)), BLOCK)
    assert blocked.state == State.FAILED
    assert blocked.reason.endswith("shop/huge.py can't be judged: larger than 1 MB (and 1 more)")


def test_a_head_that_could_not_be_judged_says_why() -> None:
    verdict: Verdict[Found] = undetermined("the fork can't be read")
    assert lines(verdict) == ("error", "the fork can't be read")
    verdict = undetermined("the fork can't be read", accepted())
    assert verdict.state == "error"
    override = replace(accepted(), accepts_error=True)
    verdict = undetermined("the fork can't be read", override)
    assert lines(verdict) == ("passed", "Overridden by mia: hotfix for SHOP-12")
    assert decide(ONE, BLOCK, override=override).state == "failed"


def accepted(*findings: Found, total: int | None = None) -> Override:
    keys = frozenset(key_of(found) for found in findings)
    return Override("mia", "hotfix for SHOP-12", keys, len(keys) if total is None else total)


def test_an_override_passes_and_says_so() -> None:
    verdict = decide(ONE, BLOCK, override=accepted(Found()))
    assert lines(verdict) == ("passed", "Overridden by mia: hotfix for SHOP-12")
    assert verdict.is_overridden
    assert verdict.blocking == ONE.new


def test_an_override_covers_doubts_that_were_there() -> None:
    doubt = Found("shop/huge.py", "", "", "", "larger than 1 MB")
    assert decide(Evidence(doubts=(doubt,)), BLOCK, override=accepted(doubt)).state == State.PASSED
    assert decide(Evidence(doubts=(doubt,)), BLOCK, override=accepted()).state == State.ERROR


def test_an_override_does_not_cover_what_blocks_only_since() -> None:
    other = Found(fingerprint="f2")
    verdict = decide(Evidence(new=(Found(), other)), BLOCK, override=accepted(Found()))
    assert verdict.state == State.FAILED
    assert not verdict.is_overridden
    assert verdict.reason.endswith("The override by mia doesn't cover all of this.")
    assert lines(decide(Evidence(new=(other,)), BLOCK, override=accepted(Found()))) == (
        "failed",
        "1 new violation of a risk that the policy blocks.",
    )


def test_an_override_of_more_than_was_stored_covers_as_many() -> None:
    found = tuple(Found(fingerprint=f"f{number}") for number in range(4))
    override = accepted(*found[:2], total=4)
    assert decide(Evidence(new=found), BLOCK, override=override).state == State.PASSED
    more = Evidence(new=(*found, Found(fingerprint="f9")))
    assert decide(more, BLOCK, override=override).state == State.FAILED


def test_an_override_that_is_no_longer_needed_is_not_mentioned() -> None:
    assert lines(decide(Evidence(), BLOCK, override=accepted(Found()))) == ("passed", "")


def test_a_key_tells_paths_rules_and_doubts_apart() -> None:
    keys = [
        Found(), Found(path="b.py"), Found(rule="r"), Found(fingerprint="f2"),
        Found(fingerprint=""), Found(fingerprint="", message="too large"),
    ]  # fmt: skip
    assert len({key_of(found) for found in keys}) == len(keys)


def test_what_breaks_only_together_counts_as_new() -> None:
    both = Evidence(new=(Found(),), together=(Found(fingerprint="f2"),))
    verdict = decide(both, Policy())
    assert lines(verdict) == ("passed", "")
    verdict = decide(both, BLOCK)
    assert verdict.blocking == (Found(), Found(fingerprint="f2"))
    assert verdict.reason == (
        "1 new violation of a risk that the policy blocks. "
        "1 violation only together with newer commits of the target branch."
    )


def test_what_breaks_only_together_is_decided_by_risk_locks_waivers_and_overrides() -> None:
    locked, other = Found(is_locked=True), Found(fingerprint="f2")
    evidence = Evidence(together=(locked, other))
    assert decide(evidence, Policy()).blocking == (locked,)
    assert decide(evidence, Policy(locks=False)).state == "passed"
    assert decide(evidence, Policy(Level.OFF)).state == "passed"
    assert decide(evidence, BLOCK, waived={locked: 1}).blocking == (other,)
    assert decide(evidence, Policy(), waived={locked: 1}).state == "passed"
    accepted = Override("ann", "next week", frozenset({key_of(locked)}), 1)
    assert decide(evidence, Policy(), override=accepted).is_overridden
