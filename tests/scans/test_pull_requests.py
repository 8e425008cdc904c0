"""Pull requests: what the forge says is kept in order, and their files are read from the repository."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.integrations.pull_requests import PullNews, hear
from compliance.models import File, Job, PullRequest, Repository
from compliance.work.claims import claim
from tests.integrations.sender import send
from tests.scans.upstream import NEW, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2025, 10, 14, 9, tzinfo=UTC)


@pytest.fixture
def repository(folder: Path) -> Repository:
    return tracked(folder)


def news(head: str, state: str = "open", base: str = "main", later: int = 0) -> PullNews:
    at = AT + timedelta(minutes=later)
    return PullNews(41, "Make it", "https://git.example.org/pull/41", "ben", state, head, base, at)


def branch(folder: Path, name: str) -> str:
    """A branch that leaves main and puts `app/b.py` right; main goes on meanwhile."""
    tip = push(folder, "Make it", app__b=NEW)
    git(folder, "update-ref", f"refs/heads/{name}", tip)
    git(folder, "update-ref", "refs/heads/main", f"{tip}^")
    push(folder, "Go on", app__c="print(2)\n")
    return tip


def paths() -> list[str]:
    return sorted(PullRequest.objects.get().files.values_list("path", flat=True))


def test_its_files_are_those_since_it_left_the_branch(repository: Repository, folder: Path) -> None:
    hear(repository, news(branch(folder, "part")))
    run_jobs()

    assert paths() == ["app/b.py"]


def test_it_shows_beside_the_file_and_the_claim(repository: Repository, folder: Path) -> None:
    hear(repository, news(branch(folder, "part")))
    run_jobs()
    ben = User.objects.create_user("ben")
    give(ben, Role.ENGINEER)
    file = File.objects.get(path="app/b.py")
    claim([file], ben)
    client = Client()
    client.force_login(ben)

    for page in (f"files/{file.pk}/", "my-work/"):
        assert "https://git.example.org/pull/41" in client.get(f"/repositories/r/{page}").content.decode()
    hear(repository, news("b" * 40, state="merged", later=1))
    assert "pull/41" not in client.get("/repositories/r/my-work/").content.decode()


def test_older_news_changes_nothing(repository: Repository) -> None:
    hear(repository, news("b" * 40, state="closed", later=5))

    _, words = hear(repository, news("b" * 40))

    assert "Newer" in words
    assert PullRequest.objects.get().state == "closed"


def test_commits_that_the_mirror_lacks_leave_it_without_files(repository: Repository) -> None:
    hear(repository, news("b" * 40))
    run_jobs()

    assert paths() == []


def test_another_branch_is_not_followed(repository: Repository) -> None:
    _, words = hear(repository, news("b" * 40, base="release"))

    assert "targets release" in words
    assert not PullRequest.objects.exists()


def test_githubs_delivery_makes_the_job(repository: Repository) -> None:
    answer = send(repository, "pull_request__synchronize")

    assert answer.status_code == 202, answer.content
    assert Job.objects.get(kind="pull").key == "41"
    assert PullRequest.objects.get().title == "Give part 1 its own factory"


def test_a_payload_without_its_parts_is_refused(repository: Repository) -> None:
    body = b'{"action": "opened", "pull_request": {"number": 1, "title": "x"}}'

    answer = send(repository, "pull_request__synchronize", body=body)

    assert answer.status_code == 400
    assert not PullRequest.objects.exists()
