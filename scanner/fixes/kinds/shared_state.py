"""A guide, no rewrite: where a shared container's content belongs depends on whose it is."""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import Outcome, Sheet
from scanner.fixes.guides import callers, functions_with, guide
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.wording import joined


def rewrite(sheet: Sheet, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:  # noqa: ARG001
    """One guide for each finding."""
    for finding in findings:
        name = finding.symbol.rpartition(".")[2]
        yield guide(finding, f"All callers write to one {name}", _steps(sheet, finding, name))


def _steps(sheet: Sheet, finding: Finding, name: str) -> Iterator[str]:
    inside = functions_with(sheet, name)
    if finding.role == "class-state":
        owner = finding.symbol.split(".")[-2]
        yield f"Make {name} an attribute of each {owner}: assign self.{name} in __init__, not in the class."
        yield f"Build one {owner} for each request, so that what one leaves in {name} no other one finds."
    else:
        yield f"Move {name} (line {finding.line}) into a class whose instances live as long as one request."
    if inside:
        yield f"Give {joined(inside)} that instance, and let them use its {name}."
    followers = callers(sheet, inside)
    if followers:
        yield f"Then these follow: {joined(followers)}."
    yield f"If {name} has to outlive a request, key it by the user and empty it when the request ends."
