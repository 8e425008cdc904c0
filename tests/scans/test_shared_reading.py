"""Machines read for each other; what is recorded equals what one machine records alone."""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db.models.functions import Now

from compliance import scans, tasks
from compliance.jobs import enqueue
from compliance.jobs.maintenance import recover
from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun, take
from compliance.models import Commit, Heartbeat, Job, PlanVersion, ReadingRange, Repository, SharedReport
from compliance.scans import mirror, reading_ranges, shared_reports, transfers
from scanner import ReportKey
from scanner.engine import walker
from scanner.git import transfer
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import OTHER, TEXTS
from tests.scans.upstream import NEW, PLAN, push
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LENGTH, FILES = 30, 12


class DiedError(BaseException):
    """The process of a machine has ended."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository whose commits change several files each."""
    home = {"app/home.py": "def get_it():\n    return 1\n"}
    first = {f"app/f{number}.py": f"# {number}\n{TEXTS[number % 3]}" for number in range(FILES)}
    more = (
        {f"app/f{(step + n * 5) % FILES}.py": f"# {step}\n{TEXTS[(step + n) % 3]}" for n in range(3)}
        for step in range(LENGTH - 1)
    )
    write_history(tmp_path / "r.git", [Written(home | first), *map(Written, more)])
    return tmp_path / "r.git"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few reports are worth sharing, dead machines are waited for only shortly, and little is read ahead."""
    monkeypatch.setattr(walker, "_WINDOW", 4)
    monkeypatch.setattr(walker, "_WINDOWS_AHEAD", 1)
    monkeypatch.setattr(reading_ranges, "REPORTS", 5)
    monkeypatch.setattr(reading_ranges, "LEAST", 10)
    monkeypatch.setattr(reading_ranges, "HELD_FOR", timedelta(milliseconds=300))


class Machines:
    """Machines with their own data folders, as which this process acts in turn."""

    def __init__(self, settings: LazySettings, tmp_path: Path) -> None:
        self.settings, self.folder = settings, tmp_path
        settings.MACHINE_NAME, settings.DATA_DIR = "one", tmp_path / "one"

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Act as a machine in this block."""
        before = self.settings.MACHINE_NAME, self.settings.DATA_DIR
        self.settings.MACHINE_NAME, self.settings.DATA_DIR = name, self.folder / name
        try:
            yield
        finally:
            self.settings.MACHINE_NAME, self.settings.DATA_DIR = before

    def work(self, name: str) -> bool:
        """Run one job on a machine, if there is one. A process that ends leaves its job running."""
        for other in ("one", "two"):
            Heartbeat.objects.update_or_create(name=f"worker {other}:1", defaults={"at": Now()})
        with self.on(name):
            job = claim(name)
            if job is not None:
                try:
                    take(job, tasks.KINDS)
                except DiedError:
                    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
        return job is not None


@pytest.fixture
def machines(settings: LazySettings, tmp_path: Path) -> Machines:
    settings.EMBEDDED_POSTGRES = False
    made = Machines(settings, tmp_path)
    for name in ("one", "two"):
        Heartbeat.objects.create(name=f"worker {name}:1")
    return made


