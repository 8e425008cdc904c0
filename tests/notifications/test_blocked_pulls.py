"""Pull requests that stay blocked for a day are reported once, with the accounts of their authors."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from compliance import tasks
from compliance.accounts.roles import Role
from compliance.models import Alert, Handle, Person, PullRequest, PullRequestCheck, Repository
from compliance.pull_requests.override import override
from tests.notifications.conftest import Postbox, work
from tests.notifications.news import age_alerts, emitted, inbox
from tests.pull_requests.heads import branch, report
from tests.scanner.history import write_history
from tests.scans.factories import person
from tests.scans.upstream import HISTORY, NEW, OLD, PLAN, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TITLE = "Make @everyone *it*\u202e"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    write_history(tmp_path / "r.git", HISTORY)
    return tracked(tmp_path / "r.git", PLAN)


def head(repository: Repository, number: int, text: str, later: int = 0, **more: object) -> str:
    """A head of a pull request is pushed, reported and judged. What uses the old function breaks a file that
    was migrated, so it blocks.
    """
    ref = f"refs/pull/{number}/head"
    sha = branch(Path(repository.url), ref, app__a=f"{text}# {later}\n")
    report(repository, sha, later, number=number, title=TITLE, head_ref=ref, **more)
    run_jobs()
    return sha


def look(**since: float) -> None:
    age_alerts(**since)
    tasks.look_for_problems()
    work()


def numbers() -> list[int]:
    return [event.detail["number"] for event in emitted("pull.blocked")]


def test_it_is_reported_once_after_a_day_however_often_it_is_pushed(
    mail: Postbox, repository: Repository
) -> None:
    person("mia", Role.MANAGER)
    person("ben")
    head(repository, 41, OLD)
    look(hours=23)
    head(repository, 41, OLD, 1)
    look(minutes=59)
    assert not numbers()
    sha = head(repository, 41, OLD, 2)
    look(minutes=2)
    head(repository, 41, OLD, 3)
    look(days=3)

    (event,) = emitted("pull.blocked")
    assert (event.detail["sha"], event.detail["paths"], event.risk) == (sha, ["app/a.py"], "critical")
    assert event.phases == ["second"]
    assert inbox() == [("ben", "pull.blocked"), ("mia", "pull.blocked")]
    (letter,) = mail.accepted
    assert letter["To"] == "ben@example.org"
    assert letter["Subject"] == "Pull request #41 in r has been blocked for more than a day"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Make @everyone *it*" in text
    assert "Sent because you opened the pull request." in text
    assert "/repositories/r/pull-requests/41/" in text


def test_one_that_passes_or_ends_is_not_reported(repository: Repository) -> None:
    head(repository, 41, OLD)
    head(repository, 41, NEW, 1)
    head(repository, 42, OLD)
    report(repository, head(repository, 43, OLD), 1, number=43, state="closed")
    look(days=2)
    assert numbers() == [42]
    assert list(Alert.objects.values_list("subject", flat=True)) == ["42"]


def test_one_that_was_fixed_and_is_blocked_again_is_news(repository: Repository) -> None:
    head(repository, 41, OLD)
    look(days=2)
    head(repository, 41, NEW, 1)
    head(repository, 41, OLD, 2)
    look(hours=23)
    look(hours=2)
    assert numbers() == [41, 41]


def test_a_force_push_back_to_a_blocked_head_begins_it_again(repository: Repository) -> None:
    first = head(repository, 41, OLD)
    head(repository, 41, NEW, 1)
    report(repository, first, 2, head_ref="refs/pull/41/head")
    run_jobs()
    assert list(Alert.objects.values_list("subject", flat=True)) == ["41"]
    look(days=2)
    assert [event.detail["sha"] for event in emitted("pull.blocked")] == [first]


def test_a_stranger_with_the_name_of_an_account_is_nobody(mail: Postbox, repository: Repository) -> None:
    """Anybody may open a pull request from a fork, with any user name at the forge."""
    ben = person("ben")
    fork = "https://git.example.org/stranger/r.git"
    head(repository, 41, OLD, source_url=fork)
    look(days=2)
    assert not mail.accepted
    known = Person.objects.create(account=ben, name="Ben")
    Handle.objects.create(forge="github", name="Ben", person=known)
    head(repository, 42, OLD, source_url=fork)
    look(days=2)
    assert mail.to() == ["ben@example.org"]


def test_an_override_ends_it(repository: Repository) -> None:
    sha = head(repository, 41, OLD)
    override(PullRequest.objects.get(), person("mia", Role.MANAGER), "Hotfix", sha)
    look(days=2)
    assert not numbers()


def test_a_draft_is_reported_once_it_is_ready(repository: Repository) -> None:
    sha = head(repository, 41, OLD, draft=True)
    look(days=2)
    assert not numbers()
    report(repository, sha, 1, draft=False, head_ref="refs/pull/41/head")
    run_jobs()
    look()
    assert numbers() == [41]


def test_a_head_that_is_being_judged_is_not_reported_yet(repository: Repository) -> None:
    head(repository, 41, OLD)
    PullRequestCheck.objects.update(state="pending")
    look(days=2)
    assert not numbers()
    PullRequestCheck.objects.update(state="error", reason="It could not be fetched")
    look()
    (event,) = emitted("pull.blocked")
    assert event.detail["state"] == "error"


def test_several_are_one_message(mail: Postbox, repository: Repository) -> None:
    person("ben")
    for number in (41, 42, 43):
        head(repository, number, OLD)
    look(days=2)
    (letter,) = mail.accepted
    assert letter["Subject"] == "3 pull requests in r have been blocked for more than a day"


def test_an_author_without_an_account_is_nobody(mail: Postbox, repository: Repository) -> None:
    head(repository, 41, OLD, author="somebody-else")
    person("mia", Role.MANAGER)
    look(days=2)
    assert not mail.accepted
    assert inbox() == [("mia", "pull.blocked")]
    assert not User.objects.filter(username="somebody-else").exists()
