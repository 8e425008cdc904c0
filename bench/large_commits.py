"""`python -m bench.large_commits`: the cost of recording one commit that changes many files of a small tree.

Each size is recorded in an installation of its own, by two worker processes whose sessions have recorded
small trees before, on tables without statistics. Meanwhile webhooks of the same repository are sent, and a
commit is pushed to another repository; the slowest answer and the seconds until that commit is recorded are
printed. BENCH_SIZES (1000,3000,10000,30000) are the numbers of files, BENCH_KINDS the kinds of change
(added,modified,renamed,deleted), BENCH_BEFORE (1) the number of files before. The ratio is the computing of
the workers and of Postgres for one file, compared with the first size.
"""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # a Postgres and a folder of its own
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment  # noqa: E402

from bench.scale.__main__ import use_database_queue  # noqa: E402
from compliance import scans, tasks  # noqa: E402
from compliance.celery import app  # noqa: E402
from compliance.embedded.server_processes import processes  # noqa: E402
from compliance.jobs.queue import claim  # noqa: E402
from compliance.jobs.runner import take  # noqa: E402
from compliance.models import File, Job, Repository  # noqa: E402
from tests.settings import OWNER  # noqa: E402

SIZES = tuple(map(int, os.environ.get("BENCH_SIZES", "1000,3000,10000,30000").split(",")))
KINDS = tuple(os.environ.get("BENCH_KINDS", "added,modified,renamed,deleted").split(","))
BEFORE = int(os.environ.get("BENCH_BEFORE", "1"))

_PLAN = """
version: 1
name: Large commits
rules:
  - {id: shared, kind: deprecated-symbol, symbols: [app.home.get_it], replacement: {symbol: app.home.make_it}}
issues:
  - {key: "#1", title: All, phases: [{id: first, title: Everything}]}
"""
_HOME = "def get_it():\n    return 1\n"


def main() -> None:
    """Print a line for each kind and size; with a kind and a size as arguments, that one's figures."""
    if len(sys.argv) > 1:
        _measure(sys.argv[1], int(sys.argv[2]))
        return
    print(
        f"{'kind':<10}{'files':>8}{'seconds':>10}{'computing':>11}{'ratio':>7}{'webhook s':>11}{'other s':>9}"
        f"{'load':>7}"
    )
    for kind in KINDS:
        first = 0.0
        for size in SIZES:
            command = [sys.executable, "-m", "bench.large_commits", kind, str(size)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=_environment())
            seconds, computing, webhook, other = map(float, done.stdout.decode().split())
            first = first or computing / size
            print(
                f"{kind:<10}{size:>8}{seconds:>10.2f}{computing:>11.2f}{computing / size / first:>7.2f}"
                f"{webhook:>11.2f}{other:>9.2f}{os.getloadavg()[0]:>7.1f}",
                flush=True,
            )


def _environment() -> dict[str, str]:
    """Return an environment in which tests.settings starts a Postgres and a folder for this measurement."""
    return {
        name: value for name, value in os.environ.items() if name not in {OWNER, "DATABASE_URL", "DATA_DIR"}
    }


def _measure(kind: str, size: int) -> None:
    setup_test_environment(debug=False)
    settings.ALLOWED_HOSTS = ["*"]
    setup_databases(verbosity=0, interactive=False)  # its server ends with this process
    if settings.QUEUE_IN_POSTGRES:
        use_database_queue()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            print(*_record(Path(name), kind, size))
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers


