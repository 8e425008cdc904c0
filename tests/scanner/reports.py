"""Reports with every kind of content, for the tests of the formats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from scanner.formats import Check, Row, Scan
from scanner.model import Comparison, Fault, Finding, Move, Movement, RepoPath, Revision, Slice, Tally
from scanner.planfile import read_plan

PLAN = read_plan(
    """
version: 1
name: Small
rules:
  - {id: old, kind: pattern, pattern: "old($$$)", message: Use new}
  - {id: state, kind: shared-state, risk: {module-state: critical}}
issues:
  - {key: "#1", title: All of it, phases: [{id: first, title: First}]}
""",
    "plan.yaml",
)

REVISION = Revision(
    sha="a" * 40,
    parents=("b" * 40,),
    author="Zoë",
    email="zoe@example.org",
    authored_at=datetime(2025, 9, 1, 12, tzinfo=UTC),
    committed_at=datetime(2025, 9, 1, 14, tzinfo=timezone(timedelta(hours=2))),
    subject='=cmd("x"), then\x1b[31m more',
)

FINDING = Finding(
    path=RepoPath("app/a.py"),
    line=3,
    column=5,
    end_line=3,
    end_column=10,
    rule="old",
    role="match",
    symbol="pkg.old",
    scope="run",
    risk="medium",
    category="production",
    message="Use new",
    snippet="x = old()",
    issues=("#1",),
    phases=("first",),
    fingerprint="f1",
)
WORST = replace(
    FINDING,
    path=RepoPath("app/b c\u2028é\\xff.py"),
    line=9,
    rule="state",
    role="module-state",
    risk="critical",
    message="Shared by all users",
    snippet="RUNS = {}\x1b[2J",
    fingerprint="f2",
)
SILENCED = replace(FINDING, line=1, suppressed=True, reason="measured, see #7", fingerprint="f3")

TALLY = Tally(
    files=922,
    clean=804,
    violations=2,
    files_with_violations=2,
    old_sites=12,
    new_sites=1,
    suppressed=1,
    unparsed=1,
    skipped=1,
    by={
        "rule": {"old": Slice(1, 1), "state": Slice(1, 1)},
        "risk": {"critical": Slice(1, 1), "high": Slice(), "medium": Slice(1, 1), "low": Slice()},
        "category": {"production": Slice(2, 2)},
        "phase": {"first": Slice(2, 2)},
        "issue": {"#1": Slice(2, 2)},
    },
    category_files={"production": 922},
)
UNPARSED = (Fault(RepoPath("app/broken.py"), "syntax error", 7),)
SKIPPED = (Fault(RepoPath("app/huge.py"), "has 9,000,000 bytes"),)

SCAN = Scan(REVISION, PLAN, TALLY, (FINDING, SILENCED, WORST), UNPARSED, SKIPPED)
EMPTY = Scan(
    REVISION, PLAN, replace(TALLY, files=0, clean=0, violations=0, files_with_violations=0), (), (), ()
)
ROW = Row(REVISION, PLAN, TALLY, Movement(new=3), UNPARSED, SKIPPED)
CHECK = Check(
    base=replace(REVISION, sha="c" * 40),
    head=REVISION,
    reason="where the two parted",
    plan=PLAN,
    comparison=Comparison(
        new=(WORST,), fixed=(FINDING,), moved=(Move(FINDING, replace(FINDING, line=8), "scope"),)
    ),
    doubts=(Fault(RepoPath("app/huge.py"), "has 9,000,000 bytes"),),
)
