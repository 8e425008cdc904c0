"""Pull requests: what the forge says is kept in order, and their files are read from the repository."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.integrations.pull_requests import PullNews, hear
from compliance.jobs import enqueue
from compliance.models import CheckResult, File, Job, PullRequest, Repository
from compliance.scans import track
from compliance.work.claims import claim
from tests.integrations.sender import payload, send
from tests.scans.upstream import NEW, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

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

    sha = PullRequest.objects.get().head_sha
    CheckResult.objects.create(
        repository=repository, sha=sha, key="t", name="tests", state="failed", updated_at=AT
    )
    for page in (f"files/{file.pk}/", "my-work/"):
        shown = client.get(f"/repositories/r/{page}").content.decode()
        assert "https://git.example.org/pull/41" in shown
        assert "(CI: 1 failed (tests))" in shown
    history = client.get(f"/api/v1/repositories/r/files/{file.pk}/history").json()
    (check,) = history["checks"]
    assert (check["pull_request"], check["name"], check["state"]) == (41, "tests", "failed")
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


def told(head: str, **more: Any) -> PullNews:
    return replace(news(head), **more)


def test_pull_requests_to_a_renamed_branch_stay_open(repository: Repository, folder: Path) -> None:
    head = branch(folder, "part")
    hear(repository, news(head))
    hear(repository, told(head, number=42, base="trunk", to_default=True))  # before the rename is noticed
    hear(repository, told(head, number=43, base="trunk", to_default=True, state="merged"))
    hear(repository, told(head, number=44, base="release"))
    run_jobs()
    git(folder, "branch", "-m", "main", "trunk")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/trunk")
    enqueue("update", repository)
    run_jobs()
    repository.refresh_from_db()
    assert repository.branch == "trunk"
    assert dict(PullRequest.objects.values_list("number", "state")) == {41: "open", 42: "open", 43: "merged"}
    files = File.objects.get(path="app/b.py").pull_requests.filter(state="open")
    assert sorted(files.values_list("number", flat=True)) == [41, 42]
    hear(repository, told(head, base="trunk", state="closed", updated_at=AT + timedelta(minutes=1)))
    assert PullRequest.objects.get(number=41).state == "closed"


def test_pull_requests_follow_the_branch_that_is_tracked(repository: Repository, folder: Path) -> None:
    head = branch(folder, "part")
    git(folder, "branch", "release", "main")
    hear(repository, news(head))
    hear(repository, told(head, number=42))
    later = AT + timedelta(minutes=1)
    hear(repository, told(head, number=42, base="release", updated_at=later))
    run_jobs()
    assert dict(PullRequest.objects.values_list("number", "state")) == {41: "open", 42: "closed"}
    track(str(folder), slug="r", branch="release")
    run_jobs()
    assert dict(PullRequest.objects.values_list("number", "state")) == {41: "closed", 42: "open"}
    assert list(PullRequest.objects.get(number=42).files.values_list("path", flat=True)) == ["app/b.py"]


@pytest.mark.parametrize(
    ("case", "state"),
    [
        ([told("b" * 40), told("b" * 40, base="release", retargeted=True), told("b" * 40)], "closed"),
        ([told("b" * 40, base="release", to_default=True), told("b" * 40)], "closed"),
        ([told("b" * 40, base="release", to_default=True), told("b" * 40, retargeted=True)], "open"),
        ([told("b" * 40, state="merged"), told("b" * 40, base="release", retargeted=True)], "merged"),
        ([told("b" * 40, state="closed"), told("c" * 40, reopened=True), told("c" * 40)], "open"),
    ],
)
def test_within_a_second_only_a_change_of_the_target_changes_it(
    repository: Repository, case: list[PullNews], state: str
) -> None:
    for one in case:
        hear(repository, one)
    assert PullRequest.objects.get().state == state


def test_github_says_when_the_target_has_changed(repository: Repository) -> None:
    body = json.loads(payload("pull_request__synchronize"))
    assert (
        send(repository, "pull_request__synchronize", "1", body=json.dumps(body).encode()).status_code == 202
    )
    body["action"], body["changes"] = "edited", {"base": {"ref": {"from": "main"}, "sha": {"from": "0" * 40}}}
    body["pull_request"]["base"]["ref"] = "release"
    assert (
        send(repository, "pull_request__synchronize", "2", body=json.dumps(body).encode()).status_code == 202
    )
    assert (PullRequest.objects.get().base, PullRequest.objects.get().state) == ("release", "closed")
    body["changes"] = {"title": {"from": "x"}}
    assert (
        send(repository, "pull_request__synchronize", "3", body=json.dumps(body).encode()).status_code == 202
    )


@pytest.mark.parametrize("name", ["ä" * 300, "a\u2028b", "a/" * 600 + "b", "x" * 256])
def test_a_branch_of_any_name_is_compared_as_it_is(repository: Repository, name: str) -> None:
    Repository.objects.filter(pk=repository.pk).update(branch=name)
    repository.refresh_from_db()
    push_body = json.loads(payload("push__one_commit"))
    for ref, known in ((name, True), (name[:-2], False)):
        push_body["ref"] = f"refs/heads/{ref}"
        answer = send(repository, "push__one_commit", str(known), body=json.dumps(push_body).encode())
        assert ("queued job" in answer.json()["message"]) == known
    hear(repository, told("b" * 40, base=name))
    assert PullRequest.objects.get().state == "open"
