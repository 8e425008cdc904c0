"""Decides the verdict on what the head of a pull request adds: passed, failed or error.

A violation counts as new if the base doesn't have it, or has it suppressed by a comment that the head
removes. It blocks if the policy says so for its risk, or if its file was clean at the base (a locked file)
and the policy isn't off for its risk. Nothing blocks that an approved waiver covers. A suppression whose last
day is over ends by itself, so what it suppressed doesn't block.

What a head takes out of the figures without fixing it, by a suppression comment or by moving it to where the
plan doesn't count it, blocks only if the policy for suppressions says so.

What breaks only together with newer commits of the target branch counts in the same way as what is new.

If nothing blocks, but something could not be judged, the verdict is an error, which is never a success.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Generic, Protocol, TypeVar

from compliance.lib.wording import count_of, noun_for
from compliance.models import GatePolicy, PullRequestCheck, Risk
from compliance.scans.judgements import Found, Judgement

Level = GatePolicy.Level
Suppressions = GatePolicy.Suppressions
State = PullRequestCheck.State


@dataclass(frozen=True, slots=True)
class Policy:
    """What blocks. `by_risk` has the levels of risks that differ from `level`."""

    level: Level = Level.WARN
    by_risk: Mapping[str, Level] = field(default_factory=dict)
    suppressions: Suppressions = Suppressions.WARN
    locks: bool = True
    comments: bool = True

    def level_of(self, risk: str) -> Level:
        """Return the level that applies to violations of a risk."""
        return self.by_risk.get(risk, self.level)

    @property
    def is_off(self) -> bool:
        """Return true if the policy is off for every risk, so that nothing is published."""
        return all(self.level_of(risk) == Level.OFF for risk in Risk.values)


class Judged(Protocol):
    """The part of a finding that decides about it."""

    @property
    def path(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def risk(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def is_locked(self) -> bool: ...
    @property
    def ran_out(self) -> bool: ...


F = TypeVar("F", bound=Judged)


@dataclass(frozen=True, slots=True)
class Evidence(Generic[F]):
    """What judging found in a head, compared with its base.

    `restored` are violations whose suppression has ended, `moved_out` those that are now where the plan
    doesn't count them, `together` those that only newer commits of the target cause together with the head,
    and `doubts` what could not be judged.
    """

    new: tuple[F, ...] = ()
    restored: tuple[F, ...] = ()
    suppressed: tuple[F, ...] = ()
    moved_out: tuple[F, ...] = ()
    together: tuple[F, ...] = ()
    doubts: tuple[F, ...] = ()

    @property
    def brought(self) -> tuple[F, ...]:
        """Return the findings that count as new."""
        return (*self.new, *(found for found in self.restored if not found.ran_out))

    @property
    def hidden(self) -> tuple[F, ...]:
        """Return the findings that the head takes out of the figures without fixing them."""
        return (*self.suppressed, *self.moved_out)


def evidence_of(judgement: Judgement, together: tuple[Found, ...] = ()) -> Evidence[Found]:
    """Return what decides: a judgement, and what only newer commits of the target cause together with the
    head. A file that left the plan's sight is a doubt.
    """
    return Evidence(
        new=judgement.new,
        restored=judgement.restored,
        suppressed=judgement.suppressed,
        moved_out=judgement.moved_out,
        together=together,
        doubts=(*judgement.doubts, *judgement.departed),
    )


@dataclass(frozen=True, slots=True)
class Override:
    """A manager's acceptance of a failed verdict, with a reason.

    It accepts what blocked at that time: `keys` identify as many of the `total` findings and doubts as were
    stored. If the head is judged again and something else blocks, the override no longer applies. If
    `accepts_error` is set, the head could not be judged at all, and passes as long as that is so.
    """

    person: str
    reason: str
    keys: frozenset[str]
    total: int
    accepts_error: bool = False

    def covers(self, keys: Collection[str]) -> bool:
        """Return true if nothing blocks now that didn't block then."""
        others = sum(key not in self.keys for key in keys)
        return len(keys) <= self.total and others <= self.total - len(self.keys)


