"""A test session leaves nothing behind, whether it ends, is asked to end, or is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import wait

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
WAITING = """
import os, time
from pathlib import Path


def test_that_waits():
    Path("begun").write_text(os.environ["SSOT_TEST_SESSION"])
    time.sleep(600)
"""


def begin(folder: Path) -> tuple["subprocess.Popen[bytes]", Path]:
    """Start a session of its own, whose one test waits; the process and the session's folder."""
    (folder / "test_waiting.py").write_text(WAITING)
    (folder / "conftest.py").write_text("import tests.conftest\n")
    shared = ("SSOT_TEST_SESSION", "DATABASE_URL", "DATA_DIR", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
    environment = {name: value for name, value in os.environ.items() if name not in shared}
    environment |= {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    wait(lambda: (folder / "begun").exists() and (folder / "begun").read_text(), 120)
    return process, Path((folder / "begun").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_session_that_is_asked_to_end_removes_its_folder(tmp_path: Path, number: signal.Signals) -> None:
    process, folder = begin(tmp_path)
    assert (folder / "postgres").is_dir()

    process.send_signal(number)

    assert process.wait(60) == 2  # pytest's code for an interruption
    assert not folder.exists()


def test_the_next_session_removes_the_folder_of_one_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    killed, left = begin(tmp_path / "one")
    killed.kill()
    killed.wait()
    assert left.is_dir()

    living, kept = begin(tmp_path / "two")

    assert not left.exists()
    assert kept.is_dir()
    living.terminate()
    living.wait(60)
    assert Path(os.environ["SSOT_TEST_SESSION"]).is_dir(), "this session goes on"
