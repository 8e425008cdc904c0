"""The code quality report as GitLab documents it: an array of problems with unique fingerprints."""

import json
import re
from dataclasses import replace

from scanner.formats import code_quality
from scanner.model import RISKS, RepoPath
from tests.scanner.reports import CHECK, EMPTY, FINDING, SCAN, SILENCED, WORST

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def test_each_problem_has_what_gitlab_requires() -> None:
    found = json.loads(next(code_quality.scan(SCAN)))
    worst = found[0]
    assert worst["check_name"] == WORST.rule
    assert worst["description"].startswith("Shared by all users: module-state")
    assert worst["severity"] == "blocker"
    assert worst["location"]["lines"] == {"begin": 9}
    for problem in found:
        assert set(problem) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert problem["severity"] in SEVERITIES
        assert re.fullmatch("[0-9a-f]{32}", problem["fingerprint"])
        assert not problem["location"]["path"].startswith(("/", "./"))


def test_each_risk_has_a_severity_of_its_own() -> None:
    findings = tuple(replace(FINDING, risk=risk, line=line) for line, risk in enumerate(RISKS, 1))
    found = json.loads(next(code_quality.scan(replace(SCAN, findings=findings))))
    assert [problem["severity"] for problem in found] == ["blocker", "critical", "major", "minor"]


def test_the_same_code_in_two_files_is_two_problems() -> None:
    twin = replace(FINDING, path=RepoPath("app/twin.py"))
    found = json.loads(next(code_quality.scan(replace(SCAN, findings=(FINDING, twin)))))
    assert len({problem["fingerprint"] for problem in found}) == 2


def test_a_line_that_moves_keeps_its_fingerprint() -> None:
    below = replace(FINDING, line=90, end_line=90)
    one, other = (
        json.loads(next(code_quality.scan(replace(SCAN, findings=(finding,)))))
        for finding in (FINDING, below)
    )
    assert one[0]["fingerprint"] == other[0]["fingerprint"]
    assert one[0]["location"] != other[0]["location"]


def test_suppressed_findings_are_left_out_and_nothing_is_an_empty_array() -> None:
    assert json.loads(next(code_quality.scan(replace(SCAN, findings=(SILENCED,))))) == []
    assert json.loads(next(code_quality.scan(EMPTY))) == []


def test_a_check_reports_what_makes_it_fail() -> None:
    found = json.loads(next(code_quality.check(CHECK)))
    assert len(found) == len(CHECK.brought) > 0


def test_a_path_is_that_of_the_repository() -> None:
    found = json.loads(
        next(code_quality.scan(replace(SCAN, findings=(replace(FINDING, path=RepoPath("a\\\\b.py")),))))
    )
    assert found[0]["location"]["path"] == "a\\b.py"
