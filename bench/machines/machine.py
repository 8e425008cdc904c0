"""A machine: its own data folder and host name, in namespaces of its own where the kernel permits them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bench.product import ROOT

OUTSIDE = ("DATABASE_URL", "BROKER_URL", "DATA_DIR", "SECRET_KEY", "MACHINE_NAME", "SSOT_TEST_SESSION")
_ENTER = """
hostname "$1"
for folder in "$2"/*; do
  [ "$folder" = "$2/$1" ] || mount -t tmpfs none "$folder"
done
shift 2
exec "$@"
"""


@cache
def may_unshare() -> bool:
    """Return true if this account may create UTS and mount namespaces."""
    tried = subprocess.run(["unshare", "--uts", "--mount", "true"], capture_output=True, check=False)
    return tried.returncode == 0


class Machine:
    """A machine of a cluster, whose data folders lie beside each other in `folder`.

    With namespaces, it has a host name of its own and can't see the other machines' folders. Without them,
    it has the same in its environment.
    """

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.name, self.folder, self.data = name, folder, folder / name
        self.data.mkdir(mode=0o700, parents=True)
        kept = {key: value for key, value in os.environ.items() if key not in OUTSIDE}
        self.environment = {**kept, **environment, "DATA_DIR": str(self.data)}
        self.processes: list[subprocess.Popen[bytes]] = []
        if not may_unshare():
            self.environment["MACHINE_NAME"] = name

    def command(self, *words: str) -> list[str]:
        """Return the command that runs a Python module on this machine."""
        python = [sys.executable, *words]
        if not may_unshare():
            return python
        return ["unshare", "--uts", "--mount", "sh", "-c", _ENTER, "sh", self.name, str(self.folder), *python]

    def start(self, *words: str) -> None:
        """Start a Python module in a process group of its own."""
        with (self.folder.parent / f"{self.name}.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    self.command("-m", *words),
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def manage(self, *words: str) -> str:
        """Run a management command and return what it prints. Raises RuntimeError if it fails."""
        done = subprocess.run(
            self.command("manage.py", *words),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {words[0]} on {self.name}:\n{done.stderr[-3000:]}")
        return done.stdout

    def shell(self, source: str) -> list[str]:
        """Run Python code with the product's settings, and return the lines that it prints."""
        return self.manage("shell", "--no-imports", "-c", source).splitlines()

    def kill(self) -> None:
        """End all its processes at once, as a power failure does."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes = []

    def stop(self) -> None:
        """Ask all its processes to end, and wait for them."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60)
        self.processes = []

    def lose_everything(self) -> None:
        """Empty its data folder."""
        shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
