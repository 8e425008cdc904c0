"""A worker's process group is killed in the middle of a history; what is recorded in the end is the same."""

from pathlib import Path

import pytest

from compliance import scans
from compliance.models import Commit, Job, Snapshot
from tests.processes import Start, kill, wait
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import TEXTS
from tests.scans.upstream import PLAN
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LENGTH = 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = Written({"app/home.py": "def get_it():\n    return 1\n"})
    more = [
        Written({f"app/f{number % 40}.py": "\n" * number + TEXTS[number % 3]}) for number in range(LENGTH - 1)
    ]
    write_history(tmp_path / "r.git", [home, *more])
    return tmp_path / "r.git"


def test_a_history_whose_worker_was_killed_equals_an_undisturbed_one(
    broker: dict[str, str], start: Start, folder: Path
) -> None:
    killed = scans.track(str(folder), slug="killed", plan=PLAN)
    start(broker, "beat")
    worker = start(broker)
    wait(lambda: Snapshot.objects.count() > 20, 60)
    kill(worker)
    reached = Snapshot.objects.count()
    assert reached < LENGTH
    start(broker)
    wait(lambda: type(killed).objects.get(pk=killed.pk).history_done, 90)
    assert (
        Job.objects.filter(error__contains="without an error").exists()
        or Job.objects.filter(attempts__gt=1).exists()
    )
    assert Commit.objects.count() == Snapshot.objects.count() == LENGTH
    undisturbed = scans.track(str(folder), slug="undisturbed", plan=PLAN)
    wait(lambda: not Job.objects.filter(state__in=("waiting", "running")).exists(), 90)
    run_jobs()
    told = rows(killed), rows(undisturbed)
    for name in told[0]:
        assert told[0][name] == told[1][name], name
    assert check_against_cold_scans(killed, [1, reached, 700, LENGTH]) == 4
