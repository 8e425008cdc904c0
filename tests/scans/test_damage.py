"""A damaged mirror is cloned again whatever was damaged and whichever job stumbled; no figure suffers."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from compliance import scans
from compliance.jobs import enqueue
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import File, Job, PlanDraft, PullRequest, Repository, Snapshot
from compliance.scans import mirror
from compliance.tasks import KINDS
from tests.scanner.gitdir import loosen
from tests.scans.factories import OTHER
from tests.scans.upstream import NEW, git, push, tracked
from tests.scans.verify import check_against_cold_scans

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def damage(kept: Path, sha: str) -> None:
    """Overwrite the stored bytes of one object in the mirror's pack with zeros, as a failing disk does."""
    (pack,) = (kept / "objects" / "pack").glob("*.pack")
    listed = git(kept, "verify-pack", "-v", str(pack.with_suffix(".idx")))
    (row,) = [line.split() for line in listed.splitlines() if line.startswith(sha)]
    size, offset = int(row[3]), int(row[4])
    raw = bytearray(pack.read_bytes())
    raw[offset + 1 : offset + size] = bytes(size - 1)
    pack.chmod(0o644)
    pack.write_bytes(raw)


def forget_reports() -> None:
    """Delete the stored reports, so that every file is read again."""
    for file in Path(settings.DATA_DIR).glob("reports.sqlite3*"):
        file.unlink()


def work_off() -> list[str]:
    """Let a worker take jobs until none is left, failed ones again at once; their errors."""
    errors: list[str] = []
    for _ in range(30):
        Job.objects.filter(state="waiting").update(due_at="2020-01-01T00:00:00Z")
        job = claim("test")
        if job is None:
            return errors
        take(job, KINDS)
        job.refresh_from_db()
        errors += [job.error] if job.state != "done" and job.error else []
    raise AssertionError(f"the jobs do not end: {errors}")


def is_whole(repository: Repository) -> bool:
    kept = mirror.folder(repository)
    done = subprocess.run(["git", "fsck", "--full"], cwd=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return True


@pytest.mark.parametrize(
    "what", ["main~2", "main~1", "main^{tree}", "main~2^{tree}", "main:app/a.py", "main~2:app/home.py"]
)
def test_each_kind_of_damaged_object_is_healed(folder: Path, what: str) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    damage(kept, git(kept, "rev-parse", what))
    forget_reports()
    scans.track(str(folder), slug="r", plan=OTHER)  # judges the whole history again
    work_off()
    repository.refresh_from_db()
    assert (repository.trouble, repository.history_done) == ("", True)
    assert is_whole(repository)
    assert set(Snapshot.objects.filter(plan=repository.plan).values_list("skipped", flat=True)) == {0}
    assert check_against_cold_scans(repository) == 3


@pytest.mark.parametrize("way", ["a pack cut short", "a pack of zeros", "no index", "no pack at all"])
def test_a_pack_that_is_broken_as_a_whole_is_healed(folder: Path, way: str) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    (pack,) = (kept / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    if way == "a pack cut short":
        pack.write_bytes(pack.read_bytes()[:200])
    elif way == "a pack of zeros":
        pack.write_bytes(bytes(pack.stat().st_size))
    elif way == "no index":
        pack.with_suffix(".idx").unlink()
    else:
        pack.unlink()
    tip = push(folder, "more", app__b=NEW)
    enqueue("update", repository)
    work_off()
    repository.refresh_from_db()
    assert repository.head is not None
    assert (repository.trouble, repository.head.sha) == ("", tip)
    assert check_against_cold_scans(repository) == 4


@pytest.mark.parametrize("kind", ["pull", "patch", "preview"])
def test_every_job_that_stumbles_heals(folder: Path, kind: str) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    file = File.objects.get(path="app/b.py")
    draft = PlanDraft.objects.create(repository=repository, text=OTHER, base=repository.plan)
    PullRequest.objects.create(
        repository=repository,
        number=7,
        head_sha=git(folder, "rev-parse", "main"),
        state="open",
        updated_at=repository.created_at,
    )
    damage(kept, git(kept, "rev-parse", {"pull": "main^{tree}"}.get(kind, "main:app/b.py")))
    forget_reports()
    key = {"pull": "7", "patch": str(file.pk), "preview": ""}[kind]
    job = enqueue(kind, repository, key=key, detail={"draft": draft.pk})
    assert work_off()
    job.refresh_from_db()
    draft.refresh_from_db()
    assert (job.state, draft.trouble) == ("done", "")
    assert is_whole(repository)


def test_damage_is_not_copied_from_or_to_the_folder(folder: Path) -> None:
    git(folder, "gc", "-q")
    repository = tracked(folder)
    own = {path.stat().st_ino for path in folder.rglob("*") if path.is_file()}
    copied = {path.stat().st_ino for path in mirror.folder(repository).rglob("*") if path.is_file()}
    assert not own & copied


def test_an_unpacked_object_of_zeros_is_healed(folder: Path) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    loosen(kept)
    sha = git(kept, "rev-parse", "main:app/b.py")
    loose = kept / "objects" / sha[:2] / sha[2:]
    loose.chmod(0o644)
    raw = loose.read_bytes()
    loose.write_bytes(raw[:8] + bytes(len(raw) - 8))
    forget_reports()
    scans.track(str(folder), slug="r", plan=OTHER)
    assert work_off()
    repository.refresh_from_db()
    assert repository.trouble == ""
    assert is_whole(repository)
    assert check_against_cold_scans(repository) == 3
