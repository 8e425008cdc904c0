"""Heads of pull requests are fetched, judged and stored, whatever happens meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from compliance import scans
from compliance.integrations import merge_groups
from compliance.integrations.provider import MergeGroup
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Job, PullRequest, PullRequestCheck, Repository
from compliance.pull_requests.override import rerun
from compliance.scans import mirror, walker_state
from compliance.scans.heads import KEPT, Head, provide
from compliance.tasks import KINDS
from tests.pull_requests.heads import branch, check, report
from tests.scanner.factories import PLAN_TEXT
from tests.scanner.history import write_history
from tests.scans.factories import person
from tests.scans.upstream import HISTORY, NEW, OLD, again, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TWO = f"{OLD}y = get_it()\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


@pytest.fixture
def repository(folder: Path) -> Repository:
    return tracked(folder)


def found(head: str) -> list[tuple[str, str, int]]:
    return list(check(head).findings.values_list("kind", "path", "line"))


def test_a_head_in_a_fork_is_fetched_and_judged_against_its_merge_base(
    repository: Repository, folder: Path
) -> None:
    base = git(folder, "rev-parse", "main")
    head = branch(folder, "refs/pull/41/head", app__b=NEW, app__d=OLD)
    push(folder, "Go on", app__c="print(2)\n")
    report(repository, head)
    assert (check(head).state, check(head).cause) == ("pending", "pull request #41")
    run_jobs()
    row = check(head)
    assert (row.state, row.base_sha, row.plan) == ("passed", base, repository.plan)
    assert row.base_reason == (
        "The merge base of the head and main. Later commits of main are not part of this change."
    )
    assert (row.new, row.fixed, row.moved) == (2, 2, 0)
    assert found(head) == [
        (kind, path, line) for kind, path in (("new", "app/d.py"), ("fixed", "app/b.py")) for line in (1, 2)
    ]
    assert (row.clean_before, row.files_before, row.clean_after, row.files_after) == (2, 4, 3, 5)
    assert sorted(PullRequest.objects.get().files.values_list("path", flat=True)) == ["app/b.py"]


def test_the_reason_of_a_suppression_is_stored(repository: Repository, folder: Path) -> None:
    text = OLD.replace("\n", "  # ssot: ignore[shared] because a customer needs it\n")
    head = branch(folder, "refs/pull/41/head", app__d=text)
    report(repository, head)
    run_jobs()

    suppressed = check(head).findings.filter(kind="suppressed").values_list("path", "line", "reason")
    assert list(suppressed) == [("app/d.py", line, "a customer needs it") for line in (1, 2)]


def test_what_was_judged_never_needs_the_ref_again(repository: Repository, folder: Path) -> None:
    head = branch(folder, "refs/pull/41/head", app__d=OLD)
    report(repository, head)
    run_jobs()
    git(folder, "update-ref", "-d", "refs/pull/41/head")
    git(folder, "reflog", "expire", "--expire=now", "--all")
    git(folder, "prune", "--expire=now")
    other = PLAN_TEXT.replace("stored-call: critical", "stored-call: low")
    scans.track(str(folder), slug="r", plan=other, replace_plan=True)
    run_jobs()
    repository.refresh_from_db()
    row = check(head)
    assert (row.state, row.plan, row.cause) == ("passed", repository.plan, "plan version 2 is active")
    assert set(row.findings.values_list("risk", flat=True)) == {"low", "medium"}


def test_a_head_that_is_gone_is_an_error_with_its_reason(repository: Repository) -> None:
    report(repository, "b" * 40)
    run_jobs()
    row = check("b" * 40)
    assert row.state == "error"
    assert row.reason.startswith("The head bbbbbbbbbb can't be fetched from the repository: ")
    assert not PullRequest.objects.get().files.exists()


def test_a_head_that_one_of_its_places_has_is_not_missing(repository: Repository, folder: Path) -> None:
    """Two pull requests have one head, which can be fetched for one of them. Another head is gone."""
    sha = branch(folder, "refs/pull/41/head", app__d=OLD)
    fork = "https://elsewhere.example.org/ben/shop.git"
    gone = Head("b" * 40, "refs/pull/40/head", f"{KEPT}40")
    here, there = Head(sha, "refs/pull/41/head", f"{KEPT}41"), Head(sha, "refs/heads/x", f"{KEPT}42", fork)
    assert list(provide(repository, [gone, here, there], with_target=False)) == [gone.sha]


def test_a_head_without_a_common_ancestor_is_an_error(repository: Repository, folder: Path) -> None:
    tree = git(folder, "rev-parse", "main^{tree}")
    head = git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", tree, "-m", "x")
    git(folder, "update-ref", "refs/pull/41/head", head)
    report(repository, head)
    run_jobs()
    assert (check(head).state, check(head).reason) == (
        "error",
        f"The head {head[:10]} and main have no common ancestor, so what is new cannot be determined. "
        "Rebase the pull request on main.",
    )


def test_a_force_push_leaves_both_heads_with_their_verdicts(repository: Repository, folder: Path) -> None:
    first = branch(folder, "refs/pull/41/head", app__d=OLD)
    report(repository, first)
    run_jobs()
    second = branch(folder, "refs/pull/41/head", app__d=NEW)
    report(repository, second, later=1)
    run_jobs()
    assert [(row.head_sha, row.new) for row in PullRequest.objects.get().checks.order_by("pk")] == [
        (first, 2),
        (second, 0),
    ]
    report(repository, first, later=2)
    run_jobs()
    assert PullRequestCheck.objects.count() == 2


def test_a_file_that_cannot_be_judged_is_an_error_unless_something_blocks(
    repository: Repository, folder: Path
) -> None:
    head = branch(folder, "refs/pull/41/head", app__d="from app.home import get_it\ndef broken(:\n")
    report(repository, head)
    run_jobs()
    row = check(head)
    assert (row.state, row.doubts) == ("error", 1)
    assert row.reason.startswith("app/d.py can't be judged: ")


def test_a_worker_that_is_killed_leaves_nothing_half_done(
    repository: Repository, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker takes over the job while the first one still judges: only one of them stores."""
    head = branch(folder, "refs/pull/41/head", app__d=OLD)
    report(repository, head)
    job = claim("first")
    assert job is not None
    Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1)
    take(job, KINDS)
    assert (check(head).state, check(head).findings.count()) == ("pending", 0)
    Job.objects.filter(pk=job.pk).update(state="waiting", lease_until=None)
    run_jobs()
    assert (check(head).state, check(head).findings.count()) == ("passed", 2)


