"""Heads in forks of a forge that has no refs for them in the target, as Bitbucket Cloud: over TLS."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance import scans
from compliance.integrations.pull_requests import PullNews, hear
from compliance.models import PullRequest, PullRequestCheck, Repository
from compliance.scans import heads, mirror
from compliance.scans.heads import KEPT
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, OLD, PLAN, git, push
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AT = datetime(2025, 10, 14, 9, tzinfo=UTC)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    (tmp_path / "team").mkdir()
    (tmp_path / "ben").mkdir()
    write_history(tmp_path / "team" / "shop", list(HISTORY))
    fork = tmp_path / "ben" / "shop"
    subprocess.run(["git", "clone", "-q", "--bare", str(tmp_path / "team" / "shop"), str(fork)], check=True)
    with permitted(), forge(tmp_path, tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        running.password = "s3cr3t"
        yield running


@pytest.fixture
def repository(served: Forge) -> Repository:
    scans.track(f"https://ada:s3cr3t@localhost:{served.port}/team/shop", slug="r", plan=PLAN)
    run_jobs()
    return Repository.objects.get()


def report(repository: Repository, head: str, source_url: str, state: str = "open") -> None:
    news = PullNews(
        number=41,
        title="Make it",
        url="https://git.example.org/pull/41",
        author="ben",
        state=state,
        head=head,
        base="main",
        updated_at=AT,
        source="part",
        source_url=source_url,
        head_ref="refs/heads/part",
    )
    hear(repository, news)


def pushed(served: Forge) -> str:
    """A head in the fork with two new violations."""
    fork = served.root / "ben" / "shop"
    head = push(fork, "Part", app__d=OLD)
    git(fork, "update-ref", "refs/heads/part", head)
    return head


def test_a_fork_is_read_with_the_repository_s_credentials(served: Forge, repository: Repository) -> None:
    """The first digits of the head's SHA are enough, which is all that Bitbucket Cloud reports."""
    head = pushed(served)
    report(repository, head[:12], f"https://localhost:{served.port}/ben/shop")
    assert not PullRequestCheck.objects.exists()
    run_jobs()
    row = PullRequestCheck.objects.get()
    assert (row.head_sha, row.state, row.new) == (head, "passed", 2)
    assert PullRequest.objects.get().head_sha == head
    report(repository, head[:12], f"https://localhost:{served.port}/ben/shop")
    run_jobs()
    assert PullRequestCheck.objects.get() == row
    assert PullRequest.objects.get().head_sha == head


def test_a_fork_that_cannot_be_read_is_an_error_with_the_reason(
    served: Forge, repository: Repository
) -> None:
    head = pushed(served)
    report(repository, head, f"https://localhost:{served.port}/nobody/shop")
    run_jobs()
    row = PullRequestCheck.objects.get()
    start = (
        f"The head {head[:10]} can't be fetched from the fork https://localhost:{served.port}/nobody/shop: "
    )
    assert (row.state, row.reason.startswith(start)) == ("error", True)


def test_a_fork_of_which_only_the_first_digits_are_known_has_no_status_and_says_so(
    served: Forge, repository: Repository
) -> None:
    head = pushed(served)[:12]
    report(repository, head, f"https://localhost:{served.port}/nobody/shop")
    run_jobs()
    row = PullRequestCheck.objects.get()
    assert (row.head_sha, row.state) == (head, "error")
    assert row.reason.endswith(
        " Bitbucket reports only the first 12 digits of the commit's SHA, so it shows no status for it. If "
        "the status is required there, grant the credentials of this repository access to the fork, or push "
        "the branch to the repository itself."
    )


def test_credentials_are_not_sent_to_another_host(served: Forge, repository: Repository) -> None:
    head = pushed(served)
    asked = len(served.asked)
    report(repository, head, f"https://127.0.0.1:{served.port}/ben/shop")
    run_jobs()
    row = PullRequestCheck.objects.get()
    assert row.state == "error"
    assert row.reason == (
        f"The head {head[:10]} is in the fork https://127.0.0.1:{served.port}/ben/shop, which can't be read, "
        "because it isn't on the server of the tracked repository."
    )
    assert all("/ben/" not in path for path in served.asked[asked:])


def test_the_head_of_a_closed_pull_request_is_no_longer_kept(served: Forge, repository: Repository) -> None:
    report(repository, pushed(served), f"https://localhost:{served.port}/ben/shop")
    run_jobs()
    kept = mirror.folder(repository)
    assert git(kept, "for-each-ref", "--format=%(refname)", KEPT) == f"{KEPT}41"
    PullRequest.objects.update(state="closed")
    heads.forget_closed(repository)
    assert git(kept, "for-each-ref", KEPT) == ""
