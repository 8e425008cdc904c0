"""The evidence of the demonstration is true: its reports say what pytest says of those commits."""

import subprocess
import sys
from pathlib import Path

import pytest

from compliance.demo import proofs
from compliance.evidence.junit import read
from scanner import read_plan
from tests.demo.conftest import Repository


def full(demo: Repository, subject: str) -> str:
    """The SHA of the only commit whose subject begins so."""
    lines = [line.split(" ", 1) for line in demo.lines("log", "--first-parent", "--format=%H %s", "main")]
    (sha,) = [sha for sha, told in lines if told.startswith(subject)]
    return sha


@pytest.mark.parametrize(
    "subject", ["docs: where the migration stands", "agents: the actions planner belongs"]
)
def test_reports_say_what_pytest_says(demo: Repository, tmp_path: Path, subject: str) -> None:
    run = next(run for run in proofs.RUNS if run.startswith(subject))
    folder = demo.check_out(full(demo, run), tmp_path / "files")
    written = tmp_path / "junit.xml"
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:django", "-c", "/dev/null", f"--junitxml={written}"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(folder), *proofs.SUITES],
        cwd=folder,
        capture_output=True,
        check=False,
    )

    real, told = (
        sorted((*case.key, case.outcome) for case in read([body]))
        for body in (written.read_bytes(), proofs.report(run))
    )

    assert told == real
    assert len(told) == 213


def test_every_word_is_about_a_commit_and_a_phase_that_wants_it(demo: Repository) -> None:
    plan = read_plan(demo.git("show", "main:ssot-plan.yaml"), "ssot-plan.yaml")
    criteria = [(phase, c) for issue in plan.issues for phase in issue.phases for c in phase.criteria]
    measured = {str(c.options["name"]) for _, c in criteria if c.kind == "measurement"}

    for subject in {*proofs.RUNS, *(reading[0] for reading in proofs.READINGS)}:
        assert full(demo, subject)
    assert {reading[1] for reading in proofs.READINGS} == measured
    for word in proofs.WORDS:
        assert full(demo, word.subject)
        wanted = [(phase.id, c.options["role"]) for phase, c in criteria if c.kind == "approval"]
        assert (word.phase, word.role) in wanted