def test_a_head_that_is_reported_twice_is_judged_once(repository: Repository, folder: Path) -> None:
    head = branch(folder, "refs/pull/41/head", app__d=OLD)
    report(repository, head)
    report(repository, head, later=1)
    run_jobs()
    report(repository, head, later=2)
    assert not Job.objects.filter(kind="pull", state="waiting").exists()
    assert Job.objects.filter(kind="pull").count() == 1


def test_a_head_with_an_error_is_tried_again_after_an_hour(repository: Repository, folder: Path) -> None:
    later = folder.with_name("later.git")
    git(folder, "clone", "-q", "--mirror", str(folder), str(later))
    head = branch(later, "refs/pull/41/head", app__d=OLD)
    report(repository, head)
    run_jobs()
    assert check(head).state == "error"
    git(folder, "fetch", "-q", str(later), "refs/pull/41/head:refs/pull/41/head")
    report(repository, head, later=1)
    run_jobs()
    assert check(head).state == "error"
    PullRequestCheck.objects.update(judged_at=timezone.now() - timedelta(hours=1))
    report(repository, head, later=2)
    run_jobs()
    assert check(head).state == "passed"


def test_a_branch_that_is_gone_is_an_error_and_the_verdict_comes_later(
    repository: Repository, folder: Path
) -> None:
    head = branch(folder, "refs/pull/41/head", app__d=OLD)
    main = git(folder, "rev-parse", "main")
    git(folder, "update-ref", "refs/heads/other", main)
    git(folder, "update-ref", "-d", "refs/heads/main")
    report(repository, head)
    job = claim("test")
    assert job is not None
    take(job, KINDS)
    job.refresh_from_db()
    assert (check(head).state, job.state, job.attempts) == ("error", "done", 1)
    git(folder, "update-ref", "refs/heads/main", main)
    rerun(PullRequest.objects.get(), person("ada"))
    run_jobs()
    assert check(head).state == "passed"


