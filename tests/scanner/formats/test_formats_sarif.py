"""SARIF as code scanning takes it: valid 2.1.0, with fingerprints, suppressions, help and encoded paths."""

import gzip
import json
import random
import tomllib
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from sarif_pydantic import Sarif

from scanner.formats import sarif
from scanner.model import Fault, Finding, RepoPath, encode_path
from tests.scanner.reports import CHECK, EMPTY, FINDING, PLAN, SCAN, SILENCED, WORST


def run(text: str) -> dict[str, Any]:
    (only,) = json.loads(text)["runs"]
    return dict(only)


SCANNED = run(next(sarif.scan(SCAN)))


def lost(value: Any, back: Any, where: str = "") -> list[str]:
    """The keys that a model of the standard does not know, or reads as something else."""
    if isinstance(value, dict):
        return [
            problem
            for key, part in value.items()
            for problem in (lost(part, back[key], f"{where}.{key}") if key in back else [f"{where}.{key}"])
        ]
    if isinstance(value, list):
        return [
            p for i, (a, b) in enumerate(zip(value, back, strict=True)) for p in lost(a, b, f"{where}[{i}]")
        ]
    return [] if value == back else [where]


@pytest.mark.parametrize("text", [next(sarif.scan(SCAN)), next(sarif.scan(EMPTY)), next(sarif.check(CHECK))])
def test_it_is_valid_sarif_and_nothing_in_it_is_unknown_to_the_standard(text: str) -> None:
    read = Sarif.model_validate_json(text, strict=False)
    back = json.loads(read.model_dump_json(by_alias=True, exclude_none=True))
    assert lost(json.loads(text), back) == []
    assert back["version"] == "2.1.0"


def test_the_model_would_notice() -> None:
    text = next(sarif.scan(SCAN))
    assert lost(json.loads(text.replace('"ruleIndex"', '"rulesIndex"')), json.loads(text))
    with pytest.raises(ValueError, match="level"):
        Sarif.model_validate_json(text.replace('"level": "error"', '"level": "dreadful"'))


def test_each_result_has_what_code_scanning_needs() -> None:
    worst, *_ = SCANNED["results"]
    rules = SCANNED["tool"]["driver"]["rules"]
    assert rules[worst["ruleIndex"]]["id"] == worst["ruleId"] == "state"
    assert worst["level"] == "error"
    assert worst["partialFingerprints"] == {"primaryLocationLineHash": "f2"}
    place = worst["locations"][0]["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri
    assert unquote_to_bytes(uri) == encode_path(WORST.path)
    assert place["region"]["startLine"] == 9
    assert place["region"]["endColumn"] == 10
    assert SCANNED["columnKind"] == "unicodeCodePoints"
    assert SCANNED["automationDetails"]["id"] == "ssot-compliance/small/"


def test_a_region_has_both_its_ends() -> None:
    long = replace(FINDING, line=3, column=5, end_line=7, end_column=2)
    (found,) = run(next(sarif.scan(replace(SCAN, findings=(long,)))))["results"]
    assert found["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3,
        "startColumn": 5,
        "endLine": 7,
        "endColumn": 2,
        "snippet": {"text": "x = old()"},
    }


def test_a_path_that_looks_like_an_address_stays_relative() -> None:
    odd = replace(FINDING, path="http:/x.py")  # type: ignore[arg-type]
    found = run(next(sarif.scan(replace(SCAN, findings=(odd,)))))["results"][0]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "http%3A/x.py"


def test_a_suppressed_finding_carries_its_justification() -> None:
    suppressed = [result for result in SCANNED["results"] if "suppressions" in result]
    assert [result["suppressions"] for result in suppressed] == [
        [{"kind": "inSource", "justification": "measured, see #7"}]
    ]


def test_every_rule_of_the_plan_has_help_and_a_level() -> None:
    rules = {rule["id"]: rule for rule in SCANNED["tool"]["driver"]["rules"]}
    assert list(rules) == ["old", "state", "unexplained-ignore"]
    assert rules["state"]["defaultConfiguration"] == {"level": "error"}
    assert rules["old"]["defaultConfiguration"] == {"level": "warning"}
    for rule in rules.values():
        assert rule["shortDescription"]["text"]
        assert rule["help"]["markdown"].startswith("## ")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")


def test_unread_files_are_notified_and_doubt_is_a_failure() -> None:
    notes = SCANNED["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes] == [
        "does not parse: syntax error",
        "skipped: has 9,000,000 bytes",
    ]
    assert notes[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    assert SCANNED["invocations"][0]["executionSuccessful"] is True
    assert run(next(sarif.check(CHECK)))["invocations"][0]["executionSuccessful"] is False


def test_a_check_shows_new_findings_alone() -> None:
    results = run(next(sarif.check(CHECK)))["results"]
    assert [(result["ruleId"], result["baselineState"]) for result in results] == [("state", "new")]


@pytest.mark.slow
def test_more_than_code_scanning_takes_is_cut_worst_first_and_said() -> None:
    many: list[Finding] = [replace(FINDING, line=line) for line in range(1, 25_010)]
    last = replace(FINDING, line=30_000, risk="high")
    report = run(next(sarif.scan(replace(SCAN, findings=(*many, SILENCED, last, WORST)))))
    assert len(report["results"]) == 25_000
    assert report["results"][0]["ruleId"] == "state"
    assert report["results"][-1]["properties"]["risk"] == "high", "a bad one stays though it stands last"
    assert not any("suppressions" in result for result in report["results"])
    notes = [note["message"]["text"] for note in report["invocations"][0]["toolExecutionNotifications"]]
    assert notes[-1].startswith(
        "12 more findings with the lowest risk are left out: code scanning accepts 25,000"
    )


@pytest.mark.slow
def test_a_log_that_is_too_large_to_upload_is_cut_until_it_fits() -> None:
    chance = random.Random(1)
    words = [b64encode(chance.randbytes(900)).decode() for _ in range(12_000)]  # hardly compressible
    many = [replace(FINDING, line=line, snippet=text) for line, text in enumerate(words, 1)]
    faults = [Fault(RepoPath(text), text) for text in words[:2000]]
    text = next(sarif.scan(replace(SCAN, findings=(*many, WORST), unparsed=tuple(faults))))
    size = len(gzip.compress(text.encode()))
    assert 8_000_000 < size < 10_000_000
    report = run(text)
    assert report["results"][0]["ruleId"] == "state"
    notes = [note["message"]["text"] for note in report["invocations"][0]["toolExecutionNotifications"]]
    left = [int(note.partition(" ")[0].replace(",", "")) for note in notes[-2:]]
    assert left == [12_001 - len(report["results"]), 2001 - (len(notes) - 2)]
    assert report["invocations"][0]["executionSuccessful"] is True


def test_a_rule_links_to_the_issue_that_names_it_or_that_it_names() -> None:
    one, other = PLAN.rules
    issue = PLAN.issues[0]
    issues = (
        replace(issue, key="#1", url="https://example.org/1", rules=(one.id,)),
        replace(issue, key="#2", url="https://example.org/2", rules=("none",)),
    )
    plan = replace(PLAN, rules=(one, replace(other, issues=("#2",))), issues=issues)
    rules = run(next(sarif.scan(replace(SCAN, plan=plan))))["tool"]["driver"]["rules"]
    links = {rule["id"]: rule.get("helpUri") for rule in rules}
    expected = {"old": "https://example.org/1", "state": "https://example.org/2", "unexplained-ignore": None}
    assert links == expected


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["version"] == sarif.VERSION
    assert SCANNED["properties"]["planDigest"] == PLAN.digest