@dataclass(frozen=True, slots=True)
class Verdict(Generic[F]):
    """The decision. `reason` says in one line what blocks, why there is an error, or who overrode it, and
    `blocking` are the findings that block unless `is_overridden`.
    """

    state: State
    reason: str
    blocking: tuple[F, ...] = ()
    is_overridden: bool = False


def decide(
    evidence: Evidence[F], policy: Policy, waived: Collection[F] = (), override: Override | None = None
) -> Verdict[F]:
    """Return the verdict. `waived` are the findings that an approved waiver covers."""
    if policy.is_off:
        return Verdict(State.PASSED, "")
    brought, together = (
        tuple(found for found in some if found not in waived and _blocks(found, policy))
        for some in (evidence.brought, evidence.together)
    )
    hidden = tuple(
        found for found in evidence.hidden if found not in waived and _blocks_hidden(found, policy)
    )
    blocking = (*brought, *together, *hidden)
    if not blocking and not evidence.doubts:
        return Verdict(State.PASSED, "")
    keys = {key_of(found) for found in (*blocking, *evidence.doubts)}
    if override and override.covers(keys):
        words = overridden(override.person, override.reason)
        return Verdict(State.PASSED, words, blocking, is_overridden=True)
    if blocking:
        reason = _reason(brought, frozenset(hidden), evidence, len(together))
        verdict = Verdict(State.FAILED, reason, blocking)
    else:
        verdict = undetermined(_doubtful(evidence.doubts))
    return _noting(verdict, override) if override and keys & override.keys else verdict


def undetermined(reason: str, override: Override | None = None) -> Verdict[F]:
    """Return the verdict on a head that could not be judged."""
    if override and override.accepts_error:
        return Verdict(State.PASSED, overridden(override.person, override.reason), is_overridden=True)
    return Verdict(State.ERROR, reason)


def overridden(person: str, reason: str) -> str:
    """Return the reason of a verdict that a manager has overridden."""
    return f"Overridden by {person}: {reason}"


def key_of(found: Judged) -> str:
    """Return what identifies a finding or doubt of one head, however often it is judged."""
    parts = (found.path, found.rule, found.fingerprint or found.message)
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _blocks(found: Judged, policy: Policy) -> bool:
    level = policy.level_of(found.risk)
    return level == Level.BLOCK or (level == Level.WARN and policy.locks and found.is_locked)


def _blocks_hidden(found: Judged, policy: Policy) -> bool:
    return policy.suppressions == Suppressions.BLOCK and policy.level_of(found.risk) != Level.OFF


def _reason(brought: Collection[F], hidden: Collection[F], evidence: Evidence[F], together: int) -> str:
    """Return one line that says what blocks."""
    sentences = []
    locked = sum(found.is_locked for found in brought)
    if locked:
        violations, was = count_of(locked, "new violation"), noun_for(locked, "was", "were")
        where = noun_for(locked, "a file", "files")
        sentences.append(f"{violations} in {where} that {was} clean before.")
    if others := len(brought) - locked:
        violations = count_of(others, "new violation" if not locked else "other new violation")
        sentences.append(f"{violations} of a risk that the policy blocks.")
    if together:
        violations = count_of(together, "violation")
        sentences.append(f"{violations} only together with newer commits of the target branch.")
    if number := sum(found in hidden for found in evidence.suppressed):
        sentences.append(f"{count_of(number, 'violation')} suppressed by comments, which the policy blocks.")
    if number := sum(found in hidden for found in evidence.moved_out):
        violations, them = count_of(number, "violation"), noun_for(number, "it", "them")
        sentences.append(
            f"{violations} moved to where the plan doesn't count {them}, which the policy blocks."
        )
    if evidence.doubts:
        sentences.append(_doubtful(evidence.doubts))
    return " ".join(sentences)


def _doubtful(doubts: Collection[Judged]) -> str:
    first = next(iter(doubts))
    more = f" (and {len(doubts) - 1:,} more)" if len(doubts) > 1 else ""
    return f"{first.path} can't be judged: {first.message}{more}"


def _noting(verdict: Verdict[F], override: Override) -> Verdict[F]:
    """Return a verdict that says why an override doesn't apply to it."""
    words = f"{verdict.reason} The override by {override.person} doesn't cover all of this."
    return replace(verdict, reason=words)
