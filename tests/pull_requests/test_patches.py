"""The job `pull-patch` computes proven patches for what the newest head adds, and `git apply` takes them."""

import subprocess
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Attachment, CheckFinding, Connection, Job, OutboxItem, PullRequest, Repository
from compliance.pull_requests import patches
from compliance.pull_requests.requests import request_recheck
from compliance.scans import mirror
from compliance.scans.pull_request_patches import HeadPatcher
from compliance.tasks import KINDS
from tests.pull_requests.heads import branch, check, report
from tests.pull_requests.published import comment, kinds, status
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, git, push, tracked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HOME = "def get_it():\n    return 1\n\n\ndef make_it():\n    return 1\n"
ADDED = "from app.home import get_it\n\n\ndef work():\n    return get_it()\n"
FIXED = "from app.home import make_it\n\n\ndef work():\n    return make_it()\n"
WITHOUT_FIX = ADDED.replace("get_it()", "get_it(1)")  # the replacement takes no argument


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"


@pytest.fixture
def repository(folder: Path) -> Repository:
    """A repository with both names, which is connected to a forge that receives nothing."""
    push(folder, "Offer both", app__home=HOME)
    repository = tracked(folder)
    found = Connection.objects.create(
        slug="forge", name="Forge", provider="gitea", api_url="https://forge.example.org/api/v1", token="t"
    )
    Attachment.objects.create(repository=repository, connection=found, kind="forge", project="team/shop")
    return repository


def work(*queues: str) -> None:
    """Run the jobs that are due, without sending anything."""
    while job := claim("test", queues or ("scans", "urgent")):
        take(job, KINDS)


def judge(repository: Repository, folder: Path, later: int = 0, **files: str) -> str:
    """Judge a head with these files, and leave the job for its patches. Return the head."""
    head = branch(folder, "refs/pull/41/head", **files)
    report(repository, head, later)
    work("urgent")
    assert check(head).state == "passed"
    return head


def patch_jobs(*states: str) -> int:
    return Job.objects.filter(kind=patches.KIND, state__in=states).count()


def run_patches(limit: float = 60.0) -> Job:
    """Run the job for the patches once."""
    while job := claim("test", ["scans", "urgent"]):
        take(job, KINDS, limit=limit)
        if job.kind == patches.KIND:
            job.refresh_from_db()
            assert not job.error, job.error
            return job
    raise AssertionError("no job for patches is due")


def patched(head: str) -> list[Any]:
    rows = CheckFinding.objects.filter(pull_request_check__head_sha=head).exclude(patch="")
    return list(rows.values_list("path", "line"))


@pytest.mark.parametrize(("app", "again"), [("4711", 1), ("", 0)])
def test_a_check_run_gets_the_patches_as_soon_as_they_are_there(
    repository: Repository, folder: Path, app: str, again: int
) -> None:
    """A status of another kind has no room for them."""
    Connection.objects.update(provider="github", app_id=app)
    judge(repository, folder, app__d=ADDED, app__e=ADDED)
    item = OutboxItem.objects.get(kind="status")
    run_patches(limit=-1.0)
    item.refresh_from_db()
    before = item.revision
    run_patches()
    item.refresh_from_db()
    assert item.revision - before == again
    details = [found.details for found in status().annotations]
    assert len(details) == 4
    assert all(details)


def test_git_applies_the_patch_to_the_head_and_nothing_new_is_left(
    repository: Repository, folder: Path, tmp_path: Path
) -> None:
    head = judge(repository, folder, app__d=ADDED)
    run_patches()

    assert patched(head) == [("app/d.py", 1), ("app/d.py", 5)]
    (text,) = set(check(head).findings.values_list("patch", flat=True))
    git(folder, "update-ref", "refs/heads/head", head)
    git(tmp_path, "clone", "-q", "-b", "head", str(folder), "work")
    subprocess.run(["git", "apply"], cwd=tmp_path / "work", input=text.encode(), check=True)
    fixed = (tmp_path / "work/app/d.py").read_text()
    assert fixed == FIXED
    following = judge(repository, folder, 1, app__d=fixed)
    assert (check(following).new, patched(following)) == (0, [])
    assert patch_jobs("waiting") == 0


