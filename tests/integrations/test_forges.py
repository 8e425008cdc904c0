"""Each forge's story over HTTP: pushes, issues and pull requests, also repeated, late and out of order."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from pytest_django.live_server_helper import LiveServer

from compliance.models import Delivery, Issue, Job, PullRequest, Repository
from tests.integrations.line import Line
from tests.integrations.senders import (
    ZEROS,
    Forge,
    Pull,
    Ticket,
    bitbucket,
    bitbucket_dc,
    gitea,
    github,
    gitlab,
)
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FORGES = cast("tuple[Forge, ...]", (github, gitlab, gitea, bitbucket, bitbucket_dc))
TRACKERS = tuple(forge for forge in FORGES if forge.HAS_ISSUES)


@pytest.fixture(params=FORGES, ids=lambda forge: str(forge.NAME))
def forge(request: pytest.FixtureRequest) -> Forge:
    return cast("Forge", request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"


@pytest.fixture
def repository(folder: Path) -> Repository:
    return tracked(folder)


@pytest.fixture
def line(live_server: LiveServer, forge: Forge, repository: Repository) -> Line:
    return Line(live_server, forge, repository)


def test_a_push_is_recorded_once(line: Line, forge: Forge, folder: Path) -> None:
    before = git(folder, "rev-parse", "main")
    tip = push(folder, "Make it", app__b=NEW)
    sent = forge.push("main", before, tip)

    status, told = line.send(sent, "one")
    assert (status, f"main is now at {tip[:10]}" in told) == (202, True), told
    run_jobs()

    line.repository.refresh_from_db()
    assert line.repository.head
    assert line.repository.head.sha == tip
    assert line.repository.hooked_at is not None
    done = Job.objects.count()
    assert line.send(sent, "one")[0] == 200
    assert Delivery.objects.get().repeats == 1
    assert Job.objects.count() == done


def test_what_does_not_move_the_branch_makes_no_job(line: Line, forge: Forge) -> None:
    done = Job.objects.count()
    status, told = line.send(forge.push("feature/a", "1" * 40, "2" * 40))
    assert (status, "feature/a is not tracked" in told) == (202, True), told
    status, told = line.send(forge.tag("v1", "2" * 40))
    assert (status, told) == (202, "Tags do not affect the tracked branch.")
    assert Job.objects.count() == done
    status, told = line.send(forge.push("main", "1" * 40, ZEROS))
    assert (status, "main is deleted" in told) == (202, True), told


TICKETS = (
    Ticket("opened", 0, body="- [ ] one\n- [ ] two", labels=("ssot",)),
    Ticket("edited", 1, title="Give it two", body="- [x] one\n- [ ] two", labels=("ssot", "P0")),
    Ticket("closed", 2, state="closed", title="Give it two", body="- [x] one\n- [x] two", labels=("P0",)),
    Ticket("reopened", 3, title="Give it two", body="- [x] one\n- [x] two\n- [ ] three", labels=("P1",)),
)


def ticket() -> tuple[str, str, list[str], list[bool]]:
    """What is known of the only issue."""
    row = Issue.objects.get(key="#12")
    return row.tracker_state, row.tracker_title, row.labels, [task["done"] for task in row.checklist]


STATES = (
    ("open", "Give it a factory", ["ssot"], [False, False]),
    ("open", "Give it two", ["ssot", "P0"], [True, False]),
    ("closed", "Give it two", ["P0"], [True, True]),
    ("open", "Give it two", ["P1"], [True, True, False]),
)


@pytest.mark.parametrize("forge", TRACKERS, indirect=True, ids=lambda forge: str(forge.NAME))
def test_an_issue_is_followed_whatever_comes_late(line: Line, forge: Forge) -> None:
    Issue.objects.create(repository=line.repository, key="#12", title="From the plan", order=0)
    for told, state in zip(TICKETS, STATES, strict=True):
        assert line.send(forge.issue(told))[0] == 202
        assert ticket() == state
    for late in TICKETS[:-1]:
        assert "Newer" in line.send(forge.issue(late))[1]
    assert ticket() == STATES[-1]
    for order in ((3, 2, 1, 0), (2, 0, 3, 1)):
        Issue.objects.update(tracker_updated_at=None, tracker_state="")
        for number in order:
            line.send(forge.issue(TICKETS[number]))
        assert ticket() == STATES[-1]


def pulls(folder: Path) -> tuple[Pull, ...]:
    """The life of a pull request whose commits exist."""
    first = push(folder, "Make it", app__b=NEW)
    second = push(folder, "Make more", app__c="print(3)\n")
    git(folder, "update-ref", "refs/heads/part", second)
    git(folder, "update-ref", "refs/heads/main", f"{first}^")
    return (
        Pull("opened", 0, first),
        Pull("updated", 1, second, before=first),
        Pull("retargeted", 2, second, base="release", before="main"),
        Pull("retargeted", 3, second, before="release"),
        Pull("merged", 4, second, state="merged"),
    )


def pull(repository: Repository) -> tuple[str, str, str, str]:
    """What is known of the only pull request. Bitbucket shortens hashes."""
    row = PullRequest.objects.get(repository=repository, number=41)
    return row.state, row.base, row.head_sha[:12], row.author


def send_all(line: Line, told: Sequence[Pull]) -> None:
    for one in told:
        assert line.send(line.forge.pull(one))[0] == 202


def test_a_pull_request_is_followed_whatever_comes_late(line: Line, folder: Path) -> None:
    life = pulls(folder)
    first, second = life[0].head[:12], life[1].head[:12]
    expected = (
        ("open", "main", first, "ada"),
        ("open", "main", second, "ada"),
        ("closed", "release", second, "ada"),
        ("open", "main", second, "ada"),
        ("merged", "main", second, "ada"),
    )
    for told, state in zip(life, expected, strict=True):
        send_all(line, [told])
        assert pull(line.repository) == state
        if told.action == "updated":
            run_jobs()
            row = PullRequest.objects.get()
            assert sorted(row.files.values_list("path", flat=True)) == ["app/b.py", "app/c.py"]
            assert row.url.startswith("https://")
    send_all(line, life)
    assert pull(line.repository) == expected[-1]
    for order in ((4, 3, 2, 1, 0), (2, 4, 0, 3, 1)):
        PullRequest.objects.all().delete()
        send_all(line, [life[number] for number in order])
        assert pull(line.repository) == expected[-1]


def test_a_wrong_secret_is_refused(line: Line, forge: Forge) -> None:
    Repository.objects.update(webhook_secret="another")
    status, told = line.send(forge.push("main", "1" * 40, "2" * 40))
    assert (status, told.startswith("The URL or the signature is wrong.")) == (401, True)
    assert not Delivery.objects.exists()


def test_an_unreadable_delivery_names_its_field(line: Line, forge: Forge) -> None:
    sent = forge.pull(Pull("opened", 0, "not a hash"))
    status, told = line.send(sent)
    assert status == 400
    assert told.startswith(f"Invalid {sent.event} payload: '")
    assert not Delivery.objects.exists()