@pytest.fixture
def helped(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> list[ReportKey]:
    """The other machine reads whatever is planned at once; the files whose reports were found afterwards."""
    ask, fetch = reading_ranges.ask, shared_reports.fetch
    found: list[ReportKey] = []

    def ask_and_help(version: PlanVersion, names: Sequence[str]) -> None:
        ask(version, names)
        machines.work("two")

    def fetch_and_note(digest: str, keys: Sequence[ReportKey]) -> dict[ReportKey, bytes]:
        reports = fetch(digest, keys)
        found.extend(reports)
        return reports

    monkeypatch.setattr(reading_ranges, "ask", ask_and_help)
    monkeypatch.setattr(shared_reports, "fetch", fetch_and_note)
    return found


def alone(machines: Machines, folder: Path, plan: str = PLAN) -> Repository:
    """Return the repository as a machine records it alone that has read nothing before."""
    Heartbeat.objects.all().delete()
    copy = shutil.copytree(folder, folder.with_name("copy.git"))  # the same address is the same repository
    with machines.on("alone"):
        repository = scans.track(str(copy), slug="alone", plan=plan)
        run_jobs()
    return repository


def measure_from_the_first_commit(repository: Repository) -> None:
    repository.refresh_from_db()
    manager, _ = User.objects.get_or_create(username="manager")
    first = Commit.objects.get(repository=repository, position=1)
    scans.set_baseline(repository, first.sha, manager)
    run_jobs()


def check_equal(shared: Repository, machines: Machines, folder: Path, plan: str = PLAN) -> None:
    other = alone(machines, folder, plan)
    assert other.pk != shared.pk
    # A version inherits the baseline of the one before, if that was stored by then; here, both get the same.
    for repository, machine in ((shared, "one"), (other, "alone")):
        with machines.on(machine):
            measure_from_the_first_commit(repository)
    told, expected = rows(shared), rows(other)
    for name in told:
        assert told[name] == expected[name], name
    assert not ReadingRange.objects.exists()
    assert not Job.objects.exclude(state="done").exists()
    shared.refresh_from_db()
    assert shared.trouble == ""


def test_a_tree_and_a_history_that_another_machine_reads(
    folder: Path, machines: Machines, helped: list[ReportKey]
) -> None:
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    assert machines.work("one")
    assert len(set(helped)) == FILES + 1  # the first scan reads the newest tree
    while machines.work("one"):
        pass
    assert len(set(helped)) > 2 * LENGTH
    assert SharedReport.objects.count() >= len(set(helped))
    assert not Job.objects.filter(kind="read", worker="one").exists()
    check_equal(repository, machines, folder)
    assert check_against_cold_scans(repository, [1, LENGTH // 2, LENGTH]) == 3


def test_a_clone_that_takes_long_begins_on_all_machines_at_the_same_time(
    folder: Path, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_TELL_EVERY", -1.0)
    monkeypatch.setattr(transfers, "LONG_AFTER", 0.0)
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    assert machines.work("one")

    asked = Job.objects.filter(kind="read").order_by("pk")
    assert next(job.key for job in asked) == f"clone {repository.pk}:two"  # before anything is to be read
    Job.objects.filter(kind="backfill").update(due_at=Now() + timedelta(hours=1))
    assert machines.work("two")
    assert Job.objects.filter(kind="read", state="done").get() == asked[0]
    assert (machines.folder / "two" / "mirrors" / str(repository.pk)).exists()
    keys = Job.objects.filter(kind="read", cause__startswith="cloning").values_list("key", flat=True)
    assert list(keys) == [f"clone {repository.pk}:two"]  # and the second one asks nobody
    Job.objects.filter(kind="backfill").update(due_at=Now())
    while machines.work("one") or machines.work("two"):
        pass
    check_equal(repository, machines, folder)


def test_a_clone_ahead_that_fails_is_left_to_whoever_needs_it(folder: Path, machines: Machines) -> None:
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    detail = {"repository": repository.pk, "machine": "two"}
    enqueue("read", key="clone:two", detail=detail)
    folder.rename(folder.with_name("moved.git"))
    job = Job.objects.get(kind="read")
    while machines.work("two"):
        pass
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("done", 1, "")
    folder.with_name("moved.git").rename(folder)
    while machines.work("one") or machines.work("two"):
        pass
    repository.refresh_from_db()
    assert repository.history_done


def test_a_range_whose_reader_died_is_read_by_the_recording_job(
    folder: Path, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, held = reading_ranges.ask, []

    def ask_and_die(version: PlanVersion, names: Sequence[str]) -> None:
        ask(version, names)
        held.append(reading_ranges.begin_next(version))

    ahead: list[ReadingRange | None] = []
    take_last = reading_ranges.take_last

    def take_and_note(version: PlanVersion) -> ReadingRange | None:
        ahead.append(take_last(version))
        return ahead[-1]

    monkeypatch.setattr(reading_ranges, "take_last", take_and_note)
    monkeypatch.setattr(reading_ranges, "ask", ask_and_die)
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    while machines.work("one"):
        pass
    assert {part.is_tree for part in held if part} == {True, False}
    assert any(ahead)  # while it waited, it read what nobody had begun
    assert not SharedReport.objects.exists()
    monkeypatch.setattr(reading_ranges, "ask", ask)
    check_equal(repository, machines, folder)


@pytest.mark.parametrize("seed", range(3))
def test_machines_that_yield_die_and_get_another_plan(
    folder: Path, settings: LazySettings, machines: Machines, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)

    def anything(run: JobRun) -> bool:
        if run.job.kind == "backfill" and chance.random() < 0.4:
            machines.work("two" if settings.MACHINE_NAME == "one" else "one")
        if run.job.kind in {"read", "backfill"} and chance.random() < 0.04:
            raise DiedError
        return chance.random() < 0.1

    monkeypatch.setattr(JobRun, "should_yield", anything)
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    events: list[Callable[[], object]] = [
        lambda: scans.track(str(folder), slug="r", plan=OTHER),
        lambda: push(folder, "More", app__z=NEW),
    ]
    idle = 0
    while idle < 6 or events:
        idle = 0 if machines.work(chance.choice(("one", "two"))) else idle + 1
        if events and chance.random() < 0.2:
            events.pop(chance.randrange(len(events)))()
            scans.track(str(folder), slug="r")
        recover()
        Job.objects.filter(state="waiting").update(due_at=Now())
    assert SharedReport.objects.exists()
    monkeypatch.setattr(JobRun, "should_yield", lambda _: False)
    with machines.on("one"), mirror.fetched(repository):
        pass
    check_equal(repository, machines, folder, OTHER)
    assert check_against_cold_scans(repository, [1, LENGTH // 2, LENGTH + 1]) == 3


def test_a_small_history_and_a_single_machine_share_nothing(
    folder: Path, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_ranges, "LEAST", 1000)
    scans.track(str(folder), slug="small", plan=PLAN)
    while machines.work("one"):
        pass
    monkeypatch.setattr(reading_ranges, "LEAST", 10)
    alone(machines, folder)
    assert not Job.objects.filter(kind="read").exists()
    assert not ReadingRange.objects.exists()
    assert not SharedReport.objects.exists()


def test_a_machine_without_the_folder_is_not_asked(folder: Path, machines: Machines) -> None:
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    assert reading_ranges.other_machines(repository) == ["two"]
    Repository.objects.update(missing_on=["two"])
    repository.refresh_from_db()
    assert reading_ranges.other_machines(repository) == []
    while machines.work("one"):
        pass
    assert not Job.objects.filter(kind="read").exists()


def test_a_history_of_another_line_is_planned_anew(folder: Path, machines: Machines) -> None:
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    assert machines.work("one")
    repository.refresh_from_db()
    assert repository.plan is not None
    stale = ReadingRange.objects.create(
        plan=repository.plan, engine=scans.engine_version(), sha="1" * 40, is_tree=False, count=3
    )
    while machines.work("one"):
        pass
    assert not ReadingRange.objects.filter(pk=stale.pk).exists()
    check_equal(repository, machines, folder)