def test_a_machine_without_a_mirror_clones_it(repository: Repository, folder: Path) -> None:
    head = branch(folder, "refs/pull/41/head", app__d=OLD)
    moved = mirror.folder(repository)
    moved.rename(moved.with_name(f"{moved.name} elsewhere"))
    walker_state._kept.states.clear()
    report(repository, head)
    run_jobs()
    assert (check(head).state, check(head).new) == ("passed", 2)


def test_heads_are_judged_again_only_if_their_base_has_changed(repository: Repository, folder: Path) -> None:
    heads = {}
    for number in (41, 42):
        heads[number] = branch(folder, f"refs/pull/{number}/head", **{f"app__d{number}": OLD})
        report(repository, heads[number], number=number, head_ref=f"refs/pull/{number}/head")
    run_jobs()
    before = {number: check(sha).judged_at for number, sha in heads.items()}
    push(folder, "Go on", app__c="print(2)\n")
    again(repository)
    assert {number: check(sha).judged_at for number, sha in heads.items()} == before
    git(folder, "update-ref", "refs/heads/main", heads[41])
    again(repository)
    assert check(heads[42]).judged_at == before[42]
    row = check(heads[41])
    assert row.base_reason == "The newest commit of main, which the head contains."
    assert (row.new, row.base_sha, row.cause) == (0, heads[41], "main has moved")


def test_a_merge_group_whose_base_is_not_reported_has_that_of_a_pull_request(
    repository: Repository, folder: Path
) -> None:
    base = git(folder, "rev-parse", "main")
    ref = "refs/heads/gh-readonly-queue/main/pr-41-1"
    head = branch(folder, ref, app__d=OLD)
    merge_groups.hear(repository, MergeGroup(head, ref, "main", ""))
    run_jobs()
    row = check(head)
    assert (row.state, row.new, row.base_sha) == ("passed", 2, base)
    assert row.base_reason == "The newest commit of main, which the head contains."


def test_merge_groups_are_judged_again_with_the_pull_requests(repository: Repository, folder: Path) -> None:
    base = git(folder, "rev-parse", "main")
    groups = {}
    for number in (41, 42):
        ref = f"refs/heads/gh-readonly-queue/main/pr-{number}"
        groups[number] = branch(folder, ref, **{f"app__d{number}": OLD})
        merge_groups.hear(repository, MergeGroup(groups[number], ref, "main", base))
    report(repository, branch(folder, "refs/pull/43/head", app__d=NEW), number=43)
    run_jobs()
    old = check(groups[42])
    PullRequestCheck.objects.filter(pk=old.pk).update(requested_at=timezone.now() - timedelta(hours=7))
    other = PLAN_TEXT.replace("app.home.get_it, app.home._it", "app.home.nothing")
    scans.track(str(folder), slug="r", plan=other, replace_plan=True)
    run_jobs()
    row = check(groups[41])
    assert (row.new, row.base_sha, row.cause) == (0, base, "plan version 2 is active")
    assert (check(groups[42]).new, check(groups[42]).judged_at) == (2, old.judged_at)


def test_a_merge_group_is_judged_on_the_commit_below_it(repository: Repository, folder: Path) -> None:
    base = git(folder, "rev-parse", "main")
    ref = "refs/heads/gh-readonly-queue/main/pr-41-1"
    head = branch(folder, ref, app__d=OLD)
    merge_groups.hear(repository, MergeGroup(head, ref, "main", base))
    run_jobs()
    row = check(head)
    assert (row.state, row.new, row.base_sha, row.merge_group) == ("passed", 2, base, ref)
    other = branch(folder, ref, app__e=OLD)
    merge_groups.hear(repository, MergeGroup(other, ref, "main", base))
    merge_groups.hear(repository, MergeGroup(other, ref, "main", base, is_gone=True))
    run_jobs()
    assert not PullRequestCheck.objects.filter(head_sha=other).exists()
    assert check(head).state == "passed"