def _record(home: Path, kind: str, size: int) -> tuple[float, float, float, float]:
    """Record the commit; seconds by the clock, seconds of computing, the slowest webhook's seconds, and the
    seconds until a push to another repository is recorded.
    """
    connections.close_all()
    workers = [_start() for _ in range(2)]  # before any message is sent: processes share no connection
    small = {"app/home.py": _HOME} | {f"app/small_{n}.py": f"x = {n}\n" for n in range(BEFORE - 1)}
    repository = _track(home / "large.git", small | (_tree(size) if kind != "added" else {}))
    other = _track(home / "other.git", {"app/home.py": _HOME})
    while Job.objects.exclude(state=Job.State.DONE).exists():
        time.sleep(0.1)
    tip = _commit(home / "large.git", dict(_changes(kind, size)))
    late = _commit(home / "other.git", _tree(1))
    before = _computing(workers)
    _send_push(repository)  # loads the views, too
    began, slowest = time.monotonic(), 0.0
    pushed = recorded = seconds = 0.0
    while not (seconds and recorded):
        slowest = max(slowest, _send_push(repository) if not seconds else 0.0)
        if not pushed and repository.jobs.filter(state=Job.State.RUNNING).exists():
            _send_push(other)
            pushed = time.monotonic()
        if pushed and not recorded and Repository.objects.filter(head__sha=late).exists():
            recorded = time.monotonic() - pushed
        if not seconds and Repository.objects.filter(head__sha=tip).exists():
            seconds = time.monotonic() - began
        time.sleep(0.1)
    found = seconds, _computing(workers) - before, slowest, recorded
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
        os.waitpid(worker, 0)
    error = Job.objects.exclude(error="").values_list("error", flat=True).first()
    assert not error, error
    left = File.objects.filter(repository=repository).exclude(status=File.Status.GONE).count()
    assert left == BEFORE + (0 if kind == "deleted" else size), left
    return found


def _track(folder: Path, files: Mapping[str, str]) -> Repository:
    """Track a new repository that has one commit."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    _commit(folder, files)
    return scans.track(str(folder), slug=folder.stem, plan=_PLAN)


def _computing(workers: list[int]) -> float:
    """Return the processor seconds of the workers with their readers, and of Postgres."""
    home = Path(os.environ[OWNER]) / "postgres" / "data"
    ticks = 0
    for pid in [*workers, *processes(home)]:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # a session that has just ended; the server counts it
        ticks += sum(map(int, fields[11:15]))  # its own and its ended children's
    return ticks / os.sysconf("SC_CLK_TCK")


def _start() -> int:
    """Start a process that does what is due; its id."""
    worker = os.fork()
    if worker == 0:
        _work()
        os._exit(0)
    return worker


def _work() -> None:
    """Do what is due, until the process is ended."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        while job := claim("bench"):
            take(job, tasks.KINDS)
        time.sleep(0.05)


def _send_push(repository: Repository) -> float:
    body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40}).encode()
    signature = hmac.new(repository.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    began = time.monotonic()
    Client().post(
        f"/webhooks/github/{repository.slug}/",
        body,
        content_type="application/json",
        headers={
            "X-Hub-Signature-256": f"sha256={signature}",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(began),
        },
    )
    return time.monotonic() - began


def _tree(size: int) -> dict[str, str]:
    return {_path(n): _text(n) for n in range(size)}


def _path(number: int, folder: str = "app") -> str:
    return f"{folder}/part_{number % 100}/module_{number}.py"


def _text(number: int) -> str:
    return f"from app.home import get_it\n\n\ndef run_{number}():\n    return get_it()\n"


def _changes(kind: str, size: int) -> Iterator[tuple[str, str | None]]:
    for n in range(size):
        if kind in {"deleted", "renamed"}:
            yield _path(n), None
        if kind == "renamed":
            yield _path(n, "lib"), _text(n)
        if kind == "modified":
            yield _path(n), f"import os\n{_text(n)}"
        if kind == "added":
            yield _path(n), _text(n)


def _commit(folder: Path, files: Mapping[str, str | None]) -> str:
    """Commit these files on top of main, None for deleted ones; the new tip."""
    stream = "commit refs/heads/main\ncommitter Bench <bench@example.org> 1800000000 +0000\ndata 6\nChange\n"
    known = subprocess.run(
        ["git", "rev-parse", "-q", "--verify", "main"], cwd=folder, capture_output=True, check=False
    )
    stream += "from refs/heads/main^0\n" if known.returncode == 0 else ""
    for path, text in files.items():
        stream += f"D {path}\n" if text is None else f"M 644 inline {path}\ndata {len(text)}\n{text}\n"
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=folder, input=stream.encode(), check=True
    )
    done = subprocess.run(
        ["git", "rev-parse", "main"], cwd=folder, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
