"""Which findings `fix` takes: those that match every selector that is given."""

import pytest

from scanner.fixes.model import Selection
from scanner.fixes.rounds import includes
from scanner.model import Finding, RepoPath

FOUND = Finding(
    path=RepoPath("app/a.py"),
    line=1,
    column=1,
    end_line=1,
    end_column=4,
    rule="old-name",
    role="old",
    symbol="app.old",
    scope="",
    risk="low",
    category="code",
    message="",
    snippet="old",
    issues=("#7", "#9"),
    phases=("first", "second"),
    fingerprint="f1",
)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), True),
        (Selection(phases=("second",)), True),
        (Selection(phases=("third",)), False),
        (Selection(phases=("third", "first", "second")), True),
        (Selection(issues=("#9",)), True),
        (Selection(issues=("#8",)), False),
        (Selection(issues=("#7", "#8", "#9")), True),
        (Selection(rules=("old-name", "other")), True),
        (Selection(rules=("other",)), False),
        (Selection(rules=("old-name",), phases=("first",), issues=("#8",)), False),
        (Selection(rules=("old-name",), phases=("third",), issues=("#7",)), False),
        (Selection(rules=("old-name",), phases=("first",), issues=("#7",)), True),
        (Selection(fingerprints=("f2", "f1")), True),
        (Selection(fingerprints=("f2",)), False),
        (Selection(rules=("other",), fingerprints=("f1",)), False),
    ],
)
def test_a_finding_is_taken_if_it_matches_every_selector(selection: Selection, expected: bool) -> None:
    assert includes(selection, FOUND) is expected
