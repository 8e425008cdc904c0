"""Reports on disk: kept, shared, replaced when broken, pruned, and never a reason to stop."""

import multiprocessing
import os
import sqlite3
from pathlib import Path

import pytest

from scanner import RepoPath, ReportStore
from scanner.engine.analyzer import EMPTY, FileReport
from scanner.engine.cache import default_store_path
from scanner.engine.codec import pack, unpack
from scanner.model import Suppression
from scanner.python.source import Location
from scanner.rules.base import Hit, RuleReport

A, B = (RepoPath("a.py"), "1" * 40), (RepoPath("b.py"), "1" * 40)


def test_a_report_survives_packing() -> None:
    hit = Hit(Location(1, 2, 3, 4, "x = 'é\udcff'"), "call", "lib.old", "A.f", low=True, message="m")
    report = FileReport(
        {"rule": RuleReport((hit,), {"key": [1, {"a": None}]}, ["pending"], 3)},
        (4, "syntax error"),
        "",
        tainted=True,
        defined=("A", "A.f"),
        suppressions=(Suppression(1, 2, ("rule",), "because"),),
    )
    assert unpack(pack(report)) == report
    assert pack(EMPTY) == b""
    assert unpack(b"") is EMPTY
    assert unpack(pack(FileReport())) is EMPTY


def test_reports_are_found_by_path_blob_and_plan(tmp_path: Path) -> None:
    store = ReportStore(tmp_path / "s")
    store.put_many("plan", {A: b"said"})
    assert store.get_many("plan", [A, B]) == {A: b"said"}
    assert store.get_many("other", [A]) == {}
    store.close()
    again = ReportStore(tmp_path / "s")
    assert again.get_many("plan", [A]) == {A: b"said"}
    again.close()


def test_a_text_that_says_nothing_is_known_wherever_it_stands(tmp_path: Path) -> None:
    store = ReportStore(tmp_path / "s")
    store.put_many("plan", {A: b""})
    assert store.get_many("plan", [A, B]) == {A: b"", B: b""}
    store.close()


def test_an_empty_report_costs_next_to_nothing(tmp_path: Path) -> None:
    store = ReportStore(tmp_path / "s")
    store.put_many("plan", {(RepoPath(f"{n}.py"), f"{n:040}"): b"" for n in range(20_000)})
    store.close()
    assert (tmp_path / "s").stat().st_size < 20_000 * 50


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000, b""])
def test_a_broken_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s").write_bytes(content)
    store = ReportStore(tmp_path / "s")
    store.put_many("plan", {A: b"said"})
    store.close()
    again = ReportStore(tmp_path / "s")
    assert again.get_many("plan", [A]) == {A: b"said"}
    again.close()


def test_another_programs_database_is_replaced(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s") as other:
        other.execute("CREATE TABLE plans (x)")
    other.close()
    store = ReportStore(tmp_path / "s")
    store.put_many("plan", {A: b"said"})
    assert store.get_many("plan", [A]) == {A: b"said"}
    store.close()
    assert (tmp_path / "s").exists()


def test_a_file_that_breaks_while_it_is_open_is_replaced(tmp_path: Path) -> None:
    store = ReportStore(tmp_path / "s")
    store.put_many("plan", {(RepoPath(f"{n}.py"), "2" * 40): b"x" * 500 for n in range(2000)})
    store.close()
    store = ReportStore(tmp_path / "s")
    with (tmp_path / "s").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 400_000)
    store.get_many("plan", [(RepoPath(f"{n}.py"), "2" * 40) for n in range(2000)])
    store.put_many("plan", {A: b"said"})
    store.put_many("plan", {A: b"said"})
    assert store.get_many("plan", [A]) == {A: b"said"}
    store.close()


def test_without_a_place_to_write_reading_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ReportStore(tmp_path / "file" / "s")
    store.put_many("plan", {A: b"said"})
    assert store.get_many("plan", [A]) == {A: b"said"}
    store.close()


def test_the_plans_that_were_not_used_for_longest_go_first(tmp_path: Path) -> None:
    reports = {(RepoPath(f"{n}.py"), "1" * 40): os.urandom(900) for n in range(200)}
    store = ReportStore(tmp_path / "s")
    store.put_many("first", reports)
    store.close()
    store = ReportStore(tmp_path / "s", bound=(tmp_path / "s").stat().st_size * 5 // 2)
    store.put_many("second", reports)
    store.put_many("third", reports)
    store.close()
    again = ReportStore(tmp_path / "s")
    assert [plan for plan in ("first", "second", "third") if again.get_many(plan, [*reports])] == [
        "second",
        "third",
    ]
    again.close()


def test_of_one_plan_the_reports_stored_first_are_deleted(tmp_path: Path) -> None:
    keys = [(RepoPath(f"{n}.py"), "1" * 40) for n in range(400)]
    store = ReportStore(tmp_path / "s")
    for key in keys:
        store.put_many("plan", {key: os.urandom(900)})
    store._connection.execute("UPDATE reports SET stored_on = stored_on - 10")
    store._connection.commit()
    store.close()
    store = ReportStore(tmp_path / "s", bound=(tmp_path / "s").stat().st_size)
    newer = {(RepoPath(f"newer_{n}.py"), "1" * 40): os.urandom(900) for n in range(100)}
    store.put_many("plan", newer)
    store.close()
    again = ReportStore(tmp_path / "s")
    assert again.get_many("plan", [*newer]) == newer
    assert 0 < len(again.get_many("plan", keys)) < 350
    again.close()


def _write(path: Path, process: int) -> None:
    store = ReportStore(path)
    for number in range(50):
        store.put_many("plan", {(RepoPath(f"{process}-{number}.py"), "1" * 40): b"said"})
    store.close()


def test_processes_share_a_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path / "s", number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    store = ReportStore(tmp_path / "s")
    keys = [(RepoPath(f"{process}-{number}.py"), "1" * 40) for process in range(3) for number in range(50)]
    assert len(store.get_many("plan", keys)) == 150
    store.close()


def test_a_persons_reports_are_in_their_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_store_path() == tmp_path / "ssot-compliance" / "reports.sqlite3"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the specification says to ignore such a value
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_store_path() == tmp_path / "home" / ".cache" / "ssot-compliance" / "reports.sqlite3"
