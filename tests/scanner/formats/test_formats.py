"""The text, json and csv formats: what a person reads, and what a program reads back."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace

from scanner.formats import Row
from scanner.formats import csv as csv_format
from scanner.formats import json as json_format
from scanner.formats.text import Text
from tests.scanner.reports import CHECK, EMPTY, FINDING, PLAN, REVISION, ROW, SCAN, WORST


def test_json_scan_has_the_documented_shape() -> None:
    (line,) = json_format.scan(SCAN)
    value = json.loads(line)
    assert list(value) == [
        "schema",
        "commit",
        "plan",
        "compliance",
        "violations",
        "files_with_violations",
        "suppressed",
        "sites",
        "by",
        "files_by",
        "findings",
        "unparsed",
        "skipped",
    ]
    assert value["schema"] == 1
    assert value["commit"] == REVISION.sha
    assert value["plan"] == {"name": "Small", "digest": PLAN.digest}
    assert value["compliance"] == {"percent": 87.2, "clean": 804, "files": 922, "categories": ["production"]}
    assert value["sites"] == {"old": 12, "new": 1}
    assert value["by"]["risk"] == {"critical": 1, "high": 0, "medium": 1, "low": 0}
    assert value["unparsed"] == [{"path": "app/broken.py", "line": 7, "reason": "syntax error"}]
    assert value["skipped"] == [{"path": "app/huge.py", "reason": "has 9,000,000 bytes"}]
    assert value["findings"][0] == {
        "path": "app/a.py",
        "line": 3,
        "column": 5,
        "end_line": 3,
        "end_column": 10,
        "rule": "old",
        "role": "match",
        "symbol": "pkg.old",
        "scope": "run",
        "risk": "medium",
        "category": "production",
        "issues": ["#1"],
        "phases": ["first"],
        "fingerprint": "f1",
        "message": "Use new",
        "suppressed": False,
    }
    assert value["findings"][1]["reason"] == "measured, see #7"
    assert value["findings"][2]["path"] == WORST.path


def test_json_without_files_has_no_percentage() -> None:
    assert json.loads(next(iter(json_format.scan(EMPTY))))["compliance"]["percent"] is None


def test_json_history_is_one_object_a_line_without_findings() -> None:
    lines = list(json_format.history([ROW, ROW]))
    assert len(lines) == 2
    value = json.loads(lines[0])
    assert "findings" not in value
    assert value["committed_at"] == "2025-09-01T14:00:00+02:00"
    assert (value["author"], value["subject"]) == (REVISION.author, REVISION.subject)
    assert (value["new"], value["fixed"]) == (3, 0)
    assert value["compliance"]["clean"] == 804


def test_history_rows_come_as_they_are_known() -> None:
    def rows() -> Iterator[Row]:
        yield ROW
        raise AssertionError("asked for more than was printed")

    for history in (json_format.history, Text().history):
        assert next(iter(history(rows())))


def test_json_check_says_base_and_what_moved() -> None:
    value = json.loads(next(iter(json_format.check(CHECK))))
    assert (value["base"], value["base_reason"], value["head"]) == (
        "c" * 40,
        "where the two parted",
        REVISION.sha,
    )
    assert [finding["fingerprint"] for finding in value["new"]] == ["f2"]
    assert value["moved"][0]["by"] == "scope"
    assert (value["moved"][0]["before"]["line"], value["moved"][0]["after"]["line"]) == (3, 8)
    assert value["cannot_tell"][0]["path"] == "app/huge.py"


def test_csv_reads_back_and_holds_no_formula() -> None:
    (header, row) = csv.reader(csv_format.history([ROW]))
    value = dict(zip(header, row, strict=True))
    assert value["percent"] == "87.2"
    assert value["author"] == "Zoë"
    assert value["subject"] == """'=cmd("x"), then\\x1b[31m more"""
    assert (value["new"], value["fixed"], value["violations"]) == ("3", "0", "2")


def test_csv_without_files_leaves_the_percentage_empty() -> None:
    (header, row) = csv.reader(csv_format.history([replace(ROW, tally=EMPTY.tally)]))
    assert dict(zip(header, row, strict=True))["percent"] == ""


def test_text_is_by_file_worst_first_with_one_summary_line() -> None:
    lines = list(Text().scan(SCAN))
    assert lines == [
        "app/b c\\u2028é\\\\xff.py".replace("\\\\", "\\"),
        "        9:5  critical  state/module-state  RUNS = {}\\x1b[2J  Shared by all users",
        "app/a.py",
        "        1:5  medium    old/match  x = old()  Use new  (suppressed: measured, see #7)",
        "        3:5  medium    old/match  x = old()  Use new",
        "app/broken.py:7: does not parse: syntax error",
        "app/huge.py: skipped: has 9,000,000 bytes",
        "",
        f"plan {SCAN.plan.name}, digest {SCAN.plan.digest}",
        "87.2% compliant (804 of 922 files) · 2 violations in 2 files · sites 12 old, 1 new · 1 suppressed"
        " · 1 unparsed · 1 skipped",
    ]


def test_files_of_equal_risk_are_ordered_by_number_then_path() -> None:
    twice = [replace(FINDING, path="z.py"), replace(FINDING, path="z.py", line=8)]  # type: ignore[arg-type]
    report = replace(SCAN, findings=(FINDING, replace(FINDING, path="0.py"), *twice))  # type: ignore[arg-type]
    assert [line for line in Text().scan(report) if line.endswith(".py")] == ["z.py", "0.py", "app/a.py"]


def test_text_has_colours_only_when_asked_and_never_those_of_the_repository() -> None:
    assert not any("\x1b" in line for line in Text().scan(SCAN))
    coloured = list(Text(colours=True).scan(SCAN))
    assert any("\x1b[1;31mcritical" in line for line in coloured)
    assert not any("\x1b[2J" in line for line in coloured)
    assert "\x1b[31m more" not in next(iter(Text(colours=True).history([ROW])))


def test_text_without_files_says_so() -> None:
    assert list(Text().scan(EMPTY))[-1].startswith("n/a compliant (0 of 0 files)")


def test_text_history_is_one_line_a_commit() -> None:
    (line,) = Text().history([ROW])
    assert line.startswith("2025-09-01 aaaaaaaaaa  87.2%     804/922     2 +3")
    assert line.endswith('Zoë =cmd("x"), then\\x1b[31m more')


def test_text_check_names_the_base_and_the_verdict() -> None:
    lines = list(Text().check(CHECK))
    assert lines[-2:] == [
        "base cccccccccc: where the two parted",
        "1 new, 1 fixed, 1 moved; 1 changed file could not be judged",
    ]
    assert "app/huge.py: cannot be judged: has 9,000,000 bytes" in lines
