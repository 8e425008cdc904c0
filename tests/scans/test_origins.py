"""Origins with old or unsafe objects, a renamed branch, a new address or another owner."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from compliance import scans
from compliance.jobs import enqueue
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Commit, Job, Repository
from compliance.scans import mirror, polling
from compliance.tasks import KINDS
from tests.integrations.sender import send
from tests.scanner.git.defects import DANGEROUS, HARMLESS, push_defect
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scans.upstream import NEW, OLD, PLAN, again, git, push, tracked
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def one_turn() -> Job:
    """Let a worker take the one job that is due."""
    job = claim("test")
    assert job is not None
    take(job, KINDS)
    job.refresh_from_db()
    return job


@pytest.fixture
def forged(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    with permitted(), forge(folder.parent, tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running


def test_a_history_with_old_defects_is_recorded(folder: Path) -> None:
    half = len(HARMLESS) // 2
    for name in HARMLESS[:half]:
        push_defect(folder, name, OLD + f"# {name}\n")
    repository = tracked(folder)
    for name in HARMLESS[half:]:
        push_defect(folder, name, OLD + f"# {name}\n")
    again(repository)
    assert repository.trouble == ""
    assert Commit.objects.filter(position__isnull=False).count() == 3 + len(HARMLESS)
    assert check_against_cold_scans(repository) == 3 + len(HARMLESS)


@pytest.mark.parametrize("name", sorted(DANGEROUS))
def test_an_unsafe_object_is_the_repository_s_visible_problem(folder: Path, name: str) -> None:
    repository = tracked(folder)
    before = rows(repository)
    push_defect(folder, name)
    enqueue("update", repository)
    job = one_turn()
    repository.refresh_from_db()
    assert job.state == "waiting"
    assert name in repository.trouble
    assert (repository.trouble_kind, repository.trouble_title) == (
        "unsafe",
        "The repository has unsafe objects",
    )
    assert rows(repository) == before
    Repository.objects.all().delete()
    scans.track(str(folder), slug="first", plan=PLAN)
    one_turn()
    first = Repository.objects.get()
    assert name in first.trouble, "at the first read it is as a later one"
    assert not Commit.objects.exists()


@pytest.mark.parametrize("default", ["develop", "zebra", "feature/one"])
def test_the_default_branch_is_the_one_that_the_origin_names(
    folder: Path, forged: Forge, default: str
) -> None:
    for name in ("develop", "zebra", "feature/one", "master"):
        git(folder, "branch", name, "main")
    git(folder, "symbolic-ref", "HEAD", f"refs/heads/{default}")
    assert scans.track(str(folder), slug="r", plan=PLAN).branch == default
    url = f"https://localhost:{forged.port}/{folder.name}"
    assert scans.track(url, slug="s", plan=PLAN).branch == default
    git(folder, "symbolic-ref", "HEAD", "refs/heads/nowhere")
    Repository.objects.all().delete()
    assert scans.track(str(folder), slug="t", plan=PLAN).branch == "main", (
        "HEAD is on a branch without commits"
    )


@pytest.mark.parametrize("way", ["poll", "job"])
def test_a_renamed_default_branch_is_followed(folder: Path, way: str) -> None:
    repository = tracked(folder)
    tip = push(folder, "more", app__b=NEW)
    git(folder, "branch", "-m", "main", "trunk")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/trunk")
    if way == "poll":
        polling.poll()
    else:
        enqueue("update", repository)
    run_jobs()
    repository.refresh_from_db()
    assert (repository.branch, repository.trouble, repository.head and repository.head.sha) == (
        "trunk",
        "",
        tip,
    )
    assert check_against_cold_scans(repository) == 4
    git(folder, "branch", "-m", "trunk", "live")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/live")
    enqueue("update", repository)
    run_jobs()
    repository.refresh_from_db()
    assert (repository.branch, repository.trouble) == ("live", ""), "a second time, too"


def test_a_push_to_a_renamed_default_branch_is_noticed_at_once(folder: Path) -> None:
    repository = tracked(folder)
    Repository.objects.update(polled_at=timezone.now(), hooked_at=timezone.now())
    git(folder, "branch", "-m", "main", "trunk")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/trunk")
    body = {"ref": "refs/heads/trunk", "after": "1" * 40, "repository": {"default_branch": "main"}}
    for default, branch in (("main", "main"), ("trunk", "trunk")):
        body["repository"] = {"default_branch": default}
        answer = send(repository, "push__one_commit", default, body=json.dumps(body).encode())
        assert ("polled soon" in answer.json()["message"]) == (default == "trunk")
        polling.poll()
        run_jobs()
        repository.refresh_from_db()
        assert (repository.branch, repository.trouble) == (branch, "")


@pytest.mark.parametrize("case", ["another branch", "no other default"])
def test_a_branch_that_was_not_renamed_is_not_replaced(folder: Path, case: str) -> None:
    git(folder, "branch", "release", "main")
    repository = scans.track(
        str(folder), slug="r", plan=PLAN, branch="release" if case == "another branch" else ""
    )
    run_jobs()
    git(folder, "update-ref", "-d", f"refs/heads/{repository.branch}")
    enqueue("update", repository)
    run_jobs()
    before = repository.branch
    repository.refresh_from_db()
    assert (repository.branch, repository.trouble_kind) == (before, "branch")


@pytest.mark.parametrize(
    "moved_to", ["https://forge.example.org/new", "https://ada:s3cr3t@example.org/x", "/up"]
)
def test_a_repository_that_has_moved_is_said_to_have_moved_and_where_to(
    folder: Path, forged: Forge, moved_to: str
) -> None:
    url = f"https://localhost:{forged.port}/{folder.name}"
    repository = scans.track(url, slug="r", plan=PLAN)
    run_jobs()
    forged.moved_to = moved_to
    enqueue("update", repository)
    one_turn()
    repository.refresh_from_db()
    target = {"/up": f"https://localhost:{forged.port}/up"}.get(moved_to, moved_to.replace("ada:s3cr3t@", ""))
    assert f"has moved to {target}/{folder.name};" in repository.trouble
    assert (repository.trouble_kind, repository.trouble_title) == ("moved", "The repository has moved")
    assert "server is up" not in repository.trouble
    polling.poll()
    repository.refresh_from_db()
    assert repository.trouble_kind == "moved"


def test_a_folder_of_another_user_is_refused_with_what_helps_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tracked(folder)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to test this without root
    refused = subprocess.run(["git", "-C", folder, "log"], capture_output=True, text=True, check=False)
    assert "dubious ownership" in refused.stderr
    with pytest.raises(scans.GitError) as caught:
        scans.track(str(folder), slug="other", plan=PLAN)
    assert "chown" in str(caught.value)
    assert "git config --global" not in str(caught.value), "git's advice has no effect here"
    enqueue("update", repository)
    one_turn()
    repository.refresh_from_db()
    assert repository.trouble_kind == "owner"
    polling.poll()
    repository.refresh_from_db()
    assert repository.trouble_title == "The repository belongs to another user"
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    assert again(repository).trouble == ""
    assert os.access(mirror.folder(repository), os.R_OK)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "n" * 201, "200 characters"),
        ("slug", "s" * 51, "50 characters"),
        ("slug", "a/b", "letters, numbers"),
        ("branch", "b" * 4097, "4096 characters"),
    ],
)
def test_a_value_over_its_limit_is_refused_with_its_field(
    folder: Path, field: str, value: str, words: str
) -> None:
    given: dict[str, Any] = {field: value}
    with pytest.raises(scans.TroubleError, match=f"The {field} .*{words}"):
        scans.track(str(folder), plan=PLAN, **given)
    with pytest.raises(scans.TroubleError, match=r"The url .*1000 characters"):
        scans.track(f"https://example.org/{'x' * 1000}", plan=PLAN)
    assert not Repository.objects.exists()
