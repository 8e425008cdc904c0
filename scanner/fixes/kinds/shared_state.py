"""Writes a guide, because where a shared container belongs depends on who owns its content."""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome
from scanner.fixes.guides import find_callers, functions_with, make_guide
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.wording import join_words


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:  # noqa: ARG001
    """Yield one guide for each finding."""
    for finding in findings:
        name = finding.symbol.rpartition(".")[2]
        yield make_guide(finding, f"All callers share one {name}", _steps(context, finding, name))


def _steps(context: FixContext, finding: Finding, name: str) -> Iterator[str]:
    inside = functions_with(context, name)
    if finding.role == "class-state":
        owner = finding.symbol.split(".")[-2]
        yield f"Make {name} an attribute of each {owner}: assign self.{name} in __init__, not in the class."
        yield f"Build one {owner} per request, so that no request sees what another request left in {name}."
    else:
        yield f"Move {name} (line {finding.line}) into a class with one instance per request."
    if inside:
        yield f"Give {join_words(inside)} that instance, and use its {name} there."
    followers = find_callers(context, inside)
    if followers:
        yield f"Then change these: {join_words(followers)}."
    yield f"If {name} has to outlive a request, key it by user and clear it when the request ends."
