"""`python -m bench.pull_requests`: how soon the heads of pull requests are judged.

BENCH_REPO and BENCH_PLAN name a repository and its plan; without them, one is generated. Its newest commit
is recorded without history. Then BENCH_HEADS (100) pull requests, each of which changes 20 files since one of
the last BENCH_HEADS commits, are reported one after another and judged: `one head` is the time until the
verdict is stored, whose status is requested in the same transaction. Last, the plan is changed: `all again`
is how long it takes to judge all heads under the new version once it is active. Everything happens in one
process; `bench.statuses` measures from the webhook to the status at the forge.
"""

import os
import resource
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # a Postgres and a folder of its own
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.test.utils import setup_databases, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.heads import origin, write_heads  # noqa: E402
from bench.scale.__main__ import use_database_queue  # noqa: E402
from compliance import scans, tasks  # noqa: E402
from compliance.celery import app  # noqa: E402
from compliance.integrations.pull_requests import PullNews, hear  # noqa: E402
from compliance.jobs.queue import claim  # noqa: E402
from compliance.jobs.runner import take  # noqa: E402
from compliance.models import Job, PullRequestCheck, Repository  # noqa: E402


def main() -> None:
    """Print the figures of both."""
    setup_test_environment(debug=False)
    setup_databases(verbosity=0, interactive=False)  # its server ends with this process
    if settings.QUEUE_IN_POSTGRES:
        use_database_queue()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            _measure(Path(name))
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers


def _measure(home: Path) -> None:
    folder, branch, plan = origin(home)
    repository = scans.track(str(folder), slug="r", branch=branch, plan=plan)
    _run("update")
    heads = write_heads(folder, branch)
    seconds, cpu = [], _cpu()
    for number, head in enumerate(heads, 1):
        before = time.monotonic()
        _report(repository, number, head)
        _run("pull")
        seconds.append(time.monotonic() - before)
    spent = (_cpu() - cpu) / len(heads)
    _check(len(heads))
    seconds.sort()
    p95 = seconds[int(len(seconds) * 0.95)]
    wall = f"median {statistics.median(seconds):.2f} s, p95 {p95:.2f} s"
    print(f"one head: {len(seconds)} heads, {wall}, mean CPU {spent:.2f} s")
    scans.track(str(folder), slug="r", plan=f"{plan}\n# another version\n".replace("high", "medium"))
    _run("update")
    before, cpu = time.monotonic(), _cpu()
    _run("recheck")
    spent = _cpu() - cpu
    _check(len(heads))
    assert PullRequestCheck.objects.filter(plan__number=2).count() == len(heads)
    print(f"all again: {len(heads)} heads in {time.monotonic() - before:.1f} s (CPU {spent:.1f} s)")


def _report(repository: Repository, number: int, head: str) -> None:
    repository.refresh_from_db()
    news = PullNews(
        number=number,
        title="Measured",
        url="",
        author="b",
        state="open",
        head=head,
        base=repository.branch,
        updated_at=timezone.now() - timedelta(seconds=1),
        head_ref=f"refs/pull/{number}/head",
    )
    hear(repository, news)


def _run(*kinds: str) -> None:
    """Run the jobs of these kinds in this process, as a worker does, and drop the others."""
    Job.objects.exclude(kind__in=("update", "pull", "recheck")).filter(state="waiting").delete()
    while job := claim("bench"):
        take(job, tasks.KINDS)
        job.refresh_from_db()
        assert not job.error, job.error
        if job.kind in kinds and job.state == Job.State.DONE:
            return
        Job.objects.filter(kind="backfill").delete()


def _cpu() -> float:
    """Return the CPU seconds of this process and of its ended children, such as git."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _check(heads: int) -> None:
    states = list(PullRequestCheck.objects.values_list("state", flat=True))
    assert len(states) == heads, len(states)
    assert "pending" not in states


if __name__ == "__main__":
    main()
