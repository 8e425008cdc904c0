"""A guide, because only a person knows what a function that promises a new object should build it from."""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome
from scanner.fixes.guides import find_callers, make_guide
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.wording import join_words


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:  # noqa: ARG001
    """Yield one guide for each finding."""
    for finding in findings:
        name = finding.symbol.rpartition(".")[2]
        yield make_guide(
            finding, f"{name} promises a new object and returns a shared one", _steps(context, name)
        )


def _steps(context: FixContext, name: str) -> Iterator[str]:
    yield f"Let {name} build a new object on every call and return that, without keeping it anywhere."
    yield f"Give {name} as parameters what the object needs of the request (user, session, collaborators)."
    followers = find_callers(context, [name])
    if followers:
        yield f"Then these follow, for they share one object today: {join_words(followers)}."
    yield "Where sharing is meant, name the function so that it says it (get_..., shared_...)."
