"""Runs commands without a network, with a home of their own, and with one folder that they may write to."""

import os
import shlex
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_ENTER = 'mount --bind "$0" "$0" && mount --rbind / / && mount -o remount,ro,bind / && exec "$@"'
"""The folder `$0` stays writable because it is a mount of its own; everything around it becomes read-only."""

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
        """Run a shell command, which may change the copy. Raises RuntimeError if it fails."""
        done = self._start(["sh", "-c", command], copy, "", 600, writable=self.folder)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr[-500:]}")

    @cached_property
    def is_closed(self) -> bool:
        """Return whether this system lets us create the namespaces."""
        return self._start(["true"], self.folder, "", 60, closed=True).returncode == 0

    def _start(
        self,
        command: list[str],
        copy: Path,
        stdin: str,
        seconds: int,
        *,
        closed: bool | None = None,
        writable: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that may write to its home and to a temporary folder, and to nothing else.

        Otherwise a script of the repository, which is imported like a module, could change the other modules.
        """
        enter: list[str] = []
        environment = self._environment(copy)
        if self.is_closed if closed is None else closed:
            enter = [*_NAMESPACES, "sh", "-c", _ENTER, str(writable or self.folder / "own")]
        return subprocess.run(
            [*enter, "sh", "-c", f"cd {shlex.quote(str(copy))} && exec {shlex.join(command)}"],
            cwd=copy,
            env=environment,
            input=stdin,
            text=True,
            errors="replace",
            capture_output=True,
            timeout=seconds,
            check=False,
        )

    def _environment(self, copy: Path) -> dict[str, str]:
        home, temporary = self.folder / "own" / "home", self.folder / "own" / "tmp"
        for folder in (home, temporary):
            folder.mkdir(parents=True, exist_ok=True)
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
