"""GitHub's webhooks as GitHub sends them: signed bodies over HTTP, deliveries and jobs in Postgres."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import OperationalError, connection
from django.test import Client

from compliance.integrations.forges import PROVIDERS
from compliance.models import Delivery, Issue, Job, Repository
from tests.integrations.sender import payload, send, signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository() -> Repository:
    return Repository.objects.create(slug="platform", name="Platform", url="/srv/platform.git", branch="main")


def test_a_push_is_taken_with_its_job(repository: Repository) -> None:
    answer = send(repository, "push__one_commit")
    assert answer.status_code == 202, answer.content
    delivery, job = Delivery.objects.get(), Job.objects.get()
    assert delivery.job == job
    assert (job.kind, job.repository, job.state) == ("update", repository, "waiting")
    assert "main now at 4f1c2a9e7b" in job.cause
    assert delivery.payload["after"].startswith("4f1c2a9e7b")
    repository.refresh_from_db()
    assert repository.hooked_at is not None


def test_the_same_delivery_twice_is_one_row(repository: Repository) -> None:
    assert send(repository, "push__one_commit").status_code == 202
    assert send(repository, "push__one_commit").status_code == 200
    assert send(repository, "push__one_commit").status_code == 200
    assert Job.objects.get().merged == 0
    assert Delivery.objects.get().repeats == 2


def test_many_pushes_create_one_pending_job(repository: Repository) -> None:
    for number in range(50):
        assert send(repository, "push__one_commit", f"delivery-{number}").status_code == 202
    assert Job.objects.get().merged == 49
    assert Delivery.objects.count() == 50


def test_an_unknown_event_is_ignored() -> None:
    assert PROVIDERS["github"].parse("star", {"action": "created"}).kind == "ignored"


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("ping", "The webhook works."),
        ("push__tag", "Tags do not"),
        ("push__other_branch", "feature/websocket-route is not tracked"),
        ("star__created", "The event 'star' is ignored"),
        ("issues__not_linked", "#9001 is not referenced in the plan"),
    ],
)
def test_events_without_work_create_no_job(repository: Repository, case: str, words: str) -> None:
    answer = send(repository, case)
    assert answer.status_code == 202
    assert words in answer.json()["message"]
    assert words in Delivery.objects.get().outcome
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("push__forced", "forced to c0ffee1234"),
        ("push__branch_deleted", "deleted"),
        ("push__branch_created", "now at"),
    ],
)
def test_a_branch_that_moves_otherwise_is_looked_at(repository: Repository, case: str, words: str) -> None:
    assert send(repository, case).status_code == 202
    assert words in Job.objects.get().cause


def test_a_form_body_is_read_too(repository: Repository) -> None:
    body = urlencode({"payload": payload("push__one_commit").decode()}).encode()
    answer = send(repository, "push__one_commit", body=body, Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 202
    assert Job.objects.count() == 1


BODY = payload("push__one_commit")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        signature(BODY, "another secret"),
        "sha256=é" + "a" * 63,
        "sha1=" + hmac.new(b"right", BODY, hashlib.sha1).hexdigest(),
        signature(BODY, "right")[:-1],
        signature(BODY, "right").removeprefix("sha256="),
        signature(BODY + b" ", "right"),
        signature(BODY, ""),
    ],
)
def test_a_wrong_signature_is_refused_and_leaves_nothing(repository: Repository, header: str) -> None:
    Repository.objects.filter(pk=repository.pk).update(webhook_secret="right")
    headers: dict[str, Any] = {
        "X_Hub_Signature_256": header,
        "X_Hub_Signature": "sha1=" + hmac.new(b"right", BODY, "sha1").hexdigest(),
    }
    assert send(repository, "push__one_commit", secret="right", **headers).status_code == 401
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


def test_both_secrets_work_during_rotation_then_the_old_one_fails(repository: Repository) -> None:
    Repository.objects.update(webhook_secret="new", former_webhook_secret="old")
    assert send(repository, "ping", "1", secret="old").status_code == 202
    assert send(repository, "ping", "2", secret="new").status_code == 202
    Repository.objects.update(former_webhook_secret="")
    assert send(repository, "ping", "3", secret="old").status_code == 401
    assert send(repository, "ping", "4", secret="new").status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[1, 2]",
        b'"text"',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b'{"ref": ' + b"9" * 5000 + b"}",
        b'{"ref": 1e999}',
        b'{"ref": NaN}',
        b'{"ref": Infinity}',
        b'{"ref": "a\\u0000b"}',
        b'{"a\\u0000b": 1}',
        b'{"ref": "\\ud800"}',
        b'{"ref": "refs/heads/main"}',
        b'{"ref": 7, "after": "x"}',
    ],
)
def test_an_invalid_payload_is_rejected_and_stores_nothing(repository: Repository, body: bytes) -> None:
    answer = (
        send(repository, "push__one_commit", body=body, secret=repository.webhook_secret)
        if body
        else send(repository, "push__one_commit", body=b" ")
    )
    assert answer.status_code == 400, answer.content
    assert answer.json()["message"]
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


def test_oversized_chunked_and_compressed_bodies_are_rejected_unread(repository: Repository) -> None:
    assert send(repository, "ping", Content_Length=str(25 * 1024 * 1024 + 1)).status_code == 413
    assert send(repository, "ping", Content_Length="9" * 40).status_code == 413
    assert send(repository, "ping", Content_Length="").status_code == 411
    assert send(repository, "ping", Content_Length="-1").status_code == 411
    assert send(repository, "ping", Transfer_Encoding="chunked").status_code == 411
    assert send(repository, "ping", Content_Encoding="gzip").status_code == 415
    assert not Delivery.objects.exists()


def test_missing_or_long_names_are_refused(repository: Repository) -> None:
    assert send(repository, "ping", X_GitHub_Delivery="").status_code == 400
    assert send(repository, "ping", X_GitHub_Delivery="x" * 201).status_code == 400
    assert send(repository, "ping", X_GitHub_Event="").status_code == 400


def test_unsigned_deliveries_do_not_learn_which_repositories_are_tracked(repository: Repository) -> None:
    answers = [
        Client().post(f"/webhooks/{address}/", {}) for address in ("github/another", "sourceforge/platform")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    unsigned = Client().post("/webhooks/github/platform/", {})
    assert unsigned.status_code == 401
    assert {answer.content for answer in answers} == {unsigned.content}
    assert Client().get("/webhooks/github/platform/").status_code == 405


def test_a_database_that_is_down_asks_for_another_try(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = repository.webhook_secret

    def refuse(*_: object) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        answer = send(repository, "push__one_commit", secret=secret)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.fixture
def issue(repository: Repository) -> Issue:
    return Issue.objects.create(repository=repository, key="#183", title="From the plan", order=0)


def test_an_issue_keeps_state_title_labels_and_task_list(repository: Repository, issue: Issue) -> None:
    assert send(repository, "issues__opened").status_code == 202
    issue.refresh_from_db()
    assert issue.title == "From the plan"
    assert issue.tracker_state == "open"
    assert issue.tracker_title == "ExecutionEngine factory hands out shared instances"
    assert issue.labels == ["P0", "ssot"]
    assert issue.checklist == [
        {"text": "Step 0: inventory of consumers", "done": True},
        {"text": "Step 1: `create_agent_instance_factory` beside the old one", "done": False},
        {"text": "its tests", "done": True},
        {"text": "Step 2: supervisor, see #1116", "done": False},
        {"text": "Step 3: WebSocket route", "done": False},
    ]


def test_late_events_of_an_issue_do_not_overwrite_newer_ones(repository: Repository, issue: Issue) -> None:
    send(repository, "issues__closed")
    answer = send(repository, "issues__edited")
    assert answer.status_code == 202
    assert "Newer" in answer.json()["message"]
    issue.refresh_from_db()
    assert (issue.tracker_state, issue.labels, issue.checklist) == ("closed", ["ssot"], [])


@pytest.mark.parametrize("end", ["deleted", "transferred"])
def test_a_deleted_issue_stays_deleted(repository: Repository, issue: Issue, end: str) -> None:
    send(repository, f"issues__{end}")
    send(repository, "issues__edited")
    late = json.loads(payload("issues__opened"))
    late["issue"]["updated_at"] = "2025-09-18T06:00:00Z"
    send(repository, "issues__opened", body=json.dumps(late).encode())
    issue.refresh_from_db()
    assert issue.tracker_state == end
    send(repository, "issues__closed")
    issue.refresh_from_db()
    assert issue.tracker_state == "closed"
