"""`python -m bench.many_files`: CPU seconds of everything that `manage.py up` starts, for pushes of 20 files.

One installation for each number of files (BENCH_FILES, 500 and 8000) tracks a generated repository. Once its
history is recorded, BENCH_PUSHES (20) pushes are made to it and reported by signed webhooks, each once the
one before is recorded, and at least BENCH_EVERY (5) seconds after it, so that all installations are measured
over the same time. The first push after the start is left out. The figures are those of all
processes, those that have ended included, by program.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg

from bench import generated
from bench.processes import read_processes
from bench.product import ROOT, folder, running, send_github
from compliance.embedded.paths import find_paths

FILES = tuple(map(int, os.environ.get("BENCH_FILES", "500,8000").split(",")))
PUSHES = int(os.environ.get("BENCH_PUSHES", "20"))
EVERY = float(os.environ.get("BENCH_EVERY", "5"))
PROGRAMS = ("postgres", "gunicorn", "worker", "beat", "manage.py")
SECONDS = 300

_WANTED = "SELECT slug FROM compliance_repository"
_SECRET = "from compliance.models import Repository; print(Repository.objects.get().webhook_secret)"
_HEAD = "SELECT c.sha FROM compliance_repository r JOIN compliance_commit c ON c.id = r.head_id"
_OPEN = "SELECT count(*) FROM compliance_job WHERE state IN ('waiting', 'running') AND due_at <= now()"


def main() -> None:
    """Print a line for each number of files, and the ratio of the last to the first."""
    print(f"{'files':>8}{'all':>9}" + "".join(f"{name:>11}" for name in (*PROGRAMS, "others")))
    totals = []
    for files in FILES:
        spent = measure(files)
        totals.append(spent.total())
        parts = "".join(f"{spent[name]:>11.2f}" for name in (*PROGRAMS, "others"))
        print(f"{files:>8}{spent.total():>9.2f}{parts}  load {os.getloadavg()[0]:.1f}", flush=True)
    print(f"ratio {totals[-1] / totals[0]:.2f}")


def measure(files: int) -> Counter[str]:
    """Return the CPU seconds of each program for the pushes to a repository with so many files."""
    plan = Path(__file__).with_name("generated-plan.yaml")
    with folder() as home:
        origin = generated.write(home / "r.git", files, commits=3, functions=3)
        options = ("--repo", str(origin), "--plan", str(plan))
        with running(home / "data", options, lambda _: None) as port:
            product = _Product(home / "data", port)
            chance = random.Random(files)
            product.report(origin, chance)
            product.wait_for(push_of(origin))
            time.sleep(5)  # what follows the first record is no part of a push
            before = computing()
            for _ in range(PUSHES):
                due = time.monotonic() + EVERY
                product.report(origin, chance)
                product.wait_for(push_of(origin))
                time.sleep(max(0.0, due - time.monotonic()))
            spent = computing()
    spent.subtract(before)
    return spent


def push_of(origin: Path) -> str:
    """Return the newest commit of the origin."""
    done = subprocess.run(
        ["git", "rev-parse", "main"], cwd=origin, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class _Product:
    """The product in a data folder."""

    def __init__(self, data: Path, port: int) -> None:
        self._data, self._port = data, port
        self._url = find_paths(data).url
        self._slug = str(self.row(_WANTED))
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", _SECRET]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(data)},
            capture_output=True,
            text=True,
            check=True,
        )
        self._secret = done.stdout.strip().splitlines()[-1]

    def row(self, question: str) -> object:
        """Return the only value that a query gives."""
        with psycopg.connect(self._url) as connection:
            (value,) = connection.execute(question.encode()).fetchone() or (None,)
            return value

    def report(self, origin: Path, chance: random.Random) -> None:
        """Push 20 changed files, and send the webhook."""
        before, after = push_of(origin), generated.push(origin, chance)
        body = json.dumps({"ref": "refs/heads/main", "before": before, "after": after}).encode()
        status, _ = send_github(self._port, self._slug, "push", body, self._secret)
        if status >= 300:
            raise RuntimeError(f"the webhook was answered with {status}")

    def wait_for(self, tip: str) -> None:
        """Wait until a commit is the newest recorded one, and nothing is left to do."""
        until = time.monotonic() + SECONDS
        while self.row(_HEAD) != tip or self.row(_OPEN):
            if time.monotonic() > until:
                raise RuntimeError(f"{tip} was not recorded within {SECONDS} s")
            time.sleep(0.5)


def computing() -> Counter[str]:
    """Return the CPU seconds of this program's descendants by program, with those that have ended."""
    found = read_processes()
    spent: Counter[str] = Counter()
    for pid in found.below(os.getpid()):
        spent[_program(pid)] += found.seconds[pid]  # type: ignore[assignment]
    return spent


def _program(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "others"
    return next((name for name in PROGRAMS if name in command), "others")


if __name__ == "__main__":
    main()
