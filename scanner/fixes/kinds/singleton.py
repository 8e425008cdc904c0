"""A guide, because the replacement of a shared instance depends on its owner.

The guide names the class, the accessor and its callers, and says what to build for each request.
"""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome
from scanner.fixes.guides import find_callers, functions_with, make_guide
from scanner.model import Finding
from scanner.plan import RuleSpec
from scanner.wording import join_words

_TITLES = {
    "module-global": "A module keeps one {what} for everybody",
    "class-instance": "A class keeps one {what} for everybody",
    "metaclass": "A metaclass hands out one {what} for everybody",
    "cached-accessor": "A cache hands out one {what} for everybody",
    "module-instance": "Importing the module builds one {what} for everybody",
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
        yield f"Take {name} off the class {owner} and let whoever asks for it keep the instance."
        yield f"Build a {owner} where a request begins, from what it brings, and hand it on as a parameter."
    elif finding.role == "metaclass":
        yield f"Take the metaclass off {name}, so that every call builds an instance of its own."
    elif finding.role == "cached-accessor":
        yield f"Take the cache off {name}: let it build a new object on every call."
    else:
        yield f"Build what {name} holds in a function that takes what a request brings and returns a new one."
    if inside:
        given = join_words(inside)
        yield f"Pass the object to {given} as a parameter instead of {name} (line {finding.line})."
    followers = find_callers(context, [name, *inside])
    if followers:
        yield f"Then these follow: {join_words(followers)}."
    yield f"Delete {name} once nothing reads it; test that two calls give two objects."
