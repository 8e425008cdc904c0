"""Which lines a suppression comment takes, and which comments say too little."""

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from scanner import Walker, open_repository, read_plan
from scanner.engine.suppressions import read_suppressions
from scanner.model import Suppression
from scanner.python.source import Source
from tests.scanner.gitdir import GitDir
from tests.scanner.history import Commit, write_history

RULES = ("one", "two-b")


def read(code: str) -> tuple[tuple[Suppression, ...], tuple[tuple[int, str], ...]]:
    found, hits = read_suppressions(Source("app/a.py", dedent(code).encode()), RULES)
    return found, tuple((hit.location.line, hit.message) for hit in hits)


def lines(code: str) -> list[tuple[int, int]]:
    found, problems = read(code)
    assert problems == ()
    return [(each.first, each.last) for each in found]


def test_reads_ids_reason_and_last_day() -> None:
    found, problems = read("x = 1  # ssot: ignore[one, two-b] until=2025-12-31 because #12 waits  for it \n")
    assert found == (Suppression(1, 1, ("one", "two-b"), "#12 waits  for it", date(2025, 12, 31)),)
    assert problems == ()


@pytest.mark.parametrize(
    "comment",
    [
        "# ssot: ignore[one] because x",
        "#ssot:ignore[one] because x",
        "# noqa: E501 # ssot: ignore[ one ,] because x",
        "#\tssot:  ignore[one]  because   x",
    ],
)
def test_reads_every_spelling(comment: str) -> None:
    assert read(f"x = 1  {comment}\n")[0] == (Suppression(1, 1, ("one",), "x"),)


def test_reads_two_in_one_comment() -> None:
    found, _ = read("x = 1  # ssot: ignore[one] because a # ssot: ignore[two-b] because b\n")
    assert [(each.rules, each.reason) for each in found] == [(("one",), "a"), (("two-b",), "b")]


MARK = "# ssot: ignore[one] because x"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(f"a = 1\nb = 2  {MARK}\nc = 3\n", (2, 2), id="its own line"),
        pytest.param(f"a = 1\n{MARK}\nb = 2\nc = 3\n", (3, 3), id="the line below"),
        pytest.param(f"{MARK}\n\n# more\n\nb = 2\nc = 3\n", (5, 5), id="blank lines and comments between"),
        pytest.param(f"a = f(  {MARK}\n  1,\n  2,\n)\nb = 2\n", (1, 4), id="first line of several"),
        pytest.param(f"a = f(\n  1,\n  2,  {MARK}\n)\nb = 2\n", (1, 4), id="middle line"),
        pytest.param(f"a = f(\n  1,\n)  {MARK}\nb = 2\n", (1, 3), id="last line"),
        pytest.param(f"a = f(\n  1,\n  {MARK}\n  2,\n)\nb = 2\n", (1, 5), id="own line inside a statement"),
        pytest.param(f"{MARK}\na = f(\n  1,\n)\nb = 2\n", (2, 4), id="above a long statement"),
        pytest.param(f'a = """\n  x\n"""  {MARK}\nb = 2\n', (1, 3), id="behind a long string"),
        pytest.param(f"def f():  {MARK}\n    a = 1\n    return a\n", (1, 1), id="head of a function"),
        pytest.param(f"def f(\n    a,  {MARK}\n    b,\n):\n    return a\n", (1, 4), id="long head"),
        pytest.param(f"{MARK}\n@one\n@two\nclass A:\n    b = 1\n", (2, 4), id="above a decorator"),
        pytest.param(f"@one\nasync def f():  {MARK}\n    b = 1\n", (1, 2), id="below a decorator"),
        pytest.param(f"if a:\n    b = 1\n    {MARK}\nelse:\n    c = 1\n", (4, 4), id="above else"),
        pytest.param(f"if a:\n    b = 1\n    {MARK}\n    c = 2\n", (4, 4), id="inside a block"),
        pytest.param(f"if a:\n    b = 1\nelif c:  {MARK}\n    c = 2\n", (3, 3), id="elif"),
        pytest.param(f"try:\n    a = 1\nexcept (\n  A,\n  B,  {MARK}\n):\n    c = 2\n", (3, 6), id="except"),
        pytest.param(f"if a: b = f(  {MARK}\n  1)\nc = 2\n", (1, 2), id="body behind the colon"),
        pytest.param(f"a = 1; b = f(\n  2)  {MARK}\nc = 3\n", (1, 2), id="second of a line"),
        pytest.param(f"match a:\n    case 1:  {MARK}\n        b = 2\n", (2, 2), id="case"),
        pytest.param(f"a = 1\n{MARK}\nb = 2  # other\n", (3, 3), id="a comment behind the code below"),
        pytest.param(f"a = 1\r\n{MARK}\r\nb = 2\r\n", (3, 3), id="windows' line ends"),
        pytest.param(
            f"def broken(:\n    pass\n\na = 1  {MARK}\n", (4, 4), id="in a file that does not parse"
        ),
        pytest.param(f"{MARK}\n@one(a)\n", (2, 2), id="above a decorator without a function"),
        pytest.param(f"a = 1\n{MARK}\n>>>>>>> topic\nb = 2\n", (3, 4), id="above a conflict marker"),
    ],
)
def test_takes_the_statement(code: str, expected: tuple[int, int]) -> None:
    assert lines(code) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        f'a = "{MARK}"\n',
        f'"""\n{MARK}\n"""\n',
        f"a = f'''\n{MARK}\n'''\n",
        f"a = 1\n{MARK}\n",
        "a = 1  # ssot: this is the canonical place\n",
        "a = 1  # ssot: ignored by intent\n",
        "a = 1  # see ssot: ignore[one] because x\n",
        "a = 1  # SSOT: ignore[one] because x\n",
    ],
)
def test_leaves_other_text_alone(code: str) -> None:
    assert read(code) == ((), ())


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("ignore[one]", "no reason"),
        ("ignore[one] because", "no reason"),
        ("ignore[one] because  ", "no reason"),
        ("ignore[one] until=2025-12-31", "no reason"),
        ("ignore because it is so", "names no rule"),
        ("ignore", "names no rule"),
        ("ignore[] because x", "names no rule"),
        ("ignore[one, three] because x", "no rule 'three'"),
        ("ignore[unexplained-ignore] because x", "no rule 'unexplained-ignore'"),
        ("ignore[one] until=2025-13-31 because x", "'2025-13-31' is not a date"),
        ("ignore[one] until=soon because x", "'soon' is not a date"),
        ("ignore[one] until=20251231 because x", "'20251231' is not a date"),
        ("ignore[one] until= because x", "'' is not a date"),
        ("ignore[one]: x", "its syntax is invalid"),
        ("ignore[one] x", "its syntax is invalid"),
        ("ignore one because x", "its syntax is invalid"),
    ],
)
def test_reports_what_says_too_little(comment: str, words: str) -> None:
    found, problems = read(f"a = 1\nb = 2  # ssot: {comment}\n")
    assert found == ()
    ((line, message),) = problems
    assert line == 2
    assert words in message
    assert "# ssot: ignore[rule-id] because <reason>" in message


