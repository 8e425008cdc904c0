"""Runs commands without a network, with a home of their own, and with one folder that they may write to."""

import os
import shlex
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_ENTER = 'mount --bind "$0" "$0" && mount --rbind / / && mount -o remount,ro,bind / && exec "$@"'
"""The folder stays writable because it is a mount of its own; the file system around it becomes read-only."""

_NAMESPACES = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child")


@dataclass(frozen=True)
class Sandbox:
    """The folder that may be written to, the Python that runs in it, and its import path."""

    folder: Path
    python: str
    import_path: tuple[str, ...]

    def run(self, arguments: list[str], copy: Path, stdin: str = "", seconds: int = 3600) -> str:
        """Return what a command of this Python prints in a copy of the repository, whatever its exit code."""
        return self._start([self.python, *arguments], copy, stdin, seconds).stdout

    def shell(self, command: str, copy: Path) -> None:
        """Run a shell command in a copy. Raises RuntimeError if it fails."""
        done = self._start(["sh", "-c", command], copy, "", 600)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr[-500:]}")

    @cached_property
    def is_closed(self) -> bool:
        """Return whether this system lets us create the namespaces."""
        return self._start(["true"], self.folder, "", 60, closed=True).returncode == 0

    def _start(
        self, command: list[str], copy: Path, stdin: str, seconds: int, *, closed: bool | None = None
    ) -> subprocess.CompletedProcess[str]:
        enter: list[str] = []
        if self.is_closed if closed is None else closed:
            enter = [*_NAMESPACES, "sh", "-c", _ENTER, str(self.folder)]
        return subprocess.run(
            [*enter, "sh", "-c", f"cd {shlex.quote(str(copy))} && exec {shlex.join(command)}"],
            cwd=copy,
            env=self._environment(copy),
            input=stdin,
            text=True,
            errors="replace",
            capture_output=True,
            timeout=seconds,
            check=False,
        )

    def _environment(self, copy: Path) -> dict[str, str]:
        home, temporary = self.folder / "home", self.folder / "tmp"
        for folder in (home, temporary):
            folder.mkdir(exist_ok=True)
        roots = [str(copy / root) for root in self.import_path]
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(roots),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        }
