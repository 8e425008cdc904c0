"""Writes a guide, because the replacement for a shared instance depends on who owns it.

The guide names the class, the accessor and its callers, and says what to build for each request.
"""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome
from scanner.fixes.guides import find_callers, functions_with, make_guide
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.wording import join_words

_TITLES = {
    "module-global": "A module stores one {what} for all users",
    "class-instance": "A class stores one {what} for all users",
    "metaclass": "A metaclass returns one {what} to all users",
    "cached-accessor": "A cache returns one {what} to all users",
    "module-instance": "Importing the module builds one {what} for all users",
}


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:  # noqa: ARG001
    """Yield one guide for each finding."""
    for finding in findings:
        name = finding.symbol.rpartition(".")[2]
        yield make_guide(finding, _TITLES[finding.role].format(what=name), _steps(context, finding, name))


def _steps(context: FixContext, finding: Finding, name: str) -> Iterator[str]:
    inside = functions_with(context, name)
    if finding.role == "class-instance":
        owner = finding.scope.rpartition(".")[2] or finding.symbol.split(".")[-2]
        yield f"Remove {name} from the class {owner}, and let each caller keep its own instance."
        yield f"Build a {owner} from the request's data when a request starts, and pass it on as a parameter."
    elif finding.role == "metaclass":
        yield f"Remove the metaclass from {name}, so that every call builds a new instance."
    elif finding.role == "cached-accessor":
        yield f"Remove the cache from {name}, so that it builds a new object on every call."
    else:
        yield f"Build the value of {name} in a function that returns a new object for a request's data."
    if inside:
        given = join_words(inside)
        yield f"Pass the object to {given} as a parameter instead of {name} (line {finding.line})."
    followers = find_callers(context, [name, *inside])
    if followers:
        yield f"Then change these: {join_words(followers)}."
    yield f"Delete {name} once nothing reads it; test that two calls return different objects."
