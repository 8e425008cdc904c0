"""The command line on a terminal: colours and a bar for a person, a clean end on Ctrl-C."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
PLAN = """\
version: 1
name: Terminal
rules: [{id: old, kind: deprecated-symbol, symbols: [pkg.old.get], risk: critical}]
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitDir:
    made = GitDir.create(tmp_path_factory.mktemp("terminal"))
    files: dict[str, str | bytes | None] = {
        f"app/{number}.py": f"from pkg.old import get\nget({number})\n" for number in range(2000)
    }
    made.commit("Begin", {"ssot-plan.yaml": PLAN, **files})
    made.commit("Go on", {"app/0.py": "x = 1\n"})
    return made


def on_terminal(
    *arguments: object, stdout: int | None = None, stderr: int | None = None, **environment: str
) -> tuple[int, str]:
    """Exit code, and what a terminal gets when it is the stream that was not given."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "scanner", *map(str, arguments)],
        cwd=PROJECT,
        stdout=follower if stdout is None else stdout,
        stderr=follower if stderr is None else stderr,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
    ) as process:
        os.close(follower)
        seen = b""
        while part := _read(leader):
            seen += part
    os.close(leader)
    return process.returncode, seen.decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # Linux says so when the last writer has gone
        return b""


def test_a_person_watching_sees_a_bar_with_rate_and_time_left(repo: GitDir) -> None:
    code, seen = on_terminal("scan", repo.path, "--format", "json", stdout=subprocess.DEVNULL)
    assert code == 0
    assert "files" in seen
    assert "/2000" in seen
    assert "/s" in seen
    assert "0:00:0" in seen


def test_a_history_written_to_a_file_shows_a_bar_of_commits(repo: GitDir) -> None:
    code, seen = on_terminal("history", repo.path, "--format", "csv", stdout=subprocess.DEVNULL)
    assert code == 0
    assert "commits" in seen
    assert "2/2" in seen


def test_the_rows_of_a_history_on_a_terminal_are_not_mixed_with_a_bar(repo: GitDir) -> None:
    code, seen = on_terminal("history", repo.path, "--plan", repo.path / "ssot-plan.yaml")
    assert code == 0
    assert "commits" not in seen
    assert seen.count("\r\n") == 3  # the plan, and a row for each commit


def test_text_on_a_terminal_is_coloured_unless_asked_otherwise(repo: GitDir) -> None:
    _, seen = on_terminal("scan", repo.path, stderr=subprocess.DEVNULL)
    assert "\x1b[1;31mcritical" in seen
    _, seen = on_terminal("scan", repo.path, stderr=subprocess.DEVNULL, NO_COLOR="1")
    assert "\x1b" not in seen


def test_ctrl_c_in_the_middle_ends_the_whole_group_with_130_and_one_word(repo: GitDir) -> None:
    """A terminal sends the signal to the whole group: the children that read files stay silent too."""
    with subprocess.Popen(
        [sys.executable, "-m", "scanner", "history", str(repo.path), "--format", "json"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        # Both pipes stay open and unread, so the run waits with its first long row half written.
        assert process.stdout.read(1) == b"{"
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"interrupted\n")
    deadline = time.monotonic() + 10
    while _lives(process.pid) and time.monotonic() < deadline:  # whoever reaps orphans here may take a while
        time.sleep(0.1)
    assert not _lives(process.pid)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
