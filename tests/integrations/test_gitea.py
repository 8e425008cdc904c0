"""What only Gitea's and Forgejo's webhooks have: their headers beside GitHub's, and events of branches."""

import json
from typing import Any

import pytest
from django.test import Client

from compliance.integrations.forges.gitea import name, parse, verify
from compliance.integrations.provider import Signed
from compliance.models import Delivery, Job, Repository
from tests.integrations.senders import ZEROS, Pull, Ticket, gitea

BODY = b'{"ref": "refs/heads/main"}'
OPENED = gitea.issue(Ticket("opened", 0))


@pytest.mark.parametrize("headers", [gitea.headers, gitea.forgejo])
def test_both_forges_sign_with_their_own_header(headers: Any) -> None:
    given = headers(OPENED, "id", BODY, "right")
    assert verify(Signed(given, {}, BODY), ("former", "right"))
    assert not verify(Signed(given, {}, BODY + b" "), ("right",))
    assert not verify(Signed(given, {}, BODY), ("wrong", ""))
    assert name(Signed(given, {}, BODY), {}) == ("id", "issues")


def test_githubs_signature_alone_and_one_with_a_prefix_are_refused() -> None:
    given = gitea.headers(OPENED, "id", BODY, "right")
    del given["X-Gitea-Signature"]
    assert not verify(Signed(given, {}, BODY), ("right",))
    given["X-Gitea-Signature"] = given["X-Hub-Signature-256"]
    assert not verify(Signed(given, {}, BODY), ("right",))


def test_an_id_that_is_missing_is_a_digest() -> None:
    first, second = (name(Signed({"X-Gitea-Event": "push"}, {}, body), {})[0] for body in (b"{}", b"{ }"))
    assert first.startswith("sha256:")
    assert first != second


def test_branches_are_created_and_deleted_by_their_names() -> None:
    gone = {"ref": "main", "ref_type": "branch", "repository": gitea.REPOSITORY}
    push = parse("delete", gone).pushes[0]
    assert (push.branch, push.deleted, push.default) == ("main", True, True)
    push = parse("create", {**gone, "sha": "2" * 40}).pushes[0]
    assert (push.branch, push.after, push.deleted) == ("main", "2" * 40, False)
    assert parse("create", gone).kind == "ignored"
    for event in ("create", "delete"):
        assert parse(event, {**gone, "ref_type": "tag", "sha": "2" * 40}).reason.startswith("Tags")
    assert parse("push", gitea.push("main", ZEROS, "2" * 40).payload).pushes[0].after == "2" * 40
    tag = {**gitea.push("main", ZEROS, "2" * 40).payload, "ref": "refs/tags/v1"}
    assert parse("push", tag).kind == "ignored"


@pytest.mark.parametrize("event", ["issues", "issue_label", "issue_assign", "issue_milestone"])
def test_every_event_of_an_issue_has_its_state(event: str) -> None:
    told = parse(event, gitea.issue(Ticket("label_updated", 0, labels=("a", "b"))).payload).issue
    assert told is not None
    assert (told.key, told.labels, told.state) == ("#12", ("a", "b"), "open")
    deleted = parse(event, gitea.issue(Ticket("deleted", 0)).payload).issue
    assert deleted is not None
    assert deleted.state == "deleted"
    assert (
        parse(event, gitea.issue(Ticket("opened", 0), pull_request={"merged": False}).payload).issue is None
    )


def test_a_pull_request_says_when_its_target_has_changed() -> None:
    told = parse("pull_request", gitea.pull(Pull("retargeted", 0, "a" * 40, base="x", before="main")).payload)
    assert told.pull is not None
    assert (told.pull.retargeted, told.pull.to_default, told.about) == (True, False, "northwind/shop")
    again = parse("pull_request_sync", gitea.pull(Pull("reopened", 0, "a" * 40)).payload).pull
    assert again is not None
    assert (again.reopened, again.retargeted, again.to_default) == (True, False, True)


@pytest.mark.parametrize("event", ["issue_comment", "pull_request_approved", "release", "fork", "wiki"])
def test_other_events_are_ignored_unread(event: str) -> None:
    assert parse(event, {}).kind == "ignored"


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [gitea.headers, gitea.forgejo])
def test_a_webhook_with_githubs_address_is_read_as_giteas(headers: Any) -> None:
    repository = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")
    sent = gitea.push("main", "1" * 40, ZEROS)
    body = json.dumps(sent.payload).encode()
    answer = Client().post(
        "/webhooks/github/shop/",
        body,
        content_type="application/json",
        headers=headers(sent, "id", body, repository.webhook_secret),
    )
    assert answer.status_code == 202
    assert Delivery.objects.get().source == "gitea"
    assert "main deleted" in Job.objects.get().cause
