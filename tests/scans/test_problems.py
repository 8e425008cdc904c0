"""What stands in the way of reading a repository is said in words, and nothing is half-recorded."""

import errno
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from compliance import scans, tasks
from compliance.jobs import queue
from compliance.jobs.queue import enqueue
from compliance.jobs.runner import take
from compliance.models import Commit, File, Issue, Job, PlanVersion, Repository, Snapshot, Violation
from compliance.scans import polling
from compliance.scans.problems import record
from compliance.work.claims import claim
from tests.scans.upstream import NEW, OLD, PLAN, again, git, push, status, tracked
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def head(repository: Repository) -> str:
    assert repository.head is not None
    return repository.head.sha


def test_an_untrackable_repository_is_rejected_with_a_reason(tmp_path: Path, folder: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    (tmp_path / "plain").mkdir()
    for url, branch, words in (
        (str(tmp_path / "empty.git"), "", "no commits on any branch"),
        (str(tmp_path / "plain"), "", "is not a git repository; it is empty"),
        (str(tmp_path / "nowhere"), "", "no such folder"),
        (str(folder), "release", "no branch 'release'. Its branches are main"),
        ("https://localhost/x.git", "", "cannot be a repository's host"),
        ("ext::sh -c true", "", "https:// or ssh://"),
    ):
        with pytest.raises((scans.GitError, scans.TroubleError), match=words):
            scans.track(url, branch=branch)
    with pytest.raises(scans.PlanError, match="kind"):
        scans.track(str(folder), plan=PLAN.replace("kind", "kinds"))
    assert not Repository.objects.exists()
    assert not Job.objects.exists()


def test_a_shallow_clone_is_not_read(tmp_path: Path, folder: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{folder}", "shallow")
    repository = tracked(tmp_path / "shallow")
    assert "shallow clone" in repository.trouble
    assert repository.trouble_title == "The repository is a shallow clone"
    assert not Commit.objects.exists()


def test_a_plan_with_errors_leaves_the_old_one_in_force(folder: Path) -> None:
    push(folder, "plan", **{"ssot-plan.yaml": PLAN})
    repository = tracked(folder, plan=None)
    assert (repository.trouble, PlanVersion.objects.count()) == ("", 1)
    first = repository.plan
    tip = push(folder, "broken", **{"ssot-plan.yaml": PLAN.replace("kind: dep", "kindly: dep")})
    again(repository)
    assert "ssot-plan.yaml" in repository.trouble
    assert "kindly" in repository.trouble
    assert (repository.trouble_kind, repository.trouble_title) == ("plan", "The plan has errors")
    assert repository.plan == first
    assert head(repository) != tip
    tip = push(folder, "mended", **{"ssot-plan.yaml": PLAN.replace("critical", "high")})
    again(repository)
    assert (repository.trouble, repository.trouble_kind, head(repository)) == ("", "", tip)
    assert repository.plan != first
    assert repository.history_done
    assert check_against_cold_scans(repository) == repository.line_length


def test_without_a_plan_nothing_is_judged(folder: Path) -> None:
    repository = tracked(folder, plan=None)
    assert "no readable ssot-plan.yaml" in repository.trouble
    assert repository.trouble_kind == "no plan"
    assert not Snapshot.objects.exists()
    assert scans.track(repository.url, slug="r", plan=PLAN).trouble == "", (
        "what is asked for now is not in trouble yet"
    )
    run_jobs()
    repository.refresh_from_db()
    assert (repository.trouble, Snapshot.objects.count()) == ("", 3)


def test_a_plan_of_another_content_judges_the_whole_history_again(folder: Path) -> None:
    repository = tracked(folder)
    old = repository.plan
    issue = Issue.objects.get(key="#1")
    assert [phase.key for phase in issue.phases.all()] == ["first", "second"]
    other = PLAN.replace("app.home._it", "app.home.make_it").replace('key: "#1"', 'key: "#2"')
    other = other.replace("    replacement: {symbol: app.home.make_it}\n", "")
    scans.track(repository.url, slug="r", plan=other)
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan != old
    assert repository.history_done
    assert (
        Snapshot.objects.filter(plan=old).count()
        == Snapshot.objects.filter(plan=repository.plan).count()
        == 3
    )
    assert list(Issue.objects.filter(in_plan=True).values_list("key", flat=True)) == ["#2"]
    check_against_cold_scans(repository)
    before = rows(repository)
    scans.track(repository.url, slug="r", plan=PLAN)
    run_jobs()
    scans.track(repository.url, slug="r", plan=other)
    run_jobs()
    assert rows(repository) == before


def test_a_deleted_branch_stops_only_the_scans(folder: Path) -> None:
    repository = tracked(folder)
    (claimed,) = claim([File.objects.get(path="app/b.py")], User.objects.create_user("ben"))
    before = rows(repository)
    tip = git(folder, "rev-parse", "main")
    git(folder, "update-ref", "-d", "refs/heads/main")
    git(folder, "update-ref", "refs/heads/other", tip)
    Repository.objects.update(branch="main")
    job = enqueue("update", repository)
    run_jobs()
    job.refresh_from_db()
    repository.refresh_from_db()
    assert job.state == "done"
    assert "main no longer exists" in repository.trouble
    assert repository.trouble_kind == "branch"
    assert rows(repository) == before
    claimed.refresh_from_db()
    assert claimed.state == "active"
    git(folder, "update-ref", "refs/heads/main", tip)
    assert again(repository).trouble == ""


def test_an_address_that_stops_answering_is_tried_again_later(folder: Path) -> None:
    repository = tracked(folder)
    folder.rename(folder.with_name("moved.git"))
    job = enqueue("update", repository)
    claimed = queue.claim("test")
    assert claimed is not None
    take(claimed, tasks.KINDS)
    job.refresh_from_db()
    repository.refresh_from_db()
    assert (job.state, job.attempts) == ("waiting", 1)
    assert "no such folder" in job.error
    assert "no such folder" in repository.trouble
    assert repository.trouble_title == "The repository was not found"
    polling.poll()
    repository.refresh_from_db()
    assert (repository.poll_failures, repository.trouble_kind) == (1, "not found")
    polling.poll()
    repository.refresh_from_db()
    assert repository.poll_failures == 1  # not its turn yet
    folder.with_name("moved.git").rename(folder)
    Repository.objects.update(polled_at=None)
    polling.poll()
    Job.objects.filter(state="waiting").update(due_at=job.created_at)
    run_jobs_after_failure()
    repository.refresh_from_db()
    assert (repository.trouble, repository.poll_failures) == ("", 0)


def run_jobs_after_failure() -> None:
    while job := queue.claim("test"):
        take(job, tasks.KINDS)


def test_the_poller_finds_commits_without_a_webhook(folder: Path) -> None:
    repository = tracked(folder)
    polling.poll()
    assert not Job.objects.filter(state="waiting").exists()
    tip = push(folder, "more", app__b=NEW)
    Repository.objects.update(polled_at=None)
    polling.poll()
    polling.poll()
    assert Job.objects.get(state="waiting").cause == f"poll: {tip[:10]}"
    run_jobs()
    repository.refresh_from_db()
    assert head(repository) == tip


def test_missing_blobs_are_skipped_and_shown(tmp_path: Path, folder: Path) -> None:
    push(folder, "lost", app__lost="print('a text that no other test has')\n")
    partial = tmp_path / "partial.git"
    git(tmp_path, "clone", "-q", "--bare", str(folder), str(partial))
    blob = git(partial, "rev-parse", "main:app/lost.py")
    for pack in (partial / "objects" / "pack").glob("*.pack"):
        loose = tmp_path / "moved.pack"
        pack.rename(loose)
        pack.with_suffix(".idx").unlink()
        with loose.open("rb") as packed:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=partial, stdin=packed, check=True)
    (partial / "objects" / blob[:2] / blob[2:]).unlink()
    repository = tracked(partial)
    assert repository.trouble == ""
    assert repository.history_done
    figures = Snapshot.objects.get(commit=repository.head)
    assert (figures.skipped, figures.files) == (1, 4)
    assert check_against_cold_scans(repository) == 4


def test_a_files_status_follows_from_its_past(folder: Path) -> None:
    repository = tracked(folder)
    assert [status(path) for path in ("app/a.py", "app/b.py", "app/c.py")] == ["migrated", "open", "clean"]
    push(folder, "half", app__b="from app.home import get_it\n")
    again(repository)
    assert status("app/b.py") == "open"  # nobody has it
    push(folder, "break", app__c=OLD)
    again(repository)
    assert status("app/c.py") == "regressed"
    broken = Violation.objects.filter(file__path="app/c.py").first()
    assert broken is not None
    assert all(change.regression for change in broken.changes.all())
    push(folder, "rename", app__c=None, app__d=OLD)
    again(repository)
    assert (status("app/c.py"), status("app/d.py")) == ("gone", "regressed")
    renamed = File.objects.get(path="app/c.py").renamed_to
    assert renamed is not None
    assert renamed.path == "app/d.py"
    push(folder, "mend", app__d=NEW, app__b=NEW)
    again(repository)
    assert (status("app/b.py"), status("app/d.py")) == ("migrated", "migrated")
    told = rows(repository)
    other = scans.track(str(folder), slug="other", plan=PLAN)
    run_jobs()
    assert rows(other) == told


@pytest.mark.slow
def test_pushes_in_any_order_end_at_the_tip_of_the_branch(folder: Path) -> None:
    repository = tracked(folder)
    for number in range(50):
        tip = push(folder, f"push {number}", app__n=f"x = {number}\n" + (OLD if number % 3 else ""))
        enqueue("update", repository, cause=f"push {number}")
    assert Job.objects.filter(state="waiting").count() == 1
    run_jobs()
    repository.refresh_from_db()
    assert (head(repository), repository.line_length) == (tip, 53)
    assert check_against_cold_scans(repository, [10, 30, 53]) == 3


def test_old_commits_stay_readable_after_a_force_push(folder: Path) -> None:
    repository = tracked(folder)
    lost = git(folder, "rev-parse", "main")
    git(folder, "update-ref", "refs/heads/main", "main~1")
    tip = push(folder, "another way", app__b=NEW)
    again(repository)
    assert head(repository) == tip
    old = Commit.objects.get(sha=lost)
    assert old.position is None
    assert old.snapshots.count() == 1
    assert old.changes.filter(kind="fixed").count() == 2
    assert check_against_cold_scans(repository) == 3
    git(folder, "update-ref", "refs/heads/main", lost)
    again(repository)
    assert head(repository) == lost
    assert check_against_cold_scans(repository) == 3


def test_steps_are_done_by_the_commit_that_did_them(folder: Path) -> None:
    steps = """
    steps:
      - {title: "Add", defines: app.home.make_it}
      - {title: "Move a", clean: ["app/a.py"]}
      - {title: "Move all", clean: ["app/**"]}
      - {title: "A class", defines: app.home.Box.open}
"""
    repository = tracked(folder, PLAN.rstrip() + steps)
    issue = Issue.objects.get(key="#1")

    def done() -> list[str]:
        return [step.done_by.subject if step.done_by else "" for step in issue.steps.all()]

    assert done() == ["", "Change", "", ""]
    home = "def get_it():\n    return 1\n\n\ndef make_it():\n    return 2\n"
    push(folder, "add", app__home=home)
    again(repository)
    assert done() == ["add", "Change", "", ""]
    push(folder, "box", app__home=home + "\n\nclass Box:\n    def open(self):\n        pass\n")
    push(folder, "all", app__home="def make_it():\n    return 2\n", app__b=NEW)
    again(repository)
    assert done() == ["add", "Change", "all", ""]


def test_unknown_hosts_and_forbidden_addresses_have_different_errors() -> None:
    for url, kind in (
        ("https://nowhere.invalid/x.git", "unreachable"),
        ("https://localhost/x.git", "address"),
        ("ext::sh -c true", "address"),
    ):
        Repository.objects.all().delete()
        repository = Repository.objects.create(slug="r", url=url, branch="main")
        polling.poll()
        repository.refresh_from_db()
        assert repository.trouble_kind == kind, repository.trouble


def test_a_full_disk_is_called_one(folder: Path) -> None:
    repository = tracked(folder)
    record(repository, OSError(errno.ENOSPC, "No space left on device"))
    repository.refresh_from_db()
    assert repository.trouble_title == "The disk is full"
    assert again(repository).trouble_title == ""
