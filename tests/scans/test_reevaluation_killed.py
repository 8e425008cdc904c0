"""A worker is killed while history is judged again: the old line stays, the new one is whole in the end."""

from pathlib import Path

import pytest

from compliance import scans
from compliance.charts.series import ghosts
from compliance.models import Job, Snapshot
from tests.processes import Start, kill, wait
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import OTHER, TEXTS, points, reload
from tests.scans.upstream import PLAN
from tests.scans.verify import check_against_cold_scans, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LENGTH = 900


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = Written({"app/home.py": "def get_it():\n    return 1\n"})
    texts = ((f"app/f{number % 40}.py", "\n" * number + TEXTS[number % 3]) for number in range(LENGTH - 1))
    write_history(tmp_path / "r.git", [home, *(Written({path: text}) for path, text in texts)])
    return tmp_path / "r.git"


@pytest.mark.parametrize("broker", ["postgres"], indirect=True)
def test_a_worker_killed_during_reevaluation(broker: dict[str, str], start: Start, folder: Path) -> None:
    scans.track(str(folder), slug="r", plan=PLAN)
    run_jobs()
    old_line = points(reload())
    start(broker, "beat")
    worker = start(broker)
    scans.track(str(folder), slug="r", plan=OTHER)
    wait(lambda: Snapshot.objects.filter(plan__number=2).count() > 1, 60)
    kill(worker)
    repository = reload()
    assert repository.rejudging
    assert points(repository) == old_line
    start(broker)
    wait(lambda: reload().history_done and not reload().rejudging, 90)
    wait(lambda: not Job.objects.filter(state__in=("waiting", "running")).exists(), 30)
    repository = reload()
    assert len(points(repository)) == LENGTH
    assert check_against_cold_scans(repository, [1, LENGTH // 2, LENGTH]) == 3
    assert [ghost.number for ghost in ghosts(repository)] == [1]
