"""`python -m scanner fix` as a person runs it: real repositories, real `git apply` and `git am`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner import Rewrite, Selection, open_repository, read_plan, rewrite_file
from scanner.model import decode_path
from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
PLAN = """\
version: 1
name: Factory
categories: {test: ["tests/**"]}
rules:
  - id: factory
    kind: deprecated-symbol
    symbols: [app.factory.get_factory, app.factory._factory]
    replacement: {symbol: app.factory.create_factory, arguments: {user: app.user.User}}
  - {id: left, kind: deprecation-warning}
issues:
  - {key: "#7", title: Factories, phases: [{id: first, title: Tests first, categories: [test]},
                                           {id: rest, title: The code}]}
"""
FACTORY = """\
import warnings

from app.user import User


class Factory:
    pass


_factory = None


def get_factory():
    global _factory
    if _factory is None:
        _factory = Factory()
    return _factory


def create_factory(user: User) -> Factory:
    if user is None:
        warnings.warn("soon deprecated", DeprecationWarning)
    return Factory()
"""
USE = """\
from app.factory import get_factory
from app.user import User


def run(user: User):
    return get_factory()


def report():
    return get_factory()
"""
TEST = """\
from unittest.mock import patch
from app.factory import get_factory


def test_it(user):
    with patch("app.factory.get_factory"):
        assert get_factory()
"""
CONFTEST = "import pytest\n\n\n@pytest.fixture\ndef user():\n    return object()\n"


@pytest.fixture
def repo(tmp_path: Path) -> GitDir:
    made = GitDir.create(tmp_path / "repo")
    made.commit(
        "Begin",
        {
            "ssot-plan.yaml": PLAN,
            "app/__init__.py": "",
            "app/user.py": "class User:\n    pass\n",
            "app/factory.py": FACTORY,
            "app/use.py": USE,
            "app/crlf.py": USE.replace("def report():\n    return get_factory()\n", "").replace("\n", "\r\n"),
            "tests/test_it.py": TEST,
            "tests/conftest.py": CONFTEST,
        },
    )
    return made


def fix(repo: GitDir, *arguments: str) -> tuple[int, bytes, str]:
    command = [sys.executable, "-m", "scanner", "fix", str(repo.path), *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def test_the_patch_applies_and_a_second_run_has_nothing_to_do(repo: GitDir, tmp_path: Path) -> None:
    code, patch, said = fix(repo)
    assert code == 0
    assert "app/use.py:10: factory/call: no User available on line 10: add a parameter" in said
    assert "still used" in said
    (tmp_path / "fix.patch").write_bytes(patch)
    repo.git("apply", "--check", str(tmp_path / "fix.patch"))
    repo.git("apply", str(tmp_path / "fix.patch"))
    assert "return create_factory(user)" in (repo.path / "app/use.py").read_text()
    assert b"return create_factory(user)\r\n" in (repo.path / "app/crlf.py").read_bytes()
    assert "warnings" not in (repo.path / "app/factory.py").read_text()
    repo.commit("Fix")
    assert fix(repo)[:2] == (0, b"")


def test_the_series_is_taken_by_git_am_one_commit_a_phase(repo: GitDir, tmp_path: Path) -> None:
    _, mailbox, _ = fix(repo, "--series")
    (tmp_path / "series.mbox").write_bytes(mailbox)
    repo.git("am", "-q", str(tmp_path / "series.mbox"))
    assert repo.git("log", "--format=%s", "-2").splitlines() == ["#7: The code", "#7: Tests first"]
    body = repo.git("log", "-1", "--format=%b")
    assert "Issue: #7 Factories" in body
    assert "Phase: rest The code" in body
    assert repo.git("diff", "--name-only", "HEAD~1", "HEAD~2").splitlines() == ["tests/test_it.py"]
    raw = (repo.path / "app/crlf.py").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n") == 8


def test_write_changes_the_work_tree_or_nothing(repo: GitDir) -> None:
    (repo.path / "tests/test_it.py").write_text(TEST + "# mine\n")
    code, out, said = fix(repo, "--write")
    assert (code, out) == (2, b"")
    assert "differs from the revision" in said
    assert "get_factory()" in (repo.path / "app/use.py").read_text()
    (repo.path / "tests/test_it.py").write_text(TEST)
    assert fix(repo, "--write")[0] == 0
    assert "create_factory(user)" in (repo.path / "app/use.py").read_text()


def test_a_selection_leaves_the_rest_alone(repo: GitDir) -> None:
    assert b"app/" not in fix(repo, "--phase", "first")[1]
    assert fix(repo, "--rule", "left", "--path", "app/**")[1].count(b"diff --git") == 1
    code, _, said = fix(repo, "--rule", "lost")
    assert code == 2
    assert "the plan has no rule 'lost'; it has factory, left" in said


def rewrite_one(repo: GitDir, path: str, selection: Selection | None = None) -> Rewrite:
    with open_repository(str(repo.path)) as repository:
        sha = repository.resolve()
        plan = read_plan(PLAN, "plan.yaml")
        return rewrite_file(
            repository, sha, decode_path(path.encode()), plan, selection=selection or Selection()
        )


def test_the_web_side_gets_one_file_the_others_being_as_they_are(repo: GitDir, tmp_path: Path) -> None:
    found = rewrite_one(repo, "app/use.py")
    assert [finding.line for finding in found.fixed] == [6]
    assert {refusal.line for refusal in found.refused} == {1, 10}
    (tmp_path / "one.patch").write_bytes(found.patch)
    repo.git("apply", str(tmp_path / "one.patch"))
    assert (repo.path / "app/use.py").read_bytes() == found.after
    definition = rewrite_one(repo, "app/factory.py")
    assert b"DeprecationWarning" not in definition.after
    assert any(refusal.waits and "still used" in refusal.reason for refusal in definition.refused)


def test_no_process_is_left_after_one_file(repo: GitDir) -> None:
    def children() -> set[str]:
        return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())

    before = children()
    assert rewrite_one(repo, "app/use.py").changed
    assert children() == before


def test_a_file_without_findings_or_that_is_not_there_is_left(repo: GitDir) -> None:
    for path in ("app/user.py", "app/lost.py"):
        found = rewrite_one(repo, path)
        assert not found.changed
        assert found.patch == b""
    assert not rewrite_one(repo, "app/use.py", Selection(rules=("left",))).changed
