"""Writes a guide, because only a person can decide how the function should build a new object."""

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
            finding, f"{name} promises a new object but returns a shared one", _steps(context, name)
        )


def _steps(context: FixContext, name: str) -> Iterator[str]:
    yield f"Let {name} build and return a new object on every call, without storing it."
    yield f"Pass {name} what the object needs from the request (user, session, collaborators)."
    followers = find_callers(context, [name])
    if followers:
        yield f"Then change these callers, which currently share one object: {join_words(followers)}."
    yield "If sharing is intended, give the function a name that says so (get_..., shared_...)."
