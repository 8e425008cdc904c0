"""Results of CI systems: as each forge reports them, in order, limited, and shown on pull requests."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from compliance.integrations.check_results import MOST_CHECKS, CheckNews, State, hear
from compliance.integrations.forges import PROVIDERS
from compliance.integrations.provider import PayloadError
from compliance.jobs import retention
from compliance.models import Attachment, CheckResult, Connection, Delivery, PullRequest, Repository
from compliance.queries.check_results import results_of, summarize
from tests.integrations.sender import send
from tests.integrations.senders import bitbucket, gitea, gitlab

SHA = "a" * 40
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NEWS = CheckNews(SHA, "status tests", "tests", State.PENDING, "https://ci.example.org/7", AT)
GITHUB = {"full_name": "northwind/shop", "html_url": "https://github.example.org/northwind/shop"}


def status(**more: Any) -> dict[str, Any]:
    own = {"sha": SHA, "context": "tests", "state": "pending", "target_url": "https://ci.example.org/7"}
    return {**own, "updated_at": "2026-03-02T09:30:00+00:00", "repository": GITHUB, **more}


def suite(**more: Any) -> dict[str, Any]:
    own = {"id": 118_578_147_000, "head_sha": SHA, "status": "completed", "conclusion": "success"}
    own = {**own, "app": {"name": "GitHub Actions"}, "updated_at": "2026-03-02T09:30:00Z", **more}
    return {"action": "completed", "check_suite": own, "repository": GITHUB}


def pipeline(**more: Any) -> dict[str, Any]:
    own: dict[str, Any] = {
        "id": 31,
        "iid": 3,
        "name": None,
        "sha": SHA,
        "source": "push",
        "status": "running",
    }
    own |= {"created_at": "2026-03-02 09:30:00 UTC", "finished_at": None, "url": "https://ci.example.org/7"}
    return {"object_kind": "pipeline", "object_attributes": {**own, **more}, "project": gitlab.PROJECT}


def gitea_status(**more: Any) -> dict[str, Any]:
    own = {"sha": SHA, "context": "tests", "state": "pending", "target_url": "https://ci.example.org/7"}
    times = {"created_at": "2026-03-02T09:30:00Z", "updated_at": None}
    return {**own, **times, "repository": gitea.REPOSITORY, **more}


def build(**more: Any) -> dict[str, Any]:
    href = f"https://api.bitbucket.org/2.0/repositories/northwind/shop/commit/{SHA}"
    own: dict[str, Any] = {
        "key": "T",
        "name": "tests",
        "state": "INPROGRESS",
        "url": "https://ci.example.org/7",
    }
    own |= {"type": "build", "updated_on": "2026-03-02T09:30:00.000000+00:00"}
    own["links"] = {"commit": {"href": href}}
    return {"commit_status": {**own, **more}, "repository": bitbucket.REPOSITORY}


def told(provider: str, event: str, payload: dict[str, Any]) -> CheckNews:
    parsed = PROVIDERS[provider].parse(event, payload)
    (news,) = parsed.results
    assert parsed.kind == "results"
    return news


@pytest.mark.parametrize(
    ("provider", "event", "payload", "key"),
    [
        ("github", "status", status(), "status tests"),
        ("gitea", "status", gitea_status(), "status tests"),
        ("bitbucket", "repo:commit_status_created", build(), "build T"),
        ("gitlab", "Pipeline Hook", pipeline(name="tests"), "pipeline push"),
    ],
)
def test_every_forge_tells_that_a_check_is_running(
    provider: str, event: str, payload: dict[str, Any], key: str
) -> None:
    assert told(provider, event, payload) == replace(NEWS, key=key)


@pytest.mark.parametrize(
    ("provider", "event", "payload", "state"),
    [
        ("github", "status", status(state="success"), State.PASSED),
        ("github", "status", status(state="error"), State.FAILED),
        ("github", "check_suite", suite(), State.PASSED),
        ("github", "check_suite", suite(conclusion="skipped"), State.PASSED),
        ("github", "check_suite", suite(conclusion="timed_out"), State.FAILED),
        ("github", "check_suite", suite(conclusion="cancelled"), State.CANCELLED),
        ("github", "check_suite", suite(status="requested", conclusion=None), State.PENDING),
        ("gitea", "status", gitea_status(state="warning"), State.PASSED),
        ("gitea", "status", gitea_status(state="failure"), State.FAILED),
        ("bitbucket", "repo:commit_status_updated", build(state="SUCCESSFUL"), State.PASSED),
        ("bitbucket", "repo:commit_status_updated", build(state="STOPPED"), State.CANCELLED),
        ("gitlab", "Pipeline Hook", pipeline(status="failed"), State.FAILED),
        ("gitlab", "Pipeline Hook", pipeline(status="waiting_for_resource"), State.PENDING),
        ("gitlab", "Pipeline Hook", pipeline(status="canceled"), State.CANCELLED),
    ],
)
def test_every_result_is_read(provider: str, event: str, payload: dict[str, Any], state: State) -> None:
    assert told(provider, event, payload).state == state


def test_links_are_shown_only_if_they_are_links() -> None:
    assert told("github", "check_suite", suite()).url == f"{GITHUB['html_url']}/commit/{SHA}/checks"
    for odd in (None, "", "javascript:alert(1)", "https://x y", "https://" + "x" * 1000):
        assert told("github", "status", status(target_url=odd)).url == ""
    ended = told("gitlab", "Pipeline Hook", pipeline(finished_at="2026-03-02 09:40:00 UTC"))
    assert (ended.name, ended.updated_at) == ("Pipeline (push)", AT + timedelta(minutes=10))
    with pytest.raises(PayloadError, match="names no commit"):
        told("bitbucket", "repo:commit_status_created", build(links={"commit": {"href": "https://x/y"}}))


def test_a_merge_queue_asks_for_checks() -> None:
    group = {
        "head_sha": SHA,
        "head_ref": "refs/heads/gh-readonly-queue/main/pr-104-b",
        "base_sha": "b" * 40,
        "base_ref": "refs/heads/main",
    }
    payload = {"action": "checks_requested", "merge_group": group, "repository": GITHUB}
    event = PROVIDERS["github"].parse("merge_group", payload)
    assert event.merge_group is not None
    assert (event.kind, event.merge_group.head, event.merge_group.base) == ("merge group", SHA, "main")
    assert not event.merge_group.is_gone
    gone = PROVIDERS["github"].parse("merge_group", {**payload, "action": "destroyed"})
    assert gone.merge_group is not None
    assert gone.merge_group.is_gone


@pytest.fixture
def repository(db: None) -> Repository:
    return Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")


def after(minutes: int, state: State, **more: Any) -> CheckNews:
    return replace(NEWS, updated_at=AT + timedelta(minutes=minutes), state=state, **more)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (3, 3, 0, 0)])
def test_the_newest_result_counts_whatever_comes_late(repository: Repository, order: tuple[int, ...]) -> None:
    life = [after(0, State.PENDING), after(1, State.FAILED), after(2, State.PENDING), after(2, State.PASSED)]
    for number in order:
        hear(repository, life[number])
    assert CheckResult.objects.get().state == State.PASSED


def test_a_commit_has_a_limited_number_of_checks(repository: Repository) -> None:
    for number in range(MOST_CHECKS):
        hear(repository, replace(NEWS, key=str(number)))
    assert "already has 50 checks" in hear(repository, replace(NEWS, key="one more"))
    assert hear(repository, replace(NEWS, key="1", state=State.PASSED)) == "CI: tests passed for aaaaaaaaaa."
    assert CheckResult.objects.count() == MOST_CHECKS


def test_old_results_are_deleted(repository: Repository) -> None:
    hear(repository, NEWS)
    hear(repository, after(1, State.PASSED, key="other"))
    CheckResult.objects.filter(key="other").update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    CheckResult.objects.exclude(key="other").update(updated_at=datetime.now(UTC))
    assert retention.prune()["check_result"] == 1


def test_the_results_of_a_pull_request_are_those_of_its_newest_commit(repository: Repository) -> None:
    values = {"title": "x", "url": "", "author": "", "state": "open", "updated_at": AT}
    whole = PullRequest.objects.create(repository=repository, number=1, head_sha=SHA, **values)
    short = PullRequest.objects.create(repository=repository, number=2, head_sha=SHA[:12], **values)
    other = PullRequest.objects.create(repository=repository, number=3, head_sha="b" * 40, **values)
    hear(repository, NEWS)
    for name in ("lint", "types", "docs", "links"):
        hear(repository, after(1, State.FAILED, key=name, name=name))
    hear(repository, after(1, State.PASSED, key="x", name="x"))
    found = results_of([whole, short, other])
    expected = "CI: 1 running, 1 passed, 4 failed (docs, links, lint and 1 more)"
    assert [summarize(found[pull.pk]) for pull in (whole, short, other)] == [expected, expected, ""]
    assert results_of([]) == {}


def test_a_delivery_over_http_stores_the_result(repository: Repository) -> None:
    body = json.dumps(status(state="success")).encode()
    answer = send(repository, "status", body=body)
    assert (answer.status_code, answer.json()["message"]) == (202, "CI: tests passed for aaaaaaaaaa.")
    assert Delivery.objects.get().event == "status"
    assert CheckResult.objects.get().url == "https://ci.example.org/7"
    body = json.dumps(status(repository={**GITHUB, "full_name": "another/shop"})).encode()
    Repository.objects.update(url="https://github.com/northwind/shop.git")
    assert "Ignored" in send(repository, "status", "2", body=body).json()["message"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("provider", "event", "payload", "is_own"),
    [
        ("github", "status", status(context="ssot-compliance/shop"), True),
        ("github", "status", status(context="ssot-compliance/shop-2"), True),
        ("github", "status", status(context="ssot"), False),
        ("gitea", "status", gitea_status(context="ssot-compliance/shop"), True),
        ("bitbucket", "repo:commit_status_created", build(name="ssot-compliance/shop", key="x1"), True),
        ("github", "check_suite", suite(app={"id": 4711, "name": "Our gate"}), True),
        ("github", "check_suite", suite(app={"id": 15_368, "name": "GitHub Actions"}), False),
    ],
)
def test_what_the_product_has_published_is_not_a_result_of_a_ci_system(
    provider: str, event: str, payload: dict[str, Any], is_own: bool
) -> None:
    repository = Repository.objects.create(slug="shop", name="Shop", url="/r")
    app = Connection.objects.create(slug="app", name="App", provider="github", app_id="4711")
    Attachment.objects.create(repository=repository, connection=app, kind="forge", project="northwind/shop")
    words = hear(repository, told(provider, event, payload))
    assert CheckResult.objects.exists() == (not is_own)
    assert ("is set by this product" in words) == is_own
