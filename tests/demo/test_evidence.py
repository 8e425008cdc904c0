"""The evidence of the demonstration is true: its reports say what pytest says of those commits."""

import subprocess
import sys
from pathlib import Path

import pytest

from compliance.evidence.junit import read
from compliance.management.demo import evidence
from compliance.management.demo.history import StoryCommit, commits
from scanner import read_plan
from tests.demo.conftest import Repository

pytestmark = pytest.mark.slow


def planned(subject: str) -> StoryCommit:
    """The only commit of the story whose subject begins so."""
    (commit,) = [commit for commit in commits(0) if commit.subject.startswith(subject)]
    return commit


def full(demo: Repository, commit: StoryCommit) -> str:
    """The SHA of a commit of the story, which is on the line of `main`."""
    lines = [line.split(" ", 1) for line in demo.lines("log", "--first-parent", "--format=%H %s", "main")]
    (sha,) = [sha for sha, subject in lines if subject == commit.subject]
    return sha


@pytest.mark.parametrize(
    "subject", ["docs: where the migration stands", "agents: the actions planner belongs"]
)
def test_reports_say_what_pytest_says(demo: Repository, tmp_path: Path, subject: str) -> None:
    run = planned(subject)
    assert run.story["tested"]
    folder = demo.check_out(full(demo, run), tmp_path / "files")
    written = tmp_path / "junit.xml"
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:django", "-c", "/dev/null", f"--junitxml={written}"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(folder), *evidence.SUITES],
        cwd=folder,
        capture_output=True,
        check=False,
    )

    real, told = (
        sorted((*case.key, case.outcome) for case in read([body]))
        for body in (written.read_bytes(), evidence.report(run))
    )

    assert told == real
    assert len(told) == 213


def test_every_word_is_about_a_commit_and_a_phase_that_wants_it(demo: Repository) -> None:
    plan = read_plan(demo.git("show", "main:ssot-plan.yaml"), "ssot-plan.yaml")
    criteria = [(phase, c) for issue in plan.issues for phase in issue.phases for c in phase.criteria]
    measured = {str(c.options["name"]) for _, c in criteria if c.kind == "measurement"}
    story = [commit for commit in commits(0) if commit.story.keys() & {"tested", "measured", "approved"}]

    assert all(full(demo, commit) for commit in story)
    assert sum(commit.story.get("tested", False) for commit in story) == 13
    readings = [
        (name, text.split()[1]) for commit in story for name, text in commit.story.get("measured", {}).items()
    ]
    assert len(readings) == 16
    assert {name for name, _ in readings} == measured
    assert set(readings) == {
        ("race_conditions", "races"),
        ("contaminations_at_20_users", "contaminations"),
        ("contaminations_at_100_users", "contaminations"),
        ("memory_growth_percent", "%"),
        ("added_ms_per_request", "ms"),
        ("response_time_increase_percent", "%"),
    }
    approved = [c.story["approved"]["phase"] for c in story if "approved" in c.story]
    assert len(approved) == 2
    wanted = [(phase.id, c.options["role"]) for phase, c in criteria if c.kind == "approval"]
    assert all((phase, evidence.ROLE) in wanted for phase in approved)
