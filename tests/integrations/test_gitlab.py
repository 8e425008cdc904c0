"""What only GitLab's webhooks have: two proofs, ids that older versions lack, its times and its states."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from compliance.integrations.forges.gitlab import name, parse, signing_token, verify
from compliance.integrations.provider import Signed
from compliance.models import Delivery, Issue, Job, Repository
from compliance.models.repository import new_secret
from tests.integrations.senders import ZEROS, Pull, Sent, Ticket, gitlab

SECRET = new_secret()
OPENED = gitlab.issue(Ticket("opened", 0))
BODY = b'{"object_kind": "push"}'


def signed(headers: dict[str, str], body: bytes = BODY) -> Signed:
    return Signed(headers, {}, body)


def test_the_signing_token_is_the_secret_in_gitlabs_format() -> None:
    headers = gitlab.signed(OPENED, "id-1", BODY, signing_token(SECRET))
    assert verify(signed(headers), ("", "other", SECRET))
    assert not verify(signed(headers, BODY + b" "), (SECRET,))
    assert not verify(signed({**headers, "webhook-id": "id-2"}), (SECRET,))
    assert not verify(signed({**headers, "webhook-timestamp": "1772442001"}), (SECRET,))
    assert not verify(signed(headers), (new_secret(), "short"))
    assert signing_token("short") == ""


def test_one_of_several_signatures_is_enough() -> None:
    headers = gitlab.signed(OPENED, "id-1", BODY, signing_token(SECRET))
    right = headers["webhook-signature"]
    for given, holds in ((f"v1,AAAA {right}", True), (f"v2,x v1a,y {right}", True), (right[3:], False)):
        assert verify(signed({**headers, "webhook-signature": given}), (SECRET,)) is holds
    assert not verify(signed({**headers, "webhook-signature": f"{'v1,a ' * 10}{right}"}), (SECRET,))


@pytest.mark.parametrize("token", ["", "right ", "righ", "rightt", "é", "\udc80"])
def test_another_token_is_refused(token: str) -> None:
    assert not verify(signed({"X-Gitlab-Token": token}), ("right", ""))
    assert verify(signed({"X-Gitlab-Token": "right"}), ("former", "right"))


def test_the_id_is_gitlabs_or_a_digest() -> None:
    new = {"X-Gitlab-Event": "Push Hook", "Idempotency-Key": "a", "webhook-id": "a"}
    assert name(signed(new), {}) == ("a", "Push Hook")
    assert name(signed({"X-Gitlab-Event": "Push Hook", "webhook-id": "b"}), {}) == ("b", "Push Hook")
    # Somebody who sends a recorded delivery again can change the header that isn't signed.
    assert name(signed({**new, "Idempotency-Key": "c"}), {}) == ("a", "Push Hook")
    old = name(signed({"X-Gitlab-Event": "Push Hook"}), {})
    assert old == name(signed({"X-Gitlab-Event": "Push Hook"}), {})
    assert old != name(signed({"X-Gitlab-Event": "Push Hook"}, b"{}"), {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017-12-10 16:40:11 UTC", datetime(2017, 12, 10, 16, 40, 11, tzinfo=UTC)),
        ("2017-12-10T16:40:11Z", datetime(2017, 12, 10, 16, 40, 11, tzinfo=UTC)),
        ("2017-12-10T16:40:11.123Z", datetime(2017, 12, 10, 16, 40, 11, 123000, tzinfo=UTC)),
        ("2017-12-10 12:40:11 -0400", datetime(2017, 12, 10, 16, 40, 11, tzinfo=UTC)),
        ("2017-12-10T18:40:11.000+02:00", datetime(2017, 12, 10, 16, 40, 11, tzinfo=UTC)),
    ],
)
def test_every_way_that_gitlab_writes_times_is_read(text: str, expected: datetime) -> None:
    told = parse("Issue Hook", gitlab.issue(Ticket("opened", 0), updated_at=text).payload).issue
    assert told is not None
    assert told.updated_at == expected


def test_confidential_moved_and_long_issues() -> None:
    secret = gitlab.issue(Ticket("opened", 0), "Confidential Issue Hook")
    assert parse(secret.event, secret.payload).issue == parse("Issue Hook", OPENED.payload).issue
    moved = parse("Issue Hook", gitlab.issue(Ticket("closed", 0, "closed"), moved_to_id=10**12).payload).issue
    assert moved is not None
    assert moved.state == "transferred"
    long = gitlab.issue(Ticket("opened", 0, body="- [x] one\n" + "x" * 1_048_576))
    told = parse("Issue Hook", long.payload).issue
    assert told is not None
    assert told.checklist[0][1] is True
    assert (told.key, told.url) == ("#12", "https://gitlab.example.org/northwind/teams/shop/-/issues/12")


def told_pull(pull: Pull, **more: Any) -> Any:
    return parse("Merge Request Hook", gitlab.pull(pull, **more).payload)


def test_merge_requests_that_are_being_merged_or_have_no_commit() -> None:
    locked = told_pull(Pull("updated", 0, "a" * 40), state="locked").pull
    assert (locked.state, locked.number, locked.author) == ("open", 41, "")
    assert told_pull(Pull("opened", 0, "a" * 40), last_commit=None).kind == "ignored"
    moved = told_pull(Pull("retargeted", 0, "a" * 40, base="x", before="main")).pull
    assert (moved.retargeted, moved.to_default, moved.reopened) == (True, False, False)
    assert told_pull(Pull("reopened", 0, "a" * 40)).pull.reopened
    assert told_pull(Pull("opened", 0, "a" * 40)).about == "northwind/teams/shop"


@pytest.mark.parametrize("event", ["Note Hook", "Wiki Page Hook", "Job Hook", "System Hook", "Release Hook"])
def test_other_events_are_ignored_unread(event: str) -> None:
    assert parse(event, {}).kind == "ignored"


def post(repository: Repository, sent: Sent, delivery: str = "") -> Any:
    body = json.dumps(sent.payload).encode()
    headers = gitlab.headers(sent, delivery, body, repository.webhook_secret)
    headers = {name: value for name, value in headers.items() if value}
    path = f"/webhooks/gitlab/{repository.slug}/"
    return Client().post(path, body, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_without_ids_a_repeated_push_is_looked_at_and_a_repeated_issue_is_not() -> None:
    repository = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")
    Issue.objects.create(repository=repository, key="#12", title="x", order=0)
    sent = gitlab.push("main", ZEROS, "2" * 40)
    assert [post(repository, sent).status_code for _ in range(2)] == [202, 200]
    assert [post(repository, OPENED).status_code for _ in range(2)] == [202, 200]
    assert Job.objects.get().merged == 1
    assert sorted(Delivery.objects.values_list("event", "repeats")) == [("Issue Hook", 1), ("Push Hook", 1)]
