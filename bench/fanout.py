"""`python -m bench.fanout`: the history of one repository on one machine and on two, and of four at once.

One machine means that Postgres, its broker, beat and a worker share core 0. Two machines have another worker
on core 1, with a host name and a data folder of its own, which clones the repository when it helps. The times
are those from the request to track the repository until its whole history is recorded. With `--many`, that
number of histories is recorded at once by two machines, and the use of both cores is printed.

BENCH_REPO and BENCH_PLAN name what is recorded, and BENCH_LINE the revision (HEAD); otherwise, it is a
generated repository.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import generated
from bench.kills.installation import wait
from bench.machines.ground import KEY, MIGRATE
from bench.machines.machine import Machine
from bench.processes import read_processes
from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres

CELERY = ("celery", "-A", "compliance")
TRACK = """
from pathlib import Path
from compliance import scans
for number, url in enumerate({urls!r}):
    scans.track(url, slug=f"r{{number}}", plan=Path({plan!r}).read_text())
"""
WORKERS = "SELECT count(*) FROM compliance_heartbeat WHERE name LIKE 'worker %' AND state <> 'starting'"
UNFINISHED = "SELECT count(*) FROM compliance_repository WHERE NOT history_done OR plan_id IS NULL"
OPEN = "SELECT count(*) FROM compliance_job WHERE state IN ('waiting', 'running') AND kind <> 'read'"
COUNTS = """SELECT (SELECT count(*) FROM compliance_snapshot), (SELECT count(*) FROM compliance_violation),
    (SELECT count(*) FROM compliance_change), (SELECT coalesce(sum(violations), 0) FROM compliance_snapshot),
    (SELECT count(*) FROM compliance_sharedreport),
    (SELECT pg_total_relation_size('compliance_sharedreport') / 1000000)"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is recorded."""

    repository: Path
    plan: Path


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock, the CPU seconds of each machine, and the numbers of rows."""

    seconds: float
    cpu: dict[str, float]
    rows: tuple[int, ...]
    shared: tuple[int, ...]

    def __str__(self) -> str:
        spent = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.cpu.items())
        return (
            f"{self.seconds:.1f} s; CPU seconds: {spent}; rows {self.rows}; "
            f"{self.shared[0]:,} shared reports, {self.shared[1]} MB"
        )


def main() -> int:
    """Print the time on one machine, on two, and their ratio; or the use of two cores by many histories."""
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--many", type=int, default=0, help="record so many histories at once")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all machines are stopped
    with tempfile.TemporaryDirectory(prefix="bench-fanout-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        ground = lay(folder)
        for number in range(options.runs):
            work = folder / str(number)
            work.mkdir(mode=0o711)
            if options.many:
                both = measure(work / "both", ground, ["one", "two"], options.many)
                used = sum(both.cpu.values()) / both.seconds / 2
                print(f"{options.many} histories: {both}\n  {100 * used:.0f} % of two cores", flush=True)
                continue
            one = measure(work / "one", ground, ["one"], 1)
            print(f"one machine:  {one}", flush=True)
            two = measure(work / "two", ground, ["one", "two"], 1)
            print(f"two machines: {two}", flush=True)
            print(f"ratio {two.seconds / one.seconds:.2f}, load {os.getloadavg()[0]:.1f}", flush=True)
            if one.rows != two.rows:
                print("The records differ.")
                return 1
    return 0


def lay(folder: Path) -> Ground:
    """Return a bare copy of the named repository, or a generated one."""
    path = folder / "r.git"
    named = os.environ.get("BENCH_REPO")
    if not named:
        generated.write(path, files=2000, commits=1500)
        return Ground(path, Path(__file__).with_name("generated-plan.yaml"))
    subprocess.run(["git", "clone", "-q", "--bare", "--no-local", named, str(path)], check=True)
    line = os.environ.get("BENCH_LINE", "HEAD")
    branch = "refs/heads/measured"
    for words in (("update-ref", branch, line), ("symbolic-ref", "HEAD", branch)):
        subprocess.run(["git", *words], cwd=path, check=True)
    return Ground(path, Path(os.environ["BENCH_PLAN"]).resolve())


def measure(folder: Path, ground: Ground, names: list[str], number: int) -> Run:
    """Record histories with machines of these names, the first of which has Postgres and beat, too."""
    folder.mkdir(mode=0o711)
    with pinned(0):
        paths = PostgresPaths(home=folder / "postgres", socket=folder / "postgres" / "socket")
        paths.home.mkdir(mode=0o711)
        server = Postgres(paths, folder / "postgres.log", durable=True)
        server.start()
    environment = {"DATABASE_URL": paths.url, "SECRET_KEY": KEY}
    machines = [Machine(name, folder / "machines", environment) for name in names]
    try:
        machines[0].shell(MIGRATE)
        for core, machine in enumerate(machines):
            with pinned(core):
                machine.start(*CELERY, "worker", "--loglevel", "INFO", "--concurrency", "2")
        with pinned(0):
            machines[0].start(*CELERY, "beat", "--loglevel", "WARNING", "--pidfile", "")
            wait(lambda: rows(paths.url, WORKERS)[0] >= 2 * len(names), 120)
            before = used(machines)
            urls = [str(folder / f"r{name}.git") for name in range(number)]
            for url in urls:  # a repository is known by its address
                Path(url).symlink_to(ground.repository)
            machines[0].shell(TRACK.format(urls=urls, plan=str(ground.plan)))
            began = time.monotonic()
            wait(lambda: rows(paths.url, UNFINISHED) == (0,) and rows(paths.url, OPEN) == (0,), 3600)
            seconds = time.monotonic() - began
        cpu = {name: spent - before[name] for name, spent in used(machines).items()}
        *kept, shared, size = rows(paths.url, COUNTS)
        return Run(seconds, cpu, tuple(kept), (shared, size))
    finally:
        for machine in machines:
            machine.kill()
        server.stop()


def rows(url: str, question: str) -> tuple[int, ...]:
    """Return the only row that a query gives."""
    with psycopg.connect(url) as connection:
        found = connection.execute(question.encode()).fetchone()
        return tuple(map(int, found or ()))


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Let what is started in this block run on one core only."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def used(machines: list[Machine]) -> dict[str, float]:
    """Return the CPU seconds of the machines' processes, and of the others that this one has started."""
    found = read_processes()
    spent = {m.name: sum(found.total(process.pid) for process in m.processes) for m in machines}
    return {
        **spent,
        "Postgres": sum(map(found.total, found.children.get(os.getpid(), ()))) - sum(spent.values()),
    }


if __name__ == "__main__":
    sys.exit(main())
