"""What the imagined team's CI and its manager said of some commits: test reports, measurements, an approval.

The tests are those of the demonstration itself, and they end as they really do at these commits.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import product
from xml.sax.saxutils import quoteattr

from compliance.demo.consumers import PROOFS_FILE
from compliance.demo.world import world

AFTER = timedelta(minutes=25)
"""How long after a commit its CI run ends."""

SUITES = ("tests/mission_critical/", "tests/singleton_removal/", "tests/websocket_events/", PROOFS_FILE)

_GONE = "agents: remove the singleton"
"""From this commit on the proofs of the singleton fail."""

RUNS = (
    "tests: prove that the factory is shared",
    "notices, monitoring, supply: a repository for each request",
    "docs: where the migration stands",
    "supervisor: ask for a factory in each run",
    "dependencies: hand out factories",
    "tests: the rest of the golden path",
    "demo: load the agents before the first visitor",
    "demo: back to a factory for each visit",
    _GONE,
    "services: a bridge for each user",
    "agents: a registry for each user",
    "tests: names of events without the accessor",
    "agents: the actions planner belongs to a run",
)
"""The commits whose CI run was reported, oldest first, by how their subjects begin."""

READINGS = (
    ("docs: where the migration stands", "race_conditions", 8, "races"),
    ("docs: where the migration stands", "contaminations_at_20_users", 12, "contaminations"),
    ("docs: where the migration stands", "contaminations_at_100_users", 61, "contaminations"),
    ("docs: where the migration stands", "memory_growth_percent", 12.5, "%"),
    (_GONE, "race_conditions", 3, "races"),
    (_GONE, "contaminations_at_20_users", 2, "contaminations"),
    (_GONE, "added_ms_per_request", 38, "ms"),
    (_GONE, "response_time_increase_percent", 4.2, "%"),
    ("agents: a registry for each user", "race_conditions", 1, "races"),
    ("agents: a registry for each user", "memory_growth_percent", 2.5, "%"),
    ("agents: the actions planner belongs to a run", "race_conditions", 0, "races"),
    ("agents: the actions planner belongs to a run", "contaminations_at_20_users", 0, "contaminations"),
    ("agents: the actions planner belongs to a run", "contaminations_at_100_users", 4, "contaminations"),
    ("agents: the actions planner belongs to a run", "added_ms_per_request", 41, "ms"),
    ("agents: the actions planner belongs to a run", "response_time_increase_percent", 3.1, "%"),
    ("agents: the actions planner belongs to a run", "memory_growth_percent", 1.5, "%"),
)
"""What CI measured: beginning of the commit's subject, name, value, unit; oldest first."""


@dataclass(frozen=True, slots=True)
class Word:
    """An approval: of a phase, in a role, at a commit, with a comment."""

    subject: str
    phase: str
    role: str
    comment: str


WORDS = (
    Word(
        "agents: the actions planner belongs to a run",
        "validation",
        "manager",
        "Looked at the load test of 24 October with Farid: no user saw another one's data.",
    ),
    Word(
        _GONE,
        "consumers-week-3",
        "manager",
        "The accessor is gone from production. The tests may follow at their own pace.",
    ),
)


def report(subject: str) -> bytes:
    """The JUnit report of a run, as pytest writes it."""
    gone = RUNS.index(subject) >= RUNS.index(_GONE)
    proofs = PROOFS_FILE.removesuffix(".py").replace("/", ".")
    cases = []
    for class_name, name in tests():
        failed = gone and class_name == proofs
        child = '<failure message="the factory is not shared"/>' if failed else ""
        cases.append(f"<testcase classname={quoteattr(class_name)} name={quoteattr(name)}>{child}</testcase>")
    return f'<testsuites><testsuite name="pytest">{"".join(cases)}</testsuite></testsuites>'.encode()


@cache
def tests() -> tuple[tuple[str, str], ...]:
    """Class name and name of every test of the plan's suites, as pytest calls them."""
    pages = ((path, page.text) for path, page in sorted(world().items()) if path.startswith(SUITES))
    return tuple(
        (path.removesuffix(".py").replace("/", "."), name)
        for path, text in pages
        for name in _collected(ast.parse(text))
    )


def _collected(module: ast.Module) -> Iterator[str]:
    lists = {
        target.id: ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            values = [_values(mark, lists) for mark in reversed(node.decorator_list)]
            for chosen in product(*values):
                yield f"{node.name}[{'-'.join(map(str, chosen))}]" if chosen else node.name


def _values(mark: ast.expr, lists: dict[str, tuple[object, ...]]) -> tuple[object, ...]:
    """What a `pytest.mark.parametrize` gives, one after another. Raises TypeError for anything else."""
    if not isinstance(mark, ast.Call):
        raise TypeError(f"not a call: {ast.unparse(mark)}")
    given = mark.args[1]
    return lists[given.id] if isinstance(given, ast.Name) else tuple(ast.literal_eval(given))
