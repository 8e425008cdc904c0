"""A clone by a real worker: longer than any task may take, shown while it runs, and gone with its worker."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client

from compliance import scans
from compliance.models import Job, Repository
from tests.processes import Start, kill, wait
from tests.scanner.git.processes import processes
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, PLAN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LIMITS = {"OUTGOING_ALLOW": "127.0.0.0/8,::1/128", "PROBE_SOFT_LIMIT": "8", "PROBE_TIME_LIMIT": "10"}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    """A server that lists its branches, and then answers nothing until it is told to."""
    write_history(tmp_path / "served" / "r.git", HISTORY)
    with permitted(), forge(tmp_path / "served", tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running
        running.answering.set()


def url(served: Forge) -> str:
    return f"https://localhost:{served.port}/r.git"


def mirrors(repository: Repository) -> list[str]:
    """What is in the folder of mirrors for a repository."""
    folder = Path(settings.DATA_DIR) / "mirrors"
    return sorted(entry.name for entry in folder.glob(f"{repository.pk}*"))


@pytest.fixture
def repository(served: Forge) -> Repository:
    """The repository, from which nothing more can be read for now."""
    tracked = scans.track(url(served), slug="r", plan=PLAN)
    served.answering.clear()
    served.asked.clear()
    return tracked


@pytest.fixture
def environment(repository: Repository, broker: dict[str, str]) -> dict[str, str]:
    return {**broker, **LIMITS}


def test_a_clone_may_take_longer_than_a_task(
    served: Forge, repository: Repository, environment: dict[str, str], start: Start
) -> None:
    start(environment)
    start(environment, "beat")
    wait(lambda: served.asked, 60)
    late = Job.objects.filter(state="running", started_at__lt=Now() - timedelta(seconds=12))
    wait(late.exists, 60)

    client = Client()
    client.force_login(User.objects.create_user("ada"))
    wait(lambda: b", cloning" in client.get("/repositories/r/scans/").content)

    served.answering.set()
    wait(lambda: Repository.objects.get().history_done, 60)
    assert set(Job.objects.values_list("attempts", "error", "doing")) == {(1, "", "")}
    assert mirrors(repository) == [str(repository.pk)]


def test_a_clone_ends_with_its_worker_and_another_one_finishes(
    served: Forge, repository: Repository, environment: dict[str, str], start: Start
) -> None:
    first = start(environment)
    start(environment, "beat")
    wait(lambda: served.asked, 60)
    wait(lambda: processes(url(served)))

    kill(first)
    wait(lambda: not processes(url(served)))
    wait(lambda: not mirrors(repository))
    served.answering.set()
    start(environment)
    wait(lambda: Repository.objects.get().history_done, 90)
    assert mirrors(repository) == [str(repository.pk)]


def test_a_worker_that_is_told_to_stop_gives_the_clone_back(
    served: Forge, repository: Repository, environment: dict[str, str], start: Start
) -> None:
    first = start(environment)
    wait(lambda: served.asked, 60)
    wait(lambda: processes(url(served)))

    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    job = Job.objects.get(kind="update")
    assert (job.state, job.error) == ("waiting", "")
    assert not processes(url(served))
    assert not mirrors(repository)
