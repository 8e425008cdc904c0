"""`python -m bench.pushes`: what a push of 20 files costs in repositories of several sizes.

Each size is recorded in an installation of its own. BENCH_FILES (1000,4000,16000,64000) are the numbers of
files, BENCH_PUSHES (10) is the number of pushes that the figures are means of. A worker that has recorded
pushes of the repository before records these ("warm"), then several new workers record one push each
("cold", the median): they have the mirror, but neither reports nor anything in memory. The first push after
the first scan is "first". The last line of each kind is the exponent of the growth: 0 is flat, 1 is linear.
"""

import math
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # a Postgres and a folder of its own
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.db import connection, connections  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment  # noqa: E402

from bench import generated  # noqa: E402
from bench.scale.__main__ import use_database_queue  # noqa: E402
from compliance import scans, tasks  # noqa: E402
from compliance.celery import app  # noqa: E402
from compliance.embedded.server_processes import processes  # noqa: E402
from compliance.jobs import enqueue  # noqa: E402
from compliance.jobs.queue import claim  # noqa: E402
from compliance.jobs.runner import take  # noqa: E402
from compliance.models import Job, Repository  # noqa: E402
from tests.settings import OWNER  # noqa: E402

FILES = tuple(map(int, os.environ.get("BENCH_FILES", "1000,4000,16000,64000").split(",")))
PUSHES = int(os.environ.get("BENCH_PUSHES", "10"))
_COLD = 3
_FUNCTIONS = 3
_WHAT = ("worker s", "Postgres s", "WAL MB")

Figures = tuple[float, float, float]


def main() -> None:
    """Print a line for each size and kind; with a size as the argument, that one's figures."""
    if len(sys.argv) > 1:
        _measure(int(sys.argv[1]))
        return
    print(f"{'push of 20 files':<18}{'files':>8}" + "".join(f"{what:>12}" for what in _WHAT), flush=True)
    found: dict[str, list[tuple[int, Figures]]] = {"first": [], "warm": [], "cold": []}
    for files in FILES:
        command = [sys.executable, "-m", "bench.pushes", str(files)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=_environment())
        for line in done.stdout.decode().splitlines():
            kind, *values = line.split()
            worker, postgres, wal = map(float, values)
            found[kind].append((files, (worker, postgres, wal)))
            print(f"{kind:<18}{files:>8}{worker:>12.3f}{postgres:>12.3f}{wal:>12.3f}", flush=True)
    for kind, points in found.items():
        if len(points) > 1:
            exponents = (_exponent(points, number) for number in range(3))
            print(f"{kind:<18}{'exponent':>8}" + "".join(f"{value:>12.2f}" for value in exponents))


def _exponent(points: list[tuple[int, Figures]], number: int) -> float:
    """Return the slope of the line through the points' logarithms."""
    places = [(math.log(size), math.log(max(figures[number], 1e-6))) for size, figures in points]
    middle = [sum(values) / len(places) for values in zip(*places, strict=True)]
    both = sum((x - middle[0]) * (y - middle[1]) for x, y in places)
    return float(both / sum((x - middle[0]) ** 2 for x, _ in places))


def _environment() -> dict[str, str]:
    """Return an environment in which tests.settings starts a Postgres and a folder for this measurement."""
    return {
        name: value for name, value in os.environ.items() if name not in {OWNER, "DATABASE_URL", "DATA_DIR"}
    }


def _measure(files: int) -> None:
    setup_test_environment(debug=False)
    setup_databases(verbosity=0, interactive=False)  # its server ends with this process
    if settings.QUEUE_IN_POSTGRES:
        use_database_queue()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            for kind, figures in _record(Path(name), files).items():
                print(kind, *figures)
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers


def _record(home: Path, files: int) -> dict[str, Figures]:
    """Record a repository and pushes to it, and return the mean figures of each kind."""
    folder = generated.write(home / "r.git", files, commits=3, functions=_FUNCTIONS)
    chance = random.Random(files)
    worker = _start()
    plan = Path(__file__).with_name("generated-plan.yaml").read_text()
    repository = scans.track(str(folder), slug="r", plan=plan)
    _wait()
    first = _cost(worker, repository, folder, chance, 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _cost(worker, repository, folder, chance, 2)
    warm = _cost(worker, repository, folder, chance, PUSHES)
    cold = []
    for _ in range(_COLD):
        _stop(worker)
        for part in settings.DATA_DIR.glob("reports.sqlite3*"):
            part.unlink()
        worker = _start()
        cold.append(_cost(worker, repository, folder, chance, 1, since_start=True))
    _stop(worker)
    worker_s, postgres_s, wal = (statistics.median(values) for values in zip(*cold, strict=True))
    return {"first": first, "warm": warm, "cold": (worker_s, postgres_s, wal)}


def _cost(
    worker: int,
    repository: Repository,
    folder: Path,
    chance: random.Random,
    pushes: int,
    *,
    since_start: bool = False,
) -> Figures:
    """Return the mean cost of so many pushes in CPU seconds of the worker and of Postgres, and in WAL."""
    home = Path(os.environ[OWNER]) / "postgres" / "data"
    before = 0.0 if since_start else _seconds([worker])
    database, wal = _seconds(processes(home)), _wal()
    for _ in range(pushes):
        tip = generated.push(folder, chance, functions=_FUNCTIONS)
        enqueue("update", repository, cause="bench")
        _wait()
        assert Repository.objects.get(pk=repository.pk).head.sha == tip  # type: ignore[union-attr]  # it has one
    spent = _seconds([worker]) - before, _seconds(processes(home)) - database, (_wal() - wal) / 1e6
    return spent[0] / pushes, spent[1] / pushes, spent[2] / pushes


def _seconds(pids: list[int]) -> float:
    """Return the CPU seconds of processes and their ended children."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # a session that has just ended; the server counts it
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _wal() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'")
        return float(cursor.fetchone()[0])


def _wait() -> None:
    while Job.objects.exclude(state=Job.State.DONE).exists():
        time.sleep(0.1)
        error = Job.objects.exclude(error="").values_list("error", flat=True).first()
        assert not error, error


def _start() -> int:
    """Start a process that does what is due; its id."""
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        while True:
            while job := claim("bench"):
                take(job, tasks.KINDS)
            time.sleep(0.05)
    return worker


def _stop(worker: int) -> None:
    os.kill(worker, signal.SIGTERM)
    os.waitpid(worker, 0)


if __name__ == "__main__":
    main()
