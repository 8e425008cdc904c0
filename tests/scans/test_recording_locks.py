"""While records are written nobody else waits: not a webhook, not the queue, not the poller."""

import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.dispatch import Signal

from compliance import scans
from compliance.events import commit_recorded, history_evaluated, plan_activated
from compliance.jobs import enqueue, sweep
from compliance.jobs.endings import finish
from compliance.jobs.queue import claim
from compliance.models import Delivery, Issue, Job, Repository
from compliance.scans import polling
from tests.integrations.sender import send
from tests.scans.upstream import NEW, OLD, PLAN, git, push
from tests.scans.verify import check_against_cold_scans, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LINKED = PLAN.replace('"#1"', '"#183"')


def act(repository: Repository) -> None:
    """Do what a web process, the queue and the poller may do at any time; a lock that is held raises."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    for case in ("push__one_commit", "issues__closed"):
        answer = send(repository, case, f"{case} {Delivery.objects.count()}")
        assert answer.status_code == 202, answer.content
    assert Issue.objects.get(key="#183").tracker_state == "closed"
    assert repository in polling._claim(1)
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until=Now() + timedelta(minutes=1))
    sweep()
    other = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    enqueue("probe", other)
    job = claim("another worker")
    assert job
    assert job.kind == "probe"
    assert finish(job)


class Bystander:
    """Acts from a session of its own while the transaction that first sends a signal is open."""

    def __init__(self, signal: Signal) -> None:
        self.signal, self.acted = signal, False
        self.errors: list[BaseException] = []
        signal.connect(self.receive)

    def receive(self, sender: Repository, **_: object) -> None:
        assert connection.in_atomic_block
        if not self.acted:
            self.acted = True
            thread = threading.Thread(target=self._act, args=(sender,))
            thread.start()
            thread.join()

    def _act(self, repository: Repository) -> None:
        try:
            act(repository)
        except BaseException as error:  # noqa: BLE001  (raised in the test below)
            self.errors.append(error)
        finally:
            connection.close()

    def check(self) -> None:
        """Raise the first error of what it did."""
        self.signal.disconnect(self.receive)
        assert self.acted
        for error in self.errors:
            raise error


@pytest.fixture
def commands() -> Iterator[list[tuple[str, bool]]]:
    """Programs that this process starts, and whether a transaction is open at that moment."""
    started: list[tuple[str, bool]] = []
    listens = [True]

    def hear(event: str, values: tuple[Any, ...]) -> None:
        if listens and event == "subprocess.Popen":
            started.append((Path(str(values[0])).name, connection.in_atomic_block))

    sys.addaudithook(hear)  # it can't be removed again
    yield started
    listens.clear()


def begin(folder: Path) -> Repository:
    repository = scans.track(str(folder), slug="r", plan=LINKED)
    run_jobs()
    Repository.objects.update(polled_at=None, hooked_at=None)
    return repository


def finish_all(repository: Repository, bystander: Bystander) -> None:
    run_jobs()
    bystander.check()
    repository.refresh_from_db()
    assert repository.hooked_at
    assert repository.head
    assert repository.head.sha == git(Path(repository.url), "rev-parse", "main")
    check_against_cold_scans(repository)


def test_nobody_waits_for_a_commit_that_is_recorded(folder: Path) -> None:
    repository = begin(folder)
    push(folder, "Break much", **{f"app__new{n}": OLD for n in range(40)})
    scans.track(repository.url, slug="r")

    finish_all(repository, Bystander(commit_recorded))


def test_nobody_waits_for_a_rollback(folder: Path) -> None:
    repository = begin(folder)
    git(folder, "update-ref", "refs/heads/main", "main~1")
    push(folder, "Another way", app__b=NEW)
    scans.track(repository.url, slug="r")

    finish_all(repository, Bystander(history_evaluated))


@pytest.mark.parametrize("signal", [plan_activated, history_evaluated])
@pytest.mark.parametrize(("old", "new"), [("call: high", "call: low"), ('title: "All"', 'title: "More"')])
def test_nobody_waits_for_another_plan(folder: Path, signal: Signal, old: str, new: str) -> None:
    repository = begin(folder)
    assert old in LINKED
    scans.track(repository.url, slug="r", plan=LINKED.replace(old, new))

    finish_all(repository, Bystander(signal))


def test_no_command_is_run_while_a_transaction_is_open(
    folder: Path, commands: list[tuple[str, bool]]
) -> None:
    push(folder, "Plan", **{"ssot-plan.yaml": LINKED})
    repository = scans.track(str(folder), slug="r")
    run_jobs()
    push(folder, "Another plan", **{"ssot-plan.yaml": LINKED.replace("call: high", "call: low")})
    git(folder, "update-ref", "refs/heads/side", "main")
    push(folder, "Break it", app__new=OLD)
    scans.track(repository.url, slug="r")
    run_jobs()
    git(folder, "update-ref", "refs/heads/main", "side")
    scans.track(repository.url, slug="r")
    run_jobs()

    assert {program for program, _ in commands} == {"git", "sh"}  # a shell guards each git process
    assert not any(is_open for _, is_open in commands)
