"""A guide, no rewrite: a function that promises a new object has to be told what to build it from."""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import Outcome, Sheet
from scanner.fixes.guides import callers, guide
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.wording import joined


def rewrite(sheet: Sheet, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:  # noqa: ARG001
    """One guide for each finding."""
    for finding in findings:
        name = finding.symbol.rpartition(".")[2]
        yield guide(finding, f"{name} promises a new object and returns a shared one", _steps(sheet, name))


def _steps(sheet: Sheet, name: str) -> Iterator[str]:
    yield f"Let {name} build a new object on every call and return that, without keeping it anywhere."
    yield f"Give {name} as parameters what the object needs of the request (user, session, collaborators)."
    followers = callers(sheet, [name])
    if followers:
        yield f"Then these follow, for they share one object today: {joined(followers)}."
    yield "Where sharing is meant, name the function so that it says it (get_..., shared_...)."
