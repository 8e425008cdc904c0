"""Workers of two machines are killed while one records a history and the other reads for it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from compliance import scans
from compliance.models import Commit, Heartbeat, Job, ReadingRange, SharedReport, Snapshot
from tests.processes import Start, kill, wait
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import TEXTS, reload
from tests.scans.upstream import PLAN
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(900),  # a lease must expire
]

LENGTH, CHANGES = 700, 6
SLOW = """CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT ON compliance_commit FOR EACH ROW EXECUTE FUNCTION slow()"""
FAST = "DROP FUNCTION slow CASCADE"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = Written({"app/home.py": "def get_it():\n    return 1\n"})
    more = (
        {f"app/f{(step * CHANGES + n) % 60}.py": f"# {step}\n{TEXTS[(step + n) % 3]}" for n in range(CHANGES)}
        for step in range(LENGTH - 1)
    )
    write_history(tmp_path / "r.git", [home, *map(Written, more)])
    return tmp_path / "r.git"


@contextmanager
def slowly() -> Iterator[None]:
    """Let each commit take a while to record, so that nothing is over before a worker is killed."""
    with connection.cursor() as cursor:
        cursor.execute(SLOW)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(FAST)


@pytest.mark.parametrize("broker", ["postgres"], indirect=True)
def test_workers_killed_while_they_read_and_record(
    broker: dict[str, str], start: Start, folder: Path, tmp_path: Path
) -> None:
    machines = {
        name: {**broker, "MACHINE_NAME": name, "DATA_DIR": str(tmp_path / name)} for name in ("one", "two")
    }
    start(machines["one"], "beat")
    running = {name: start(environment) for name, environment in machines.items()}
    wait(lambda: Heartbeat.objects.filter(name__startswith="worker ").count() >= 4, 120)
    with slowly():
        repository = scans.track(str(folder), slug="killed", plan=PLAN)
        wait(SharedReport.objects.exists, 240)
        name = Job.objects.get(kind="backfill", state="running").worker
        writer = name.removeprefix("worker ").partition(":")[0]
        helper = ({"one", "two"} - {writer}).pop()
        assert ReadingRange.objects.exists()
        kill(running[helper])
        running[helper] = start(machines[helper])
        recorded = Snapshot.objects.count()
        wait(lambda: Snapshot.objects.count() > recorded, 240)
        kill(running[writer])
        running[writer] = start(machines[writer])
        reached = Snapshot.objects.count()
        assert reached < LENGTH
    wait(lambda: type(repository).objects.get(pk=repository.pk).history_done, 300)
    wait(lambda: not Job.objects.filter(state__in=("waiting", "running")).exists(), 120)
    for process in running.values():
        kill(process)
    assert Commit.objects.count() == Snapshot.objects.count() == LENGTH
    assert not ReadingRange.objects.exists()
    Heartbeat.objects.all().delete()
    copy = shutil.copytree(folder, tmp_path / "copy.git")  # the same address would be the same repository
    undisturbed = scans.track(str(copy), slug="r", plan=PLAN)
    assert undisturbed.pk != repository.pk
    run_jobs()
    told = rows(repository), rows(undisturbed)
    for table in told[0]:
        assert told[0][table] == told[1][table], table
    assert check_against_cold_scans(reload(), [1, reached, LENGTH]) == 3
