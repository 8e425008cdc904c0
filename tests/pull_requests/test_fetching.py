"""What is fetched for a judgement: one head that can't be fetched holds up no other one, and a tracked branch
that was renamed is followed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from compliance.jobs import enqueue
from compliance.models import PullRequest, PullRequestCheck, Repository
from compliance.scans import heads
from scanner import RemoteError, fetch_refs
from tests.pull_requests.heads import branch, check, report
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, OLD, git, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


def opened(repository: Repository, folder: Path, number: int, **more: Any) -> str:
    """The head of a pull request with two new violations, as a list of the forge reports it."""
    ref = f"refs/pull/{number}/head"
    sha = branch(folder, ref, **{f"app__d{number}": OLD})
    report(repository, sha, number=number, **{"head_ref": ref, **more})
    return sha


def test_a_fork_with_an_invalid_address_is_an_error_of_its_head_alone(folder: Path) -> None:
    repository = tracked(folder)
    fork = {"source_url": "https://[forge.example.org/ben/shop", "head_ref": "refs/heads/part"}
    sick, fine = opened(repository, folder, 41, **fork), opened(repository, folder, 42)
    run_jobs()

    assert (check(fine).state, check(fine).new) == ("passed", 2)
    assert (check(sick).state, check(sick).merge_note, check(sick).notes) == ("error", "", [])
    assert check(sick).reason.startswith(
        f"The head {sick[:10]} is in a fork whose address, {fork['source_url']}, is invalid: "
    )


def test_a_head_that_the_server_does_not_send_in_time_holds_up_no_other_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tracked(folder)
    sick, *fine = (opened(repository, folder, number) for number in (41, 42, 43))

    def fetch_or_fail(path: str, refspecs: Sequence[str], *more: Any) -> None:
        if any("refs/pull/41/head" in refspec or sick in refspec for refspec in refspecs):
            raise RemoteError("the server did not answer in time", "no answer")
        fetch_refs(path, refspecs, *more)

    monkeypatch.setattr(heads, "fetch_refs", fetch_or_fail)
    run_jobs()

    assert {check(sha).state for sha in fine} == {"passed"}
    assert (check(sick).state, check(sick).reason) == (
        "error",
        f"The head {sick[:10]} can't be fetched from the repository: the server did not answer in time.",
    )


def rename(folder: Path) -> None:
    git(folder, "branch", "-m", "main", "trunk")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/trunk")


def test_a_head_is_judged_although_its_target_was_renamed_a_moment_ago(folder: Path) -> None:
    repository = tracked(folder)
    sha = opened(repository, folder, 41)
    rename(folder)
    run_jobs()

    repository.refresh_from_db()
    assert (repository.branch, PullRequest.objects.get().base) == ("trunk", "trunk")
    assert (check(sha).state, check(sha).new) == ("passed", 2)
    assert "The newest commit of trunk" in check(sha).base_reason


def test_a_head_that_was_pushed_before_the_renamed_target_is_tracked_is_judged(folder: Path) -> None:
    """The forge retargets the pull request before the new name is known here."""
    repository = tracked(folder)
    first = opened(repository, folder, 41)
    run_jobs()
    judged_at = check(first).judged_at
    rename(folder)
    second = branch_of_trunk(folder)
    report(repository, second, later=1, base="trunk", retargeted=True, to_default=True)
    assert PullRequest.objects.get().state == "closed"
    enqueue("update", repository)
    run_jobs()

    assert PullRequest.objects.get().state == "open"
    assert (check(second).state, check(second).new) == ("passed", 2)
    assert check(first).judged_at == judged_at


def test_a_head_whose_target_is_gone_is_an_error_that_says_so(folder: Path) -> None:
    repository = tracked(folder)
    sha = opened(repository, folder, 41)
    git(folder, "update-ref", "-d", "refs/heads/main")
    run_jobs()

    assert check(sha).state == "error"
    assert "The branch main no longer exists" in check(sha).reason
    assert PullRequestCheck.objects.count() == 1


def branch_of_trunk(folder: Path) -> str:
    """A new head, whose commits are on top of the renamed branch."""
    git(folder, "update-ref", "refs/heads/main", "trunk")
    sha = branch(folder, "refs/pull/41/head", app__e=OLD)
    git(folder, "update-ref", "-d", "refs/heads/main")
    return sha
