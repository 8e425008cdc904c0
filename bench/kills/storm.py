"""Random kills while commits are pushed and histories are recorded, and what the rows say afterwards."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.kills.installation import Installation, Pusher, wait
from bench.product import ROOT
from compliance.embedded.paths import find_paths
from compliance.embedded.server_processes import processes

PLAN = """version: 1
name: Away with it
rules:
  - {id: old, kind: deprecated-symbol, symbols: [app.home.get_it]}
"""
HOME = "def get_it():\n    return 1\n"
CLEAN, OLD = "x = 1\n", "from app.home import get_it\nx = get_it()\n"
VICTIMS = {
    "worker parent": 2,
    "idle child": 3,
    "busy child": 3,
    "frozen child": 1,
    "beat": 2,
    "web": 2,
    "broker": 2,
    "postgres": 2,
    "session": 1,
}
"""Kinds of victims -> how often each is chosen, relatively. A frozen child gets SIGSTOP, all others SIGKILL;
a session is one backend of Postgres."""
SETTLED = """SELECT (SELECT count(*) FROM compliance_job WHERE state IN ('waiting', 'running')),
    (SELECT count(*) FROM compliance_repository WHERE NOT history_done OR plan_id IS NULL)"""
RECORDED = """SELECT r.slug, h.sha, count(s.id), count(DISTINCT s.commit_id), sum(s.violations)
    FROM compliance_repository r JOIN compliance_commit h ON h.id = r.head_id
    JOIN compliance_commit c ON c.repository_id = r.id AND c.position IS NOT NULL
    JOIN compliance_snapshot s ON s.commit_id = c.id AND s.plan_id = r.plan_id
    GROUP BY r.slug, h.sha"""
BURIED = "SELECT kind, error FROM compliance_job WHERE state = 'buried'"


@dataclass
class Result:
    """What a storm did, and what was wrong after it."""

    kills: Counter[str] = field(default_factory=Counter)
    settled: float = 0.0
    pushes: int = 0
    commits: int = 0
    faults: list[str] = field(default_factory=list)


class Storm:
    """One run of kills over an installation; the same seed chooses the same kinds of victims."""

    def __init__(self, installation: Installation, folder: Path, seed: int, length: int) -> None:
        """Prepare it; each history that is tracked has so many commits."""
        self.installation, self.folder, self.length = installation, folder, length
        self.chance = random.Random(seed)
        self.upstreams: dict[str, Path] = {}
        self.result = Result()
        self.plan = folder / "plan.yaml"
        self.plan.write_text(PLAN)
        self.first = self.upstreams["first"] = folder / "first.git"
        write(self.first, length)

    def run(self, kills: int, *, pause: float = 1.0, histories: int = 8, settle: float = 120.0) -> Result:
        """Kill so many processes, wait until all is recorded, compare the rows with the repositories."""
        pushed = self._track("pushed", 3)
        pusher = Pusher(self.installation, "pushed", lambda number: push(pushed, number), pause=1.0)
        pusher.start()
        try:
            for number in range(kills):
                if number % max(kills // histories, 1) == 0:
                    self._track(f"history-{number}", self.length)
                self._kill()
                time.sleep(self.chance.uniform(0.2, 2 * pause))
        finally:
            if self.installation.up.poll() is None:
                pusher.finish()
        self.result.pushes = pusher.pushes
        self._settle(settle)
        self._compare(pusher)
        return self.result

    def _track(self, slug: str, length: int) -> Path:
        """Write a repository with so many commits and have it tracked."""
        upstream = self.upstreams[slug] = self.folder / f"{slug}.git"
        write(upstream, length)
        self.installation.manage("track", str(upstream), "--slug", slug, "--plan", str(self.plan))
        return upstream

    def _kill(self) -> None:
        """Kill one victim of a random kind; another kind if there is none."""
        kinds = list(VICTIMS)
        while True:
            kind = self.chance.choices(kinds, [VICTIMS[name] for name in kinds])[0]
            if self._kill_one(kind):
                self.result.kills[kind] += 1
                return
            time.sleep(0.2)

    def _kill_one(self, kind: str) -> bool:
        if kind == "broker":
            return self._kill_broker()
        pids = self._victims(kind)
        if not pids:
            return False
        number = signal.SIGSTOP if kind == "frozen child" else signal.SIGKILL
        try:
            os.kill(self.chance.choice(pids), number)
        except ProcessLookupError:
            return False
        return True

    def _victims(self, kind: str) -> list[int]:
        up, children = self.installation.up.pid, self.installation.children
        if kind in ("beat", "web"):
            masters = children(up, {"beat": " beat ", "web": "gunicorn"}[kind])
            return [pid for master in masters for pid in (master, *children(master, "gunicorn"))]
        if kind in ("postgres", "session"):
            main = children(up, "postgres")
            everyone = processes(find_paths(self.installation.data).data)
            return main if kind == "postgres" else [pid for pid in everyone if pid not in main]
        parents = children(up, " worker ")
        if kind == "worker parent":
            return parents
        workers = [pid for parent in parents for pid in children(parent)]
        busy = self._busy()
        return [pid for pid in workers if kind == "frozen child" or (pid in busy) == (kind == "busy child")]

    def _busy(self) -> set[int]:
        mark = f"worker {socket.gethostname()}:"
        with suppress(psycopg.Error):
            rows = self.installation.rows("SELECT worker FROM compliance_job WHERE state = 'running'")
            return {int(name.removeprefix(mark)) for (name,) in rows if name.startswith(mark)}
        return set()

    def _kill_broker(self) -> bool:
        broker = self.installation.broker
        if broker is None:
            return False
        broker.kill()
        time.sleep(self.chance.uniform(0, 3))
        broker.start()
        return True

    def _settle(self, seconds: float) -> None:
        def settled() -> bool:
            with suppress(psycopg.Error):
                return self.installation.rows(SETTLED) == [(0, 0)]
            return False

        try:
            self.result.settled = wait(settled, seconds)
        except TimeoutError:
            self.result.faults.append(f"not everything was recorded within {seconds:g} s")

    def _compare(self, pusher: Pusher) -> None:
        """Compare the rows of each repository with its commits, and the deliveries with the answers."""
        found, self.result.commits = compare(self.installation.rows, self.upstreams, self.plan)
        faults = self.result.faults
        faults += found
        kept = {row[0] for row in self.installation.rows("SELECT delivery_id FROM compliance_delivery")}
        faults += [f"the delivery {name} is lost" for name in pusher.acknowledged if name not in kept]


def text(number: int) -> tuple[str, str]:
    """Return the file and the text that a commit writes."""
    return f"app/f{number % 40}.py", "\n" * (number % 7) + (OLD if number % 3 else CLEAN)


def write(folder: Path, length: int) -> None:
    """Write a bare repository with so many commits."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    stream = _commit(0, {"app/home.py": HOME}, first=True)
    stream += "".join(_commit(number, dict([text(number)])) for number in range(1, length))
    _import(folder, stream)


