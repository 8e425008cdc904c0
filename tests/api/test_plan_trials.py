"""A coding agent tries a rule: what it would report, before it is part of the plan."""

from pathlib import Path
from typing import Any

import pytest

from compliance.api import plan_trials
from compliance.models import Job, PlanVersion, Repository
from tests.api.conftest import Send, give
from tests.scanner.history import write_history
from tests.scans.factories import person
from tests.scans.upstream import HISTORY, PLAN, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RULE = {"kind": "deprecated-symbol", "symbols": ["app.home.get_it"]}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tracked(tmp_path / "r.git")


@pytest.fixture
def agent() -> str:
    return give(person("agent"), scope="write")


def tried(send: Send, agent: str, body: dict[str, Any]) -> dict[str, Any]:
    """The trial after a worker has run it."""
    started = send("POST", "r/plans/trials", agent, body)
    assert started.status == 201, started.body
    assert started.body["state"] == "running"
    run_jobs()
    shown = send("GET", f"r/plans/trials/{started.body['id']}", agent)
    assert shown.status == 200
    found: dict[str, Any] = shown.body
    return found


def test_a_rule_is_tried_and_nothing_of_the_plan_changes(
    repository: Repository, send: Send, agent: str
) -> None:
    assert repository.plan is not None
    told = tried(send, agent, {"rule": RULE})

    recorded = repository.plan.violations.filter(last=None, suppressed=False, rule="shared")
    outcome = told["outcome"]
    assert (told["state"], told["rule"], told["trouble"]) == ("done", "trial", "")
    assert outcome["places"] == recorded.count() > 0
    assert outcome["files"] == recorded.values("file").distinct().count()
    assert outcome["counted"] <= outcome["places"]
    assert sum(outcome["roles"].values()) == outcome["places"]
    assert set(outcome["categories"]) == set(repository.plan.counted)
    example = outcome["examples"][0]
    assert recorded.filter(file__path=example["path"], line=example["line"]).exists()
    assert example["line"] in [line["number"] for line in example["lines"]]
    assert [row["rule"] for row in outcome["overlaps"]] == ["shared"]
    assert PlanVersion.objects.count() == 1


def test_another_version_of_a_rule_replaces_it_in_the_trial(
    repository: Repository, send: Send, agent: str
) -> None:
    told = tried(send, agent, {"rule": {**RULE, "id": "shared", "symbols": ["app.home.nothing"]}})

    assert told["rule"] == "shared"
    assert told["outcome"]["places"] == 0
    assert told["outcome"]["overlaps"] == []


def test_a_rule_of_a_text_is_tried_by_its_id(repository: Repository, send: Send, agent: str) -> None:
    named = PLAN.replace("id: shared", "id: mine").replace("[shared]", "[mine]")

    assert tried(send, agent, {"rule": "mine", "text": named})["outcome"]["places"] > 0
    refused = send("POST", "r/plans/trials", agent, {"rule": "shared", "text": named})
    assert refused.status == 422
    assert "no rule “shared”" in refused.body["detail"]


def test_a_repository_without_a_plan_can_try_rules(tmp_path: Path, send: Send, agent: str) -> None:
    write_history(tmp_path / "r.git", list(HISTORY))
    tracked(tmp_path / "r.git", None)

    assert tried(send, agent, {"rule": RULE})["outcome"]["places"] > 0


@pytest.mark.parametrize(
    ("rule", "status", "words"),
    [
        ({"kind": "deprecated-symbol", "symbol": ["a.b"]}, 422, "symbol"),
        ({"kind": "nonsense"}, 422, "nonsense"),
        ({}, 422, "rule"),
        ({"kind": "pattern", "pattern": "a" * 60_000}, 422, "longer than 50,000"),
        ({"id": "x y\n", "kind": "pattern", "pattern": "a"}, 422, "id"),
        ([1], 422, "rule"),
    ],
)
def test_a_rule_that_is_not_one_is_refused_with_the_reason(
    repository: Repository, send: Send, agent: str, rule: Any, status: int, words: str
) -> None:
    refused = send("POST", "r/plans/trials", agent, {"rule": rule})

    assert refused.status == status
    assert words in refused.body["detail"]


def test_a_trial_whose_job_was_given_up_has_failed(repository: Repository, send: Send, agent: str) -> None:
    started = send("POST", "r/plans/trials", agent, {"rule": RULE})
    Job.objects.filter(kind="trial").update(state=Job.State.BURIED, error="No space left.")

    shown = send("GET", f"r/plans/trials/{started.body['id']}", agent).body
    assert (shown["state"], shown["trouble"], shown["outcome"]) == ("failed", "No space left.", None)


def test_viewers_may_not_and_too_many_have_to_wait(
    repository: Repository, send: Send, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = give(person("reader"), scope="read")
    assert send("POST", "r/plans/trials", reader, {"rule": RULE}).status == 403

    monkeypatch.setattr(plan_trials, "AT_ONCE", 1)
    monkeypatch.setattr(plan_trials, "PER_MINUTE", 1)
    assert send("POST", "r/plans/trials", agent, {"rule": RULE}).status == 201
    refused = send("POST", "r/plans/trials", agent, {"rule": RULE})
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) >= 1
