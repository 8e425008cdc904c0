"""What a run prints: killed and survived by area, then the survivors."""

from collections.abc import Iterator

from tests.mutants.lane import Outcome
from tests.mutants.mutant import Mutant
from tests.mutants.sample import area_of

KILLED = ("killed", "time-out")


def describe(mutant: Mutant, outcome: Outcome) -> str:
    """Return one line on a mutant."""
    reason = "" if outcome.state == "survived" else f" ({outcome.state})"
    return f"{mutant.path}:{mutant.line} [{mutant.operator}]{reason} {mutant.change}"


def report(sample: list[Mutant], known: dict[str, Outcome], equivalent: int) -> Iterator[str]:
    """Yield the lines of the report on the mutants that have a result."""
    tried = [(mutant, known[mutant.identity]) for mutant in sample if mutant.identity in known]
    survivors = [(mutant, outcome) for mutant, outcome in tried if outcome.state not in KILLED]
    yield ""
    yield f"{'area':<22}{'killed':>8}{'survived':>10}{'':>8}"
    for area in sorted({area_of(mutant.path) for mutant, _ in tried}):
        yield _row(area, [outcome for mutant, outcome in tried if area_of(mutant.path) == area])
    yield _row("all", [outcome for _, outcome in tried])
    timed_out = sum(outcome.state == "time-out" for _, outcome in tried)
    yield f"{timed_out} of the killed by a time-out; {equivalent} declared equivalent and left out"
    if missing := len(sample) - len(tried):
        yield f"{missing} not tried yet; run the same command again"
    yield ""
    yield from (describe(mutant, outcome) for mutant, outcome in survivors)


def _row(name: str, outcomes: list[Outcome]) -> str:
    killed = sum(outcome.state in KILLED for outcome in outcomes)
    share = killed / len(outcomes) if outcomes else 0
    return f"{name:<22}{killed:>8}{len(outcomes) - killed:>10}{share:>8.0%}"