def test_a_report_names_the_scope_and_has_its_own_role() -> None:
    code = "class A:\n    def f(self):\n        return 1  # ssot: ignore[one]\n"
    ((), (hit,)) = read_suppressions(Source("a.py", code.encode()), RULES)
    assert (hit.role, hit.scope, hit.low) == ("unexplained-ignore", "A.f", True)
    assert (hit.location.line, hit.location.column, hit.location.snippet) == (
        3,
        19,
        "return 1  # ssot: ignore[one]",
    )


PLAN = read_plan(
    """
version: 1
name: One
rules: [{id: one, kind: singleton, names: [Hub]}, {id: two, kind: singleton}]
""",
    "plan.yaml",
)


def found(repo: GitDir, as_of: date | None = None) -> list[tuple[str, int, str, bool, str]]:
    """Path, line, rule, whether suppressed and why, of every finding of the newest commit."""
    with open_repository(str(repo.path)) as repository, Walker(repository, PLAN, as_of=as_of) as walker:
        (visit,) = walker.walk(["HEAD"])
        return [
            (path, f.line, f.rule, f.suppressed, f.reason)
            for path, result in visit.files.items()
            for f in result.findings
        ]


def test_a_scan_accepts_what_a_comment_explains(tmp_path: Path) -> None:
    repo = GitDir.create(tmp_path)
    repo.commit("Hub", {"a.py": "hub = Hub()  # ssot: ignore[one] because read only\n"})
    assert found(repo) == [("a.py", 1, "one", True, "read only"), ("a.py", 1, "two", False, "")]


@pytest.mark.parametrize(
    ("as_of", "suppressed"),
    [(None, True), (date(2025, 9, 1), True), (date(2025, 9, 2), False)],
)
def test_a_scan_judges_the_last_day_by_the_commit(
    tmp_path: Path, as_of: date | None, suppressed: bool
) -> None:
    repo = GitDir.create(tmp_path)
    comment = "# ssot: ignore[one, two] until=2025-09-01 because soon gone\n"
    repo.commit("Hub", {"a.py": f"{comment}hub = Hub()\n"})
    assert [finding[3] for finding in found(repo, as_of)] == [suppressed, suppressed]


@pytest.mark.parametrize(
    ("when", "suppressed"),
    [
        ("1756771199 +0200", True),  # 23:59:59 UTC on the last day, which is the next day there
        ("1756771200 -0200", False),  # midnight UTC, still the last day there
    ],
)
def test_the_last_day_ends_at_midnight_utc(tmp_path: Path, when: str, suppressed: bool) -> None:
    comment = "# ssot: ignore[one, two] until=2025-09-01 because soon gone\n"
    write_history(tmp_path / "r.git", [Commit({"a.py": f"{comment}hub = Hub()\n"}, when=when)])
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        (visit,) = walker.walk(["HEAD"])
        findings = [finding for result in visit.files.values() for finding in result.findings]
    assert [finding.suppressed for finding in findings] == [suppressed, suppressed]


def test_a_scan_reports_a_comment_that_explains_nothing_where_no_rule_looks(tmp_path: Path) -> None:
    repo = GitDir.create(tmp_path)
    repo.commit("Text", {"a.py": "x = 1\ny = 2  # ssot: ignore[one]\n"})
    assert found(repo) == [("a.py", 2, "unexplained-ignore", False, "")]
