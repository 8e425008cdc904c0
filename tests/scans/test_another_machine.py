"""Jobs and pages on a machine that has no mirror, or one that lacks what another machine recorded."""

import threading
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from compliance import scans, tasks
from compliance.jobs import enqueue
from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun, take
from compliance.models import File, Job, Patch, PlanDraft, Repository
from compliance.scans import mirror
from scanner import Watch, clone_mirror
from tests.scans.factories import OTHER, point
from tests.scans.upstream import NEW, OLD, PLAN, git, push, tracked
from tests.scans.verify import check_against_cold_scans, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def elsewhere(settings: LazySettings, tmp_path: Path) -> Path:
    """The data folder of another machine, which this process uses once `move` was called."""
    folder = tmp_path / "another"
    folder.mkdir()
    return folder


def move(settings: LazySettings, folder: Path) -> None:
    """Let this process be one on the machine with this data folder."""
    settings.DATA_DIR = folder


def test_jobs_run_on_a_machine_without_a_mirror(
    folder: Path, settings: LazySettings, elsewhere: Path
) -> None:
    repository = tracked(folder)
    draft = PlanDraft.objects.create(repository=repository, text=OTHER, base=repository.plan)
    file = File.objects.get(path="app/b.py")
    for number, (kind, key) in enumerate((("patch", str(file.pk)), ("preview", ""))):
        move(settings, elsewhere / str(number))
        enqueue(kind, repository, key=key, detail={"draft": draft.pk})
        run_jobs()
        assert mirror.folder(repository).is_dir()
    draft.refresh_from_db()
    repository.refresh_from_db()
    assert (draft.trouble, draft.outcome is not None, repository.trouble) == ("", True, "")
    assert Patch.objects.get().commit == repository.head


def test_a_backfill_goes_on_where_another_machine_stopped(
    folder: Path, settings: LazySettings, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    with monkeypatch.context() as patched:
        looks = iter([False])
        patched.setattr(JobRun, "should_yield", lambda _: next(looks, True))
        for _ in range(2):
            job = claim("test")
            assert job is not None
            take(job, tasks.KINDS)
    assert not Repository.objects.get().history_done
    move(settings, elsewhere)
    run_jobs()
    repository.refresh_from_db()
    assert (repository.history_done, repository.trouble) == (True, "")
    assert check_against_cold_scans(repository) == 3


def test_a_mirror_that_lacks_the_newest_commit_is_fetched(
    folder: Path, settings: LazySettings, elsewhere: Path
) -> None:
    repository = tracked(folder)
    here = settings.DATA_DIR
    move(settings, elsewhere)
    push(folder, "More", app__d=OLD)
    enqueue("update", repository)
    run_jobs()
    move(settings, here)
    enqueue("patch", repository, key=str(File.objects.get(path="app/d.py").pk))
    run_jobs()
    repository.refresh_from_db()
    assert Patch.objects.get(file__path="app/d.py").commit == repository.head


@pytest.mark.parametrize("kept", [True, False], ids=["the origin has it", "the origin lost it"])
def test_a_commit_that_a_force_push_removed(
    folder: Path, settings: LazySettings, elsewhere: Path, kept: bool
) -> None:
    repository = tracked(folder)
    before = git(folder, "rev-parse", "main~1")
    point(folder, before)
    if not kept:
        git(folder, "reflog", "expire", "--expire=now", "--all")
        git(folder, "gc", "--quiet", "--prune=now")
    move(settings, elsewhere)
    file = File.objects.get(path="app/b.py")
    enqueue("patch", repository, key=str(file.pk))
    for _ in range(3):
        Job.objects.filter(state="waiting").update(due_at=repository.created_at)
        while job := claim("test"):
            take(job, tasks.KINDS)
    repository.refresh_from_db()
    assert not Job.objects.exclude(state="done").exists()
    assert repository.trouble == ""
    assert repository.head is not None
    assert (repository.head.sha == before) is not kept
    assert Patch.objects.get(file=file).commit == repository.head


def test_processes_of_one_machine_clone_once(
    folder: Path, settings: LazySettings, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tracked(folder)
    assert repository.head is not None
    sha = repository.head.sha
    move(settings, elsewhere)
    clones: list[str] = []
    together = threading.Barrier(4)

    def counted(url: str, path: str, access: str, watch: Watch) -> None:
        clones.append(path)
        clone_mirror(url, path, access, watch)

    monkeypatch.setattr(mirror, "clone_mirror", counted)

    def look() -> None:
        together.wait()
        with mirror.read(repository, sha) as git:
            assert git.resolve(sha) == sha
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clones) == 1


def test_what_a_killed_clone_left_is_removed(folder: Path, settings: LazySettings, elsewhere: Path) -> None:
    repository = tracked(folder)
    move(settings, elsewhere)
    path = mirror.folder(repository)
    left = path.with_name(f"{path.name}.unfinished-12345")
    left.mkdir(parents=True)
    with mirror.read(repository):
        pass
    assert not left.exists()
    assert path.is_dir()


def test_the_trouble_of_a_backfill_ends_with_the_next_success(
    folder: Path, settings: LazySettings, elsewhere: Path
) -> None:
    repository = tracked(folder)
    push(folder, "More", app__d=NEW)
    away = folder.with_name("away.git")
    Repository.objects.update(history_done=False)
    move(settings, elsewhere)
    folder.rename(away)
    job = enqueue("backfill", repository)
    claimed = claim("test")
    assert claimed is not None
    take(claimed, tasks.KINDS)
    repository.refresh_from_db()
    assert (repository.trouble_kind, repository.trouble_job) == ("not found", "backfill")
    away.rename(folder)
    Job.objects.filter(pk=job.pk).update(due_at=repository.created_at)
    run = claim("test")
    assert run is not None
    take(run, tasks.KINDS)
    repository.refresh_from_db()
    assert (repository.trouble, repository.trouble_kind, repository.trouble_job) == ("", "", "")