def test_the_comment_is_requested_again_and_shows_each_patch_once(
    repository: Repository, folder: Path, client: Client
) -> None:
    head = judge(repository, folder, app__d=ADDED)
    assert "```diff" not in comment().body
    assert kinds() == ["comment", "status"]
    OutboxItem.objects.all().delete()
    run_patches()

    assert patched(head)
    assert kinds() == ["comment"]
    assert comment().body.count("```diff") == 1
    assert "Patch for `app/d.py:5` and line 1, checked to compile and to add no violation:" in comment().body
    client.force_login(User.objects.create_user("ada"))
    page = client.get("/repositories/r/pull-requests/41/").content.decode()
    assert page.count("Show patch for app/d.py:1") == 1
    assert "Also fixed by the patch for app/d.py:1." in page
    assert "Show patch for app/d.py:5" not in page


def test_a_patch_leaves_older_violations_of_the_file_alone(repository: Repository, folder: Path) -> None:
    head = judge(
        repository, folder, app__b="from app.home import get_it\nx = get_it()\n\n\ndef f():\n    get_it()\n"
    )
    run_patches()

    assert patched(head) == [("app/b.py", 6)]
    text = check(head).findings.get(kind="new").patch
    assert "-    get_it()" in text
    assert "-x = get_it()" not in text


def test_a_violation_without_a_fix_has_no_patch_and_causes_no_comment(
    repository: Repository, folder: Path
) -> None:
    head = judge(repository, folder, app__d=WITHOUT_FIX)
    assert check(head).new
    OutboxItem.objects.all().delete()
    run_patches()

    assert patched(head) == []
    assert kinds() == []
    assert check(head).state == "passed"


def test_a_head_that_was_replaced_gets_nothing(repository: Repository, folder: Path) -> None:
    head = judge(repository, folder, app__d=ADDED)
    PullRequest.objects.update(head_sha="e" * 40)
    OutboxItem.objects.all().delete()
    run_patches()
    assert patched(head) == []
    assert kinds() == []


def test_a_head_that_is_replaced_while_a_patch_is_computed_gets_nothing(
    repository: Repository, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = judge(repository, folder, app__d=ADDED)
    compute = HeadPatcher.patch

    def replaced(*arguments: Any) -> Any:
        made = compute(*arguments)
        PullRequest.objects.update(head_sha="e" * 40)
        return made

    monkeypatch.setattr(HeadPatcher, "patch", replaced)
    OutboxItem.objects.all().delete()
    assert run_patches().state == "done"
    assert patched(head) == []
    assert kinds() == []


def test_a_head_that_is_gone_has_no_patch_and_no_error(repository: Repository, folder: Path) -> None:
    head = judge(repository, folder, app__d=ADDED)
    rmtree(mirror.folder(repository))
    git(folder, "update-ref", "-d", "refs/pull/41/head")
    git(folder, "reflog", "expire", "--expire=now", "--all")
    git(folder, "prune", "--expire=now")
    assert run_patches().state == "done"
    assert patched(head) == []
    repository.refresh_from_db()
    assert (repository.trouble, check(head).state) == ("", "passed")


def test_a_head_that_is_judged_again_keeps_its_patches(repository: Repository, folder: Path) -> None:
    head = judge(repository, folder, app__d=ADDED)
    run_patches()
    expected = patched(head)
    request_recheck(repository, "a test")
    work()
    assert check(head).cause == "a test"
    assert patched(head) == expected != []
    assert patch_jobs("waiting", "running", "done") == 1


def test_the_job_makes_room_after_each_file_and_tries_a_limited_number(
    repository: Repository, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patches, "MOST_FILES", 2)
    head = judge(repository, folder, app__d=ADDED, app__e=ADDED, app__f=ADDED)
    note = "Patches are computed for 2 of the 3 files with new violations."
    assert check(head).notes == [note]

    assert run_patches(limit=-1.0).state == "waiting"
    assert {path for path, _ in patched(head)} == {"app/d.py"}
    assert run_patches(limit=-1.0).state == "done"
    assert {path for path, _ in patched(head)} == {"app/d.py", "app/e.py"}
