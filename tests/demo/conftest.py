"""The demonstration, written once, and what the engine says about each of its commits."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance.management.demo import build, plan_text
from scanner import FileResult, Revision, Tally, Walker, open_repository, read_plan


@dataclass(frozen=True)
class Counted:
    """One commit of the first-parent line as the engine counted it."""

    revision: Revision
    tally: Tally
    files: dict[str, FileResult]


class Repository:
    """Git's own answers about the repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *command: str) -> str:
        """Standard output of one git command. Raises CalledProcessError."""
        done = subprocess.run(["git", *command], cwd=self.path, capture_output=True, text=True, check=True)
        return done.stdout

    def lines(self, *command: str) -> list[str]:
        """The same, line by line."""
        return self.git(*command).splitlines()

    def check_out(self, revision: str, folder: Path) -> Path:
        """The files of a revision in a new folder."""
        folder.mkdir()
        archive = subprocess.run(["git", "archive", revision], cwd=self.path, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
        return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    path = tmp_path_factory.mktemp("demo") / "demonstration.git"
    build(path)
    return Repository(path)


@pytest.fixture(scope="session")
def counted(demo: Repository) -> Iterator[list[Counted]]:
    """Every commit of the trend's line, oldest first."""
    plan = read_plan(plan_text(), "ssot-plan.yaml")
    shas = demo.lines("log", "--first-parent", "--reverse", "--format=%H")
    with open_repository(str(demo.path)) as repository:
        walker = Walker(repository, plan)
        yield [
            Counted(visit.revision, visit.tally, {str(path): r for path, r in visit.files.notable.items()})
            for visit in walker.walk(shas)
        ]
        walker.close()


@pytest.fixture(scope="session")
def status(demo: Repository, counted: list[Counted]) -> Counted:
    """The commit of #1274's status."""
    sha = demo.git("rev-parse", "status-1274^{commit}").strip()
    return next(commit for commit in counted if commit.revision.sha == sha)
