"""`python -m bench.large_commits`: the cost of recording one commit that changes many files of a small tree.

Each size is recorded on a fresh database, whose tables have no statistics, by a worker process of its own.
Meanwhile this process sends webhooks of the same repository; the slowest answer is printed. BENCH_SIZES
(1000,3000,10000,30000) are the numbers of files, BENCH_KINDS the kinds of change, BENCH_BEFORE (1) the
number of files of the tree before.
"""

import hashlib
import hmac
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # a Postgres and a folder of its own
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402

from bench.scale.__main__ import use_database_queue  # noqa: E402
from compliance import scans, tasks  # noqa: E402
from compliance.celery import app  # noqa: E402
from compliance.jobs.queue import claim  # noqa: E402
from compliance.jobs.runner import take  # noqa: E402
from compliance.models import File, Job, Repository  # noqa: E402

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


@dataclass(frozen=True, slots=True)
class Recorded:
    """Seconds that the commit took, and the slowest answer to a webhook meanwhile."""

    seconds: float
    webhook: float


def main() -> None:
    """Print a line for each kind and size, with the cost of one file as a ratio of the smallest size's."""
    setup_test_environment(debug=False)
    settings.ALLOWED_HOSTS = ["*"]
    print(f"{'kind':<10}{'files':>8}{'seconds':>10}{'per file':>10}{'webhook s':>11}{'load':>7}")
    for kind in KINDS:
        first = 0.0
        for size in SIZES:
            found = _measure(kind, size)
            first = first or found.seconds / size
            print(
                f"{kind:<10}{size:>8}{found.seconds:>10.2f}{found.seconds / size / first:>10.2f}"
                f"{found.webhook:>11.2f}{os.getloadavg()[0]:>7.1f}",
                flush=True,
            )


def _measure(kind: str, size: int) -> Recorded:
    databases = setup_databases(verbosity=0, interactive=False)
    if settings.QUEUE_IN_POSTGRES:
        use_database_queue()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            return _record(Path(name) / "r.git", kind, size)
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers
        teardown_databases(databases, verbosity=0)


def _record(folder: Path, kind: str, size: int) -> Recorded:
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    small = {"app/home.py": _HOME} | {f"app/small_{n}.py": f"x = {n}\n" for n in range(BEFORE - 1)}
    _commit(folder, small | (_tree(size) if kind != "added" else {}))
    repository = scans.track(str(folder), slug=f"r{size}", plan=_PLAN)
    _work()
    tip = _commit(folder, dict(_changes(kind, size)))
    _send_push(repository)  # loads the views; its job is the one that records
    began = time.monotonic()
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        _work(tip)
        os._exit(0)
    slowest = 0.0
    while os.waitpid(worker, os.WNOHANG) == (0, 0):
        slowest = max(slowest, _send_push(repository))
        time.sleep(0.1)
    seconds = time.monotonic() - began
    error = Job.objects.exclude(error="").values_list("error", flat=True).first()
    assert not error, error
    assert File.objects.exclude(status=File.Status.GONE).count() == (
        1 if kind == "deleted" else size + BEFORE
    )
    return Recorded(seconds, slowest)


def _work(tip: str = "") -> None:
    """Do what is due, until the branch is recorded up to `tip`."""
    recorded = Repository.objects.filter(head__sha=tip)
    while not recorded.exists() and (job := claim("bench")):
        take(job, tasks.KINDS)
    connection.close()


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
