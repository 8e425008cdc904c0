"""The open pull requests are listed at each forge, over HTTP, against a strict peer of its API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from compliance import tasks
from compliance.integrations import pull_lists
from compliance.integrations.connections import attach
from compliance.models import Connection, Job, PullRequest, PullRequestCheck, Repository
from tests.integrations.peers.client import Peer, running
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, OLD, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WHEN = "2026-03-02T09:40:00Z"


@dataclass(frozen=True)
class Case:
    """How one forge is connected. `path` is where the peer has the API, `ref` the head's name at the forge,
    and `page` the number of entries of a page.
    """

    provider: str
    path: str
    project: str
    token: str
    ref: str
    page: int = 100
    account: str = ""

    def entry(self, number: int, head: str, base: str = "main") -> dict[str, Any]:
        """An entry of the forge's list."""
        return _ENTRIES[self.provider](number, head, base)


def _github(number: int, head: str, base: str) -> dict[str, Any]:
    url = f"https://git.example.org/team/shop/pull/{number}"
    source = {"sha": head, "ref": "part", "repo": {"full_name": "ada/shop", "clone_url": "https://x.org/a"}}
    values = {"number": number, "state": "open", "title": "Make it", "html_url": url, "head": source}
    return {**values, "base": {"ref": base}, "user": {"login": "ada"}, "draft": True, "updated_at": WHEN}


def _gitlab(number: int, head: str, base: str) -> dict[str, Any]:
    url = f"https://git.example.org/team/back/shop/-/merge_requests/{number}"
    values = {"iid": number, "title": "Make it", "source_branch": "part", "target_branch": base, "sha": head}
    return {**values, "author": {"username": "ada"}, "draft": True, "updated_at": WHEN, "web_url": url}


def _bitbucket(number: int, head: str, base: str) -> dict[str, Any]:
    url = f"https://git.example.org/team/shop/pull-requests/{number}"
    own = {"full_name": "team/shop"}
    return {
        "id": number,
        "title": "Make it",
        "state": "OPEN",
        "author": {"nickname": "ada"},
        "source": {"commit": {"hash": head[:12]}, "branch": {"name": "part"}, "repository": own},
        "destination": {"branch": {"name": base}, "repository": own},
        "draft": True,
        "updated_on": WHEN,
        "links": {"html": {"href": url}},
    }


def _bitbucket_dc(number: int, head: str, base: str) -> dict[str, Any]:
    url = f"https://git.example.org/projects/SHOP/repos/shop/pull-requests/{number}"
    own = {"slug": "shop", "project": {"key": "SHOP"}}
    return {
        "id": number,
        "title": "Make it",
        "state": "OPEN",
        "author": {"user": {"name": "ada"}},
        "fromRef": {"id": "refs/heads/part", "latestCommit": head},
        "toRef": {"id": f"refs/heads/{base}", "repository": own},
        "draft": True,
        "updatedDate": 1_772_444_400_000,
        "links": {"self": [{"href": url}]},
    }


_ENTRIES = {
    "github": _github,
    "gitea": _github,
    "gitlab": _gitlab,
    "bitbucket": _bitbucket,
    "bitbucket-dc": _bitbucket_dc,
}
CASES = [
    Case("github", "", "team/shop", "classic", "refs/pull/{}/head"),
    Case("gitlab", "/api/v4", "team/back/shop", "maintainer", "refs/merge-requests/{}/head"),
    Case("gitea", "/api/v1", "team/shop", "admin", "refs/pull/{}/head", 50),
    Case("bitbucket", "/2.0", "team/shop", "personal", "refs/heads/part", 50, "ada@example.org"),
    Case("bitbucket-dc", "", "SHOP/shop", "admin", "refs/pull-requests/{}/from"),
]


@pytest.fixture(params=CASES, ids=lambda case: case.provider)
def case(request: pytest.FixtureRequest, settings: Settings) -> Case:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    found: Case = request.param
    return found


@pytest.fixture
def peer(case: Case) -> Iterator[Peer]:
    with running(case.provider.replace("-", "_")) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


def connected(case: Case, peer: Peer, repository: Repository) -> None:
    found = Connection.objects.create(
        slug="forge",
        name="Forge",
        provider=case.provider,
        api_url=f"{peer.url}{case.path}",
        token=case.token,
        account=case.account,
    )
    attach(repository, found, case.project)


def branch(folder: Path, ref: str) -> str:
    """A head with a new violation; main stays where it is."""
    head = push(folder, "Part", app__d=OLD)
    git(folder, "update-ref", "refs/heads/main", f"{head}^")
    git(folder, "update-ref", ref, head)
    return head


def test_heads_are_known_without_webhooks(case: Case, peer: Peer, folder: Path) -> None:
    repository = tracked(folder)
    ref = case.ref.format(7)
    head = branch(folder, ref)
    peer.put(pulls=[case.entry(7, head), case.entry(8, head, "release")])
    connected(case, peer, repository)
    tasks.list_pull_requests()
    row = PullRequest.objects.get()
    assert (row.number, row.state, row.author, row.base) == (7, "open", "ada", "main")
    assert (row.source, row.head_ref, row.draft) == ("part", ref, True)
    assert row.listed_at is not None
    take_pulls()
    check = PullRequestCheck.objects.get()
    assert (check.head_sha, check.state, check.new) == (head, "passed", 2)
    assert PullRequest.objects.get().head_sha == head

    peer.put(pulls=[])
    tasks.list_pull_requests()
    assert PullRequest.objects.get().state == "open", "the list isn't due yet"
    pull_lists.request(repository)
    tasks.list_pull_requests()
    assert PullRequest.objects.get().state == "closed"
    peer.put(pulls=[case.entry(7, head)])
    pull_lists.request(repository)
    tasks.list_pull_requests()
    assert PullRequest.objects.get().state == "open"


def take_pulls() -> None:
    """Run the jobs but for those that send: the peer knows none of these commits."""
    Job.objects.filter(kind="deliver").delete()
    run_jobs()


def test_every_page_is_read_and_a_forge_that_fails_is_asked_later(
    case: Case, peer: Peer, folder: Path
) -> None:
    repository = tracked(folder)
    peer.put(pulls=[case.entry(number, "a" * 40) for number in range(1, case.page + 2)])
    connected(case, peer, repository)
    peer.trouble("status", status=503, times=1)
    tasks.list_pull_requests()
    assert not PullRequest.objects.exists()
    assert Connection.objects.get().is_failing
    Repository.objects.update(pulls_listed_at=timezone.now() - timedelta(minutes=6))
    tasks.list_pull_requests()
    assert PullRequest.objects.filter(state="open").count() == case.page + 1
    assert not Connection.objects.get().is_failing
