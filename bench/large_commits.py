"""`python -m bench.large_commits`: the cost of recording one commit that changes many files of a small tree.

Each size is recorded in an installation of its own, by a worker process whose session has recorded the small
tree before, on tables without statistics. Meanwhile webhooks of the same repository are sent; the slowest
answer is printed. BENCH_SIZES (1000,3000,10000,30000) are the numbers of files, BENCH_KINDS the kinds of
change (added,modified,renamed,deleted), BENCH_BEFORE (1) the number of files before. The ratio is the
computing of the worker and of Postgres for one file, compared with the first size.
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
from compliance.embedded.postgres import processes  # noqa: E402
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
    print(f"{'kind':<10}{'files':>8}{'seconds':>10}{'computing':>11}{'ratio':>7}{'webhook s':>11}{'load':>7}")
    for kind in KINDS:
        first = 0.0
        for size in SIZES:
            command = [sys.executable, "-m", "bench.large_commits", kind, str(size)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=_environment())
            seconds, computing, webhook = map(float, done.stdout.decode().split())
            first = first or computing / size
            print(
                f"{kind:<10}{size:>8}{seconds:>10.2f}{computing:>11.2f}{computing / size / first:>7.2f}"
                f"{webhook:>11.2f}{os.getloadavg()[0]:>7.1f}",
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
            print(*_record(Path(name) / "r.git", kind, size))
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers


def _record(folder: Path, kind: str, size: int) -> tuple[float, float, float]:
    """Record the commit; seconds by the clock, seconds of computing, the slowest webhook's seconds."""
    connections.close_all()
    worker = os.fork()  # before any message is sent: two processes can't share a connection to the broker
    if worker == 0:
        _work()
        os._exit(0)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    small = {"app/home.py": _HOME} | {f"app/small_{n}.py": f"x = {n}\n" for n in range(BEFORE - 1)}
    _commit(folder, small | (_tree(size) if kind != "added" else {}))
    repository = scans.track(str(folder), slug="large", plan=_PLAN)
    while Job.objects.exclude(state=Job.State.DONE).exists():
        time.sleep(0.1)
    tip = _commit(folder, dict(_changes(kind, size)))
    before = _computing(worker)
    _send_push(repository)  # loads the views, too
    began, slowest, head = time.monotonic(), 0.0, Repository.objects.filter(head__sha=tip)
    while not head.exists():
        slowest = max(slowest, _send_push(repository))
        time.sleep(0.1)
    found = time.monotonic() - began, _computing(worker) - before, slowest
    os.kill(worker, signal.SIGTERM)
    os.waitpid(worker, 0)
    error = Job.objects.exclude(error="").values_list("error", flat=True).first()
    assert not error, error
    left = File.objects.exclude(status=File.Status.GONE).count()
    assert left == BEFORE + (0 if kind == "deleted" else size), left
    return found


def _computing(worker: int) -> float:
    """Return the processor seconds of the worker with its readers, and of Postgres."""
    home = Path(os.environ[OWNER]) / "postgres" / "data"
    ticks = 0
    for pid in [worker, *processes(home)]:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # a session that has just ended; the server counts it
        ticks += sum(map(int, fields[11:15]))  # its own and its ended children's
    return ticks / os.sysconf("SC_CLK_TCK")


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
