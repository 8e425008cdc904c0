"""Values of payloads that no column or reader could hold: refused with the field, or normalised."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.integrations.pull_requests import PullNews, hear
from compliance.models import Delivery, File, Issue, PullRequest, Repository
from tests.integrations.sender import payload, send

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ISSUE, PULL, PUSH = "issues__opened", "pull_request__synchronize", "push__one_commit"
LONG = "x" * 5000


@pytest.fixture
def repository() -> Repository:
    made = Repository.objects.create(slug="platform", name="Platform", url="/srv/platform.git", branch="main")
    Issue.objects.create(repository=made, key="#183", title="From the plan", order=0)
    return made


def changed(case: str, place: str, value: object) -> bytes:
    """A fixture in which one field, named by its path, has another value."""
    body = json.loads(payload(case))
    *way, last = place.split(".")
    part = body
    for name in way:
        part = part[name]
    part[last] = value
    return json.dumps(body).encode()


def pages(repository: Repository) -> dict[str, int]:
    """The status of the addresses that show what webhooks tell."""
    client = Client()
    client.force_login(User.objects.get_or_create(username="ada", is_superuser=True)[0])
    inside = ("", "issues/", "issues.csv", "issues/%23183/", "scans/", "deliveries.csv", "my-work/")
    addresses = ("/", "/repositories.csv", *(f"/repositories/platform/{name}" for name in inside))
    return {address: client.get(address).status_code for address in addresses}


@pytest.mark.parametrize(
    "at",
    [
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2025-09-18T06:00:00",
        "10000-01-01T00:00:00Z",
        "tomorrow",
        "",
        0,
        1e300,
        None,
        ["2025-09-18T06:00:00Z"],
    ],
)
@pytest.mark.parametrize(("case", "place"), [(ISSUE, "issue.updated_at"), (PULL, "pull_request.updated_at")])
def test_a_time_that_no_reader_could_hold_is_refused(
    repository: Repository, case: str, place: str, at: object
) -> None:
    answer = send(repository, case, body=changed(case, place, at))
    assert answer.status_code == 400, answer.content
    assert place in answer.json()["message"]
    assert not Delivery.objects.exists()
    assert max(pages(repository).values()) < 400


@pytest.mark.parametrize("zone", ["+14:00", "-14:00", "+00:00"])
@pytest.mark.parametrize("day", ["1970-01-02", "2199-12-30"])
def test_the_edges_of_the_range_can_be_read_in_every_time_zone(
    repository: Repository, day: str, zone: str, settings: Any
) -> None:
    body = changed(ISSUE, "issue.updated_at", f"{day}T12:00:00{zone}")
    assert send(repository, ISSUE, body=body).status_code == 202
    for name in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        with timezone.override(name):
            assert max(pages(repository).values()) < 400


@pytest.mark.parametrize(
    "at",
    [
        *("2025-09-18T06:00:00Z", "2025-09-18t06:00:00z", "2025-09-18T06:00:00.999Z"),
        *("2025-09-18 06:00:00 UTC", "2025-09-18T08:00:00+0200", "2025-09-18 08:00:00 +0200"),
        *("2025-09-18T05:59:60Z", "2025-09-18T11:30:00+05:30"),
    ],
)
def test_a_time_is_read_in_every_form_that_forges_write(repository: Repository, at: str) -> None:
    assert send(repository, ISSUE, body=changed(ISSUE, "issue.updated_at", at)).status_code == 202
    found = Issue.objects.get().tracker_updated_at
    assert found is not None
    assert abs(found - datetime(2025, 9, 18, 6, tzinfo=UTC)) <= timedelta(seconds=1)


def test_news_of_the_far_future_does_not_hide_what_follows(repository: Repository) -> None:
    body = changed(ISSUE, "issue.updated_at", "2150-01-01T00:00:00Z")
    assert send(repository, ISSUE, "1", body=body).status_code == 202
    Issue.objects.update(tracker_updated_at=timezone.now())
    later = (timezone.now() + timedelta(minutes=1)).isoformat()
    assert send(repository, "issues__closed", "2", body=changed("issues__closed", "issue.updated_at", later))
    assert Issue.objects.get().tracker_state == "closed"


@pytest.mark.parametrize(
    ("case", "place", "value"),
    [
        (ISSUE, "issue.body", 7),
        (ISSUE, "issue.body", ["- [ ] a"]),
        (ISSUE, "issue.body", {"a": 1}),
        (ISSUE, "issue.body", "x" * 300_000),
        (ISSUE, "issue.number", 10**20),
        (ISSUE, "issue.number", -1),
        (ISSUE, "issue.number", True),
        (ISSUE, "issue.number", 1.5),
        (ISSUE, "issue.state", "somewhere"),
        (ISSUE, "issue.labels", "bug"),
        (ISSUE, "issue.labels", [{"name": 1}]),
        (ISSUE, "issue.labels", [None]),
        (ISSUE, "issue.labels", [{"name": "x"}] * 201),
        (ISSUE, "issue.html_url", "javascript:alert(1)"),
        (ISSUE, "issue.html_url", f"https://example.org/{LONG}"),
        (ISSUE, "issue", None),
        (ISSUE, "action", 1),
        (ISSUE, "repository", "other"),
        (PULL, "pull_request.number", 2**31),
        (PULL, "pull_request.head.sha", LONG),
        (PULL, "pull_request.head", []),
        (PULL, "pull_request.base.ref", 1),
        (PULL, "pull_request.merged", "yes"),
        (PULL, "pull_request.user", {"login": None}),
        (PUSH, "after", "zzz"),
        (PUSH, "deleted", "no"),
        (PUSH, "ref", ["refs/heads/main"]),
    ],
)
def test_a_value_of_another_type_or_over_its_limit_is_refused_with_its_field(
    repository: Repository, case: str, place: str, value: object
) -> None:
    answer = send(repository, case, body=changed(case, place, value))
    assert answer.status_code == 400, answer.content
    assert place in answer.json()["message"]
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("title", ["t" * 1_000_000, "a\x1b[31mb\nc\x85d", "\u2028" * 600, "é" * 501])
def test_long_and_odd_texts_are_kept_on_one_line_and_marked_as_cut(
    repository: Repository, title: str
) -> None:
    assert send(repository, ISSUE, "1", body=changed(ISSUE, "issue.title", title)).status_code == 202
    assert send(repository, PULL, "2", body=changed(PULL, "pull_request.title", title)).status_code == 202
    for kept in (Issue.objects.get().tracker_title, PullRequest.objects.get().title):
        assert len(kept) <= 500
        assert kept.isprintable()
        assert kept.endswith("…") == (len(title) > 500)
    assert max(pages(repository).values()) < 400


@pytest.mark.parametrize("branch", ["b" * 100_000, "feature/\x07bell", "ä" * 300])
def test_a_branch_of_any_name_is_answered_in_a_line(repository: Repository, branch: str) -> None:
    answer = send(repository, PUSH, body=changed(PUSH, "ref", f"refs/heads/{branch}"))
    assert answer.status_code == 202
    assert "is not tracked" in answer.json()["message"]
    assert len(Delivery.objects.get().outcome) < 350
    assert max(pages(repository).values()) < 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" + b"[]," * 6_000_000 + b"[]]", "more than 500,000 values"),
        (b'{"a": [' + b'"",' * 600_000 + b'""]}', "more than 500,000 values"),
        (b'{"a":' * 51 + b"1" + b"}" * 51, "deeper than 50 levels"),
        (b"[" * 1_000_000, "deeper than 50 levels"),
    ],
)
def test_a_body_of_many_values_is_refused_before_it_is_parsed(
    repository: Repository, body: bytes, words: str
) -> None:
    answer = send(repository, PUSH, body=body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


@pytest.mark.parametrize(
    ("told", "merged", "state"),
    [
        ("closed", True, "merged"),
        ("closed", False, "closed"),
        ("open", False, "open"),
        ("closed", None, "closed"),
    ],
)
def test_a_merged_pull_request_is_not_merely_closed(
    repository: Repository, told: str, merged: bool | None, state: str
) -> None:
    body = json.loads(payload(PULL))
    body["pull_request"] |= {"state": told, "merged": merged}
    assert send(repository, PULL, body=json.dumps(body).encode()).status_code == 202
    assert PullRequest.objects.get().state == state


@pytest.mark.parametrize(("size", "kept"), [(256 * 1024, True), (256 * 1024 + 1, False)])
def test_only_small_bodies_are_kept(repository: Repository, size: int, kept: bool) -> None:
    body = changed(PUSH, "compare", "")
    body = changed(PUSH, "compare", "x" * (size - len(body)))
    assert len(body) == size
    assert send(repository, PUSH, body=body).status_code == 202
    assert bool(Delivery.objects.get().payload) is kept


def test_an_author_without_an_account_is_accepted(repository: Repository) -> None:
    answer = send(repository, PULL, body=changed(PULL, "pull_request.user", None))
    assert answer.status_code == 202, answer.content
    assert PullRequest.objects.get().author == ""


AT = datetime(2025, 10, 14, 9, tzinfo=UTC)


def news(state: str, later: int = 0, base: str = "main", **more: Any) -> PullNews:
    at = AT + timedelta(minutes=later)
    return PullNews(
        41, "Make it", "https://git.example.org/pull/41", "ben", state, "b" * 40, base, at, **more
    )


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([news("open"), news("closed", 1, base="release")], "closed"),
        ([news("open"), news("open", 1, base="release")], "closed"),
        ([news("open"), news("open", 1, base="release"), news("open")], "closed"),
        ([news("open"), news("open", 1, base="release"), news("open", 2)], "open"),
        ([news("open"), news("merged", 1, base="release")], "closed"),
        ([news("open"), news("closed"), news("open")], "closed"),
        ([news("open"), news("merged"), news("closed"), news("open")], "merged"),
        ([news("closed"), news("open", reopened=True)], "open"),
        ([news("closed", 5), news("open", reopened=True)], "closed"),
    ],
)
def test_the_latest_state_of_a_pull_request_counts_whatever_comes_again(
    repository: Repository, told: list[PullNews], state: str
) -> None:
    file = File.objects.create(repository=repository, path="a.py")
    hear(repository, told[0])
    PullRequest.objects.get().files.add(file)
    for one in told[1:]:
        hear(repository, one)
    assert PullRequest.objects.get().state == state
    assert file.pull_requests.filter(state="open").exists() == (state == "open")


@pytest.mark.parametrize(
    ("url", "web_url", "about", "taken"),
    [
        ("https://github.com/northwind-labs/agent-platform.git", "", "northwind-labs/agent-platform", True),
        ("https://github.com/Northwind-Labs/Agent-Platform", "", "northwind-labs/agent-platform", True),
        ("git@github.com:northwind-labs/agent-platform.git", "", "northwind-labs/agent-platform", True),
        ("ssh://git@example.org:22/northwind-labs/agent-platform.git", "", "another/agent-platform", False),
        ("https://github.com/northwind-labs/agent-platform.git", "", "northwind-labs/other", False),
        ("git@github.com:northwind-labs/agent-platform.git", "", "labs/agent-platform", False),
        ("/srv/a.git", "https://github.com/northwind-labs/agent-platform", "northwind-labs/other", False),
        (
            "/srv/a.git",
            "https://github.com/northwind-labs/agent-platform",
            "northwind-labs/agent-platform",
            True,
        ),
        ("/srv/platform.git", "", "northwind-labs/other", True),
    ],
)
def test_an_issue_of_another_repository_with_the_same_number_is_ignored(
    repository: Repository, url: str, web_url: str, about: str, taken: bool
) -> None:
    Repository.objects.update(url=url, web_url=web_url)
    answer = send(repository, ISSUE, body=changed(ISSUE, "repository.full_name", about))
    assert answer.status_code == 202
    assert (Issue.objects.get().tracker_state == "open") == taken
    assert taken or about in answer.json()["message"]
