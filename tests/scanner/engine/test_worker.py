"""A child that reads files: what it sends, and what is known when it ends."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.engine.analyzer import Analyzer, FileReport
from scanner.engine.report_loader import Reports
from scanner.engine.worker import ForkedWorker, LostWorkerError, reader_count
from scanner.git.repository import open_repository
from scanner.model import RepoPath
from scanner.planfile import read_plan
from tests.scanner.factories import PLAN_TEXT
from tests.scanner.history import Commit, write_history


def serve(request: list[int]) -> Iterator[bytes]:
    """Answer each number, and die at a negative one."""
    for number in request:
        if number < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        yield str(number).encode() * number


@pytest.mark.parametrize("is_grouped", [False, True])
def test_every_report_arrives_in_order(*, is_grouped: bool) -> None:
    child = ForkedWorker(serve, is_grouped=is_grouped)
    for request in ([1, 0, 3], [], list(range(300))):
        assert list(child.request(request)) == [str(number).encode() * number for number in request]
        assert child.finished == len(request)
    child.close()


@pytest.mark.parametrize("is_grouped", [False, True])
def test_a_child_that_ends_has_finished_the_files_before(*, is_grouped: bool) -> None:
    child = ForkedWorker(serve, is_grouped=is_grouped)
    with pytest.raises(LostWorkerError):
        list(child.request([1, 2, 3, -1, 4]))
    assert child.finished == 3
    child.close()


def test_only_the_files_that_end_a_child_have_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {f"m{number}.py": f"x = {number}\n" for number in range(60)}
    (sha,) = write_history(tmp_path / "r", [Commit(contents)])
    analyze = Analyzer.analyze

    def harmful(self: Analyzer, path: RepoPath, content: bytes) -> FileReport:
        if path in {"m7.py", "m8.py", "m40.py"}:
            os.kill(os.getpid(), signal.SIGKILL)
        return analyze(self, path, content)

    monkeypatch.setattr(Analyzer, "analyze", harmful)
    with open_repository(str(tmp_path / "r")) as repository:
        reports = Reports(repository, read_plan(PLAN_TEXT, "plan.yaml"), None, processes=2)
        keys = [(RepoPath(path.decode()), blob) for path, blob in repository.files(sha)]
        found = reports.deliver(reports.order(keys))
        reports.close()
    assert len(found) == 60
    assert {path for (path, _), report in found.items() if report.fault} == {"m7.py", "m8.py", "m40.py"}


def test_there_is_a_reader_for_each_core() -> None:
    assert reader_count() == min(len(os.sched_getaffinity(0)), 8)
