"""Evidence that the fictional team has for some commits: test reports, measurements, approvals.

The tests are those in the demonstration's repository, with their real outcomes at these commits, which the
story lists as `tested`, `measured` and `approved`.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import product
from xml.sax.saxutils import quoteattr

from compliance.management.demo.history import StoryCommit, commits
from compliance.management.demo.test_files import PROOFS_FILE, test_files

AFTER = timedelta(minutes=25)
"""Time between a commit and the end of its CI run."""

SUITES = ("tests/mission_critical/", "tests/singleton_removal/", "tests/websocket_events/", PROOFS_FILE)
REMOVAL = "agents: remove the singleton (#1102)"
"""From this commit on, the tests that prove the existence of the singleton fail."""

ROLE = "manager"
"""The role in which the manager approves."""


def report(commit: StoryCommit) -> bytes:
    """Return the JUnit report for a commit's CI run, in pytest's format."""
    order = [each.subject for each in commits(0)]
    gone = order.index(commit.subject) >= order.index(REMOVAL)
    failure = '<failure message="the factory is not shared"/>'
    cases = "".join(
        f"<testcase classname={quoteattr(module)} name={quoteattr(name)}>"
        f"{failure if gone and module == _module(PROOFS_FILE) else ''}</testcase>"
        for module, name in tests()
    )
    return f'<testsuites><testsuite name="pytest">{cases}</testsuite></testsuites>'.encode()


@cache
def tests() -> tuple[tuple[str, str], ...]:
    """Return the module and name of every test in the plan's suites, as pytest names them."""
    chosen = sorted(path for path in test_files() if path.startswith(SUITES))
    return tuple((_module(path), name) for path in chosen for name in _collected(test_files()[path].text))


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _collected(text: str) -> Iterator[str]:
    """Return the names of the tests in a file. The two parametrized tests take theirs from the file's own
    list.
    """
    listed = re.findall(r'^    "(\w+)",$', text, re.MULTILINE)
    several = [f"{event}-{watchers}" for event, watchers in product(listed, (0, 1, 3))]
    for name, parameters in re.findall(r"^def (test_\w+)\((.*)\)", text, re.MULTILINE):
        values = {"name": listed, "event, watchers": several}.get(parameters)
        yield from [f"{name}[{value}]" for value in values] if values else [name]
