"""Runs the blocks of a page like a reader does: in a checkout of its own, one after the other."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.docs.fences import PROJECT, Block
from tests.processes import free_port, wait

SECONDS = 600.0
_HIDDEN = {"DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE", "SSOT_TEST_SESSION", "DATA_DIR"}
_HIDDEN |= {"SECRET_KEY", "PYTHONPATH", "XDG_DATA_HOME", "XDG_CACHE_HOME", "VIRTUAL_ENV"}

# A reader's shell remembers the folder and the variables between two blocks.
_SHELL = """
set -euo pipefail
trap 'pwd > "$WALK/folder"; export -p > "$WALK/variables"' EXIT
[ ! -e "$WALK/folder" ] || cd "$(cat "$WALK/folder")"
[ ! -e "$WALK/variables" ] || . "$WALK/variables"
"""


class Walk:
    """A checkout and a home folder in which blocks are run. Ends what they started on exit."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.checkout = folder / "checkout"
        self.port = free_port()
        self.printed = ""
        self._memory = folder / "memory"
        self._running: list[subprocess.Popen[str]] = []
        self.home.mkdir()
        self._memory.mkdir()
        check_out(self.checkout)

    def __enter__(self) -> "Walk":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        for process in self._running:
            process.wait(SECONDS)
        for data in (self.checkout / "var", self.home / ".local" / "share" / "ssot-compliance"):
            # Started by root, the database is outside of the data folder.
            shutil.rmtree((data / "postgres").resolve(), ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a reader who has activated nothing."""
        kept = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
        programs = [str(self.home / ".local" / "bin"), str(Path(sys.executable).parent), kept["PATH"]]
        return {
            **kept,
            "HOME": str(self.home),
            "PATH": ":".join(programs),
            "PORT": str(self.port),
            "WALK": str(self._memory),
        }

    def run(self, block: Block) -> str:
        """Run a block and return what it printed. One that doesn't end is left running once it is ready."""
        if block.kind == "runs until stopped":
            return self._begin(block)
        done = subprocess.run(
            ["bash", "-c", _SHELL + block.text],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{block.name}\n{block.text}\n{done.stdout}{done.stderr}"
        self.printed += done.stdout
        return done.stdout

    def _begin(self, block: Block) -> str:
        process = subprocess.Popen(
            ["bash", "-c", _SHELL + block.text],
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running.append(process)
        lines: list[str] = []

        def read() -> None:
            assert process.stdout is not None
            lines.extend(iter(process.stdout.readline, ""))

        # `extend` appends line by line, so the words are seen while the program is running.
        threading.Thread(target=read, daemon=True).start()
        wait(lambda: block.words in "".join(lines) or process.poll() is not None, SECONDS)
        text = "".join(lines)
        assert process.poll() is None, f"{block.name}\n{text}"
        self.printed += text
        return text


def check_out(folder: Path) -> None:
    """Make a repository of the project's files as they are here, with the packages that are installed here.

    The files are older than those packages, so `make` installs nothing.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, target = PROJECT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
            os.utime(target, (0, 0))
    (folder / ".venv").symlink_to(Path(sys.prefix))
    (folder / "node_modules").symlink_to((PROJECT / "node_modules").resolve())
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet", "--initial-branch", "main"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "The project"], check=True)