def push(folder: Path, number: int) -> None:
    """Add one commit to a repository that `write` wrote."""
    _import(folder, _commit(number + 1000, dict([text(number)]), follow=True))


def expected(folder: Path, plan: Path) -> tuple[str, int, int]:
    """Return what a cold reading of the history says: the tip, the commits, the sum of their violations."""
    command = [
        sys.executable,
        "-m",
        "scanner",
        "history",
        str(folder),
        "--plan",
        str(plan),
        "--format",
        "json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    commits = [json.loads(line) for line in done.stdout.splitlines()]
    return commits[-1]["commit"], len(commits), sum(commit["violations"] for commit in commits)


def compare(
    rows: Callable[[str], list[tuple[Any, ...]]], upstreams: Mapping[str, Path], plan: Path
) -> tuple[list[str], int]:
    """Compare the rows of each repository with a cold reading of its history.

    `rows` returns what a query gives. Return what is wrong, jobs that have failed for good included, and the
    number of commits of all histories.
    """
    recorded = {slug: row for slug, *row in rows(RECORDED)}
    faults, total = [], 0
    for slug, upstream in upstreams.items():
        tip, commits, violations = expected(upstream, plan)
        wanted = [tip, commits, commits, violations]
        if recorded.get(slug) != wanted:
            faults.append(f"{slug}: recorded {recorded.get(slug)}, expected {wanted}")
        total += commits
    return faults + [f"failed for good: {kind}: {error}" for kind, error in rows(BURIED)], total


def _commit(number: int, files: Mapping[str, str], *, first: bool = False, follow: bool = False) -> str:
    who = f"A <a@example.org> {1_700_000_000 + number * 3600} +0000"
    lines = f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata 2\nC\n"
    lines += "from refs/heads/main^0\n" if follow and not first else ""
    for path, content in files.items():
        lines += f"M 644 inline {path}\ndata {len(content.encode())}\n{content}\n"
    return lines


def _import(folder: Path, stream: str) -> None:
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=folder, input=stream.encode(), check=True
    )
