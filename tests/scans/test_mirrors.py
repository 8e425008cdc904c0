"""The mirror of a tracked repository: damaged or cut short it costs time, no figure; its access is secret."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from compliance import scans, tasks
from compliance.jobs import enqueue
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Job, Repository, Snapshot
from compliance.scans import mirror
from scanner import ls_remote
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.gitdir import loosen
from tests.scans.upstream import NEW, PLAN, again, git, push, tracked
from tests.scans.verify import check_against_cold_scans, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def one_turn() -> Job:
    """Let a worker take the one job that is due."""
    job = claim("test")
    assert job is not None
    take(job, tasks.KINDS)
    job.refresh_from_db()
    return job


def objects(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "objects").rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["a lost tree", "an empty object", "no configuration", "an empty folder"])
def test_a_damaged_mirror_is_cloned_anew(folder: Path, damage: str) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    before = rows(repository)
    loosen(kept)
    if damage == "a lost tree":
        tree = git(kept, "rev-parse", "main^{tree}")
        (kept / "objects" / tree[:2] / tree[2:]).unlink()
    elif damage == "an empty object":
        sha = git(kept, "rev-parse", "main")
        lost = kept / "objects" / sha[:2] / sha[2:]
        lost.unlink()
        lost.touch()
    elif damage == "no configuration":
        (kept / "config").unlink()
    else:
        kept.rename(kept.with_name(f"{kept.name} elsewhere"))
        kept.mkdir()
    tip = push(folder, "on", app__b=NEW)
    enqueue("update", repository)
    for _ in range(3):
        Job.objects.filter(state="waiting").update(due_at=repository.created_at)
        if one_turn().state == "done":
            break
    again(repository)
    assert (repository.trouble, repository.head and repository.head.sha) == ("", tip)
    assert git(kept, "fsck", "--connectivity-only") == ""
    assert [path.name for path in kept.parent.glob(f"{kept.name}.*")] == []
    assert check_against_cold_scans(repository) == 4
    assert len(rows(repository)["commits"]) == len(before["commits"]) + 1


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process or of a git that it starts may grow above 300 kB, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_fetch_that_a_full_disk_cuts_short_publishes_nothing(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    repository = tracked(folder)
    before, kept = rows(repository), mirror.folder(repository)
    known = ls_remote(str(kept))
    noise = "".join(f"# {number:x} {hash((number, 7)):x}\n" for number in range(60_000))
    tip = push(folder, "large", app__b=NEW, app__noise=noise)
    enqueue("update", repository)
    request.getfixturevalue("full_disk")
    job = one_turn()
    assert (job.state, job.attempts) == ("waiting", 1), job.error
    assert rows(repository) == before
    assert ls_remote(str(kept)) == known

    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again(repository)
    assert repository.head is not None
    assert (repository.trouble, repository.head.sha) == ("", tip)
    assert Snapshot.objects.count() == 4
    assert check_against_cold_scans(repository) == 4


@pytest.fixture
def forged(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    with permitted(), forge(folder.parent, tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        running.password = "s3cr3t"
        yield running


def test_credentials_are_stored_separately_and_encrypted(
    forged: Forge, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"https://localhost:{forged.port}/{folder.name}"
    scans.track(address.replace("https://", "https://ada:s3cr3t@"), slug="r", plan=PLAN)
    assert one_turn().state == "done"
    repository = Repository.objects.get()
    assert (repository.url, repository.access, repository.trouble) == (address, "ada:s3cr3t", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text FROM compliance_repository r")
        assert "s3cr3t" not in cursor.fetchone()[0]
    scans.track(address, slug="r")
    assert Repository.objects.get().access == "ada:s3cr3t", "the same address without it keeps it"

    forged.password = "changed"
    enqueue("update", repository)
    failed = one_turn()
    repository.refresh_from_db()
    assert failed.state == "waiting"
    assert "s3cr3t" not in failed.error + repository.trouble + caplog.text
    assert "access rights" in repository.trouble
    assert not any(b"s3cr3t" in words for words in forged.arguments)
