"""Jira: what proves the origin, what is read from a payload, moves, subtasks, and no secret anywhere."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.integrations.provider import PayloadError, Signed
from compliance.integrations.trackers import jira as provider
from compliance.lib.logs import masked
from compliance.models import Delivery, Issue, RejectedWebhook
from compliance.queries.connection_deliveries import rejections
from compliance.queries.scans import newest_deliveries
from tests.integrations.tracker_payloads import (
    SECRET,
    Hook,
    in_query,
    jira,
    jira_status,
    jira_subtask,
    moment,
    signed,
    tracker,
    using,
)


def request(hook: Hook, **headers: str) -> Signed:
    query = {"secret": SECRET} if hook.query else {}
    return Signed({**hook.headers, **headers}, query, hook.body)


def send(hook: Hook, slug: str = "work") -> tuple[int, str]:
    answer = Client().post(
        f"/webhooks/jira/{slug}/?{hook.query}", hook.body, "application/json", headers=hook.headers
    )
    return answer.status_code, answer.json()["message"]


@pytest.mark.parametrize("prove", [signed, in_query])
@pytest.mark.parametrize("secrets", [(SECRET, ""), ("newer", SECRET), (SECRET,)])
def test_the_current_and_the_former_secret_are_accepted(prove: Any, secrets: tuple[str, ...]) -> None:
    hook = prove(jira("created", "SHOP-12", 0))
    assert provider.verify(request(hook), secrets)
    assert not provider.verify(request(hook), ("another", ""))
    assert not provider.verify(request(hook), ("", ""))


def test_a_signature_that_is_wrong_is_not_replaced_by_the_query() -> None:
    hook = signed(jira("created", "SHOP-12", 0), "another")
    with_secret = Signed(hook.headers, {"secret": SECRET}, hook.body)
    assert not provider.verify(with_secret, (SECRET,))
    bare = hook.headers["X-Hub-Signature"].removeprefix("sha256=")
    for signature in (bare, f"sha1={bare}", "sha256=", "", "é"):
        assert not provider.verify(request(hook, **{"X-Hub-Signature": signature}), ("another",))


def test_a_delivery_is_named_by_the_header_and_without_it_by_the_digest_of_the_body() -> None:
    payload = jira("created", "SHOP-12", 0)
    assert provider.name(request(signed(payload, identifier="7f3a")), payload) == (
        "7f3a",
        "jira:issue_created",
    )
    ids = {
        provider.name(request(in_query(one)), one)
        for one in (payload, payload, jira("created", "SHOP-12", 1))
    }
    assert len(ids) == 2
    assert provider.name(request(in_query({})), {}) == ("", "")


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": jira_status(done=True)}, "closed"),
        ({"status": jira_status(done=False)}, "open"),
        ({"status": {"name": "Closed"}, "resolution": {"name": "Fixed"}}, "closed"),
        ({"status": {"name": "Open"}}, "open"),
        # a team-managed project has statuses that are done without a resolution, and the other way round
        ({"status": jira_status(done=False), "resolution": {"name": "Done"}}, "open"),
    ],
)
def test_the_category_of_the_status_decides(fields: dict[str, Any], state: str) -> None:
    event = provider.parse("jira:issue_updated", jira("updated", "SHOP-12", 0, **fields))
    assert event.issue
    assert event.issue.state == state


def test_an_issue_is_read_with_its_page_labels_and_time() -> None:
    news = provider.parse("jira:issue_updated", jira("updated", "SHOP-12", 0)).issue
    assert news
    assert news.url == "https://shop.atlassian.net/browse/SHOP-12"
    assert news.labels == ("ssot",)
    assert news.updated_at == datetime(2026, 11, 29, 10, tzinfo=UTC)
    payload = jira("updated", "SHOP-12", 0, updated=None, labels=None, subtasks=None)
    news = provider.parse("jira:issue_updated", payload).issue
    assert news
    assert (news.updated_at, news.labels) == (datetime(2026, 11, 29, 10, 0, 0, 250_000, tzinfo=UTC), ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"summary": None}, "'issue.fields.summary'"),
        ({"updated": "yesterday"}, "'issue.fields.updated': 'yesterday' is not a valid time"),
        ({"updated": "2026-11-29T10:00:00.000"}, "has no time zone"),
        ({"labels": "ssot"}, "'issue.fields.labels'"),
        ({"subtasks": [{"id": "1"}]}, "'issue.fields.subtasks.0.key' is missing"),
    ],
)
def test_an_unreadable_payload_is_refused_with_the_field(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        provider.parse("jira:issue_updated", jira("updated", "SHOP-12", 0, **change))


@pytest.mark.parametrize("value", [True, "1795946400000", -1, 8e15, 1e300])
def test_a_time_in_milliseconds_is_checked(value: object) -> None:
    payload = {**jira("updated", "SHOP-12", 0, updated=None), "timestamp": value}
    with pytest.raises(PayloadError, match="'timestamp'"):
        provider.parse("jira:issue_updated", payload)
    del payload["timestamp"]
    with pytest.raises(PayloadError, match=r"'issue.fields.updated' is missing"):
        provider.parse("jira:issue_updated", payload)


@pytest.mark.django_db
def test_a_transition_of_a_workflow_names_no_event() -> None:
    using(tracker("work", "jira", "SHOP"), "shop", "SHOP-12")
    payload = {**jira("updated", "SHOP-12", 0, done=True), "transition": {"to_status": "Done"}}
    del payload["webhookEvent"]
    assert send(in_query(payload)) == (202, "Issue SHOP-12 is closed. (Shop)")
    assert send(in_query({"issue": {}})) == (400, "The delivery id or the event is missing.")
    assert Delivery.objects.get().event == "transition"


@pytest.mark.django_db
def test_a_moved_issue_leaves_its_former_key_and_comes_back_to_it() -> None:
    connection = tracker("work", "jira", "SHOP", "PAY")
    using(connection, "shop", "SHOP-12")
    using(connection, "pay", "PAY-3")
    send(signed(jira("updated", "SHOP-12", 0)))
    there = signed(jira("updated", "PAY-3", 5, moved_from="SHOP-12"))

    assert send(there) == (
        202,
        "Issue SHOP-12 is transferred. It is now PAY-3; change the key in the plan. (Shop) "
        "Issue PAY-3 is open. (Pay)",
    )
    send(signed(jira("updated", "SHOP-12", 3, summary="Late")))
    states = dict(Issue.objects.values_list("key", "tracker_state"))
    assert states == {"SHOP-12": "transferred", "PAY-3": "open"}

    send(signed(jira("updated", "SHOP-12", 9, moved_from="PAY-3")))
    send(signed(jira("updated", "PAY-3", 5, moved_from="SHOP-12")))
    states = dict(Issue.objects.values_list("key", "tracker_state"))
    assert states == {"SHOP-12": "open", "PAY-3": "transferred"}


@pytest.mark.django_db
def test_an_issue_that_is_moved_to_a_project_of_nobody_is_transferred() -> None:
    using(tracker("work", "jira", "SHOP"), "shop", "SHOP-12")
    status, message = send(signed(jira("updated", "OPS-3", 5, moved_from="SHOP-12")))
    assert (status, message) == (
        202,
        "Issue SHOP-12 is transferred. It is now OPS-3; change the key in the plan. (Shop)",
    )


@pytest.mark.django_db
def test_the_key_in_the_plan_may_be_in_lower_case() -> None:
    using(tracker("work", "jira", "shop"), "shop", "shop-12")
    assert send(signed(jira("updated", "SHOP-12", 0))) == (202, "Issue SHOP-12 is open. (Shop)")
    assert Issue.objects.get().tracker_state == "open"


def parent(minute: float, *subtasks: dict[str, Any]) -> Hook:
    return signed(jira("updated", "SHOP-12", minute, subtasks=list(subtasks)))


def child(change: str, key: str, minute: float, title: str, *, done: bool = False) -> Hook:
    kind = {"name": "Sub-task", "subtask": True}
    above = {"id": "10041", "key": "SHOP-12", "fields": {"summary": "A session for each request"}}
    return signed(jira(change, key, minute, done=done, summary=title, issuetype=kind, parent=above))


@pytest.mark.django_db
def test_subtasks_are_the_checklist_and_follow_their_own_events() -> None:
    using(tracker("work", "jira", "SHOP"), "shop", "SHOP-12")
    send(parent(0, jira_subtask("SHOP-13", "Write it"), jira_subtask("SHOP-14", "Use it")))
    assert checklist() == {"SHOP-13 Write it": False, "SHOP-14 Use it": False}

    assert send(child("updated", "SHOP-13", 2, "Write it", done=True)) == (
        202,
        "The checklist of SHOP-12 is up to date with its subtask SHOP-13. (Shop)",
    )
    send(child("created", "SHOP-15", 3, "Test it"))
    send(child("deleted", "SHOP-14", 4, "Use it"))
    assert checklist() == {"SHOP-13 Write it": True, "SHOP-15 Test it": False}

    # late: a list from before, and events from before
    send(parent(1, jira_subtask("SHOP-13", "Write it"), jira_subtask("SHOP-14", "Use it")))
    send(child("updated", "SHOP-13", 1.5, "Write it"))
    send(child("updated", "SHOP-14", 3, "Use it"))
    assert checklist() == {"SHOP-13 Write it": True, "SHOP-15 Test it": False}
    assert Issue.objects.get().tracker_updated_at == moment(1)


def checklist() -> dict[str, bool]:
    return {task["text"]: task["done"] for task in Issue.objects.get().checklist}


@pytest.mark.django_db
def test_the_secret_in_the_query_is_kept_nowhere() -> None:
    using(tracker("work", "jira", "SHOP", secret="5ecret-in-the-query"), "shop", "SHOP-12")
    assert send(in_query(jira("created", "SHOP-12", 0), "5ecret-in-the-query"))[0] == 202
    assert send(in_query(jira("created", "SHOP-12", 0), "5ecret-in-the-quer"))[0] == 401
    assert "5ecret" not in str([*Delivery.objects.values(), *RejectedWebhook.objects.values()])
    for line in (
        '"POST /webhooks/jira/work/?secret=5ecret-in-the-query HTTP/1.1" 202',
        "Bad: /webhooks/jira/work/?b=1&secret=5ecret&c=2",
        "/compliance/webhooks/jira/work?%73ecret=5ecret",
    ):
        assert "5ecret" not in masked(line)
        assert "/webhooks/jira/work" in masked(line)


@pytest.mark.django_db
def test_the_deliveries_of_a_connection_are_listed_with_what_was_rejected() -> None:
    connection = tracker("work", "jira", "SHOP")
    using(tracker("other", "jira", "SHOP"), "shop", "SHOP-12")
    hook = in_query(jira("created", "SHOP-12", 0))
    for sent in (hook, hook, in_query(jira("created", "PAY-1", 0)), in_query({}, "wrong")):
        send(sent)

    listed = newest_deliveries(connection, 50)
    assert [(row.event, row.outcome, row.repeats) for row in listed] == [
        (
            "",
            "401: The signature is missing or wrong. Copy the secret from Settings to the webhook.",
            0,
        ),
        (
            "jira:issue_created",
            "Ignored: PAY-1 does not begin with SHOP-, the prefixes of this connection.",
            0,
        ),
        (
            "jira:issue_created",
            "No plan of a repository that uses this connection references issue SHOP-12.",
            1,
        ),
    ]
    assert newest_deliveries(connection, 1) == listed[:1]
    (rejection,) = rejections(connection)
    assert rejection.count == 1

    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True, is_superuser=True))
    page = client.get("/connections/work/").content.decode()
    assert "<strong>1 rejected</strong>" in page
    assert rejection.advice in page
    assert "PAY-1 does not begin with SHOP-" in page
    assert "secret=wrong" not in page
