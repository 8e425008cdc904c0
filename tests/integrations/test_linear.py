"""Linear: what proves the origin, what is read from a payload, and issues that move between teams."""

from typing import Any

import pytest
from django.test import Client

from compliance.integrations import proofs
from compliance.integrations.provider import PayloadError, Signed
from compliance.integrations.trackers import linear as provider
from compliance.models import Connection, Issue
from tests.integrations.tracker_payloads import SECRET, Hook, linear, moment, sent_now, tracker, using


def request(hook: Hook) -> Signed:
    return Signed(hook.headers, {"secret": SECRET}, hook.body)


def send(hook: Hook) -> tuple[int, str]:
    answer = Client().post("/webhooks/linear/work/", hook.body, "application/json", headers=hook.headers)
    return answer.status_code, answer.json()["message"]


def test_the_signature_and_the_time_must_be_right() -> None:
    payload = linear("create", "ENG-123", 0)
    for secrets in ((SECRET, ""), ("newer", SECRET)):
        assert provider.verify(request(sent_now(payload)), secrets)
        assert provider.verify(request(sent_now(payload, ago=50)), secrets)
        assert provider.verify(request(sent_now(payload, ago=-50)), secrets)
        assert not provider.verify(request(sent_now(payload, ago=70)), secrets)
        assert not provider.verify(request(sent_now(payload, ago=-70)), secrets)
        assert not provider.verify(request(sent_now(payload, "another")), secrets)
    hook = sent_now(payload)
    assert not provider.verify(Signed({"Linear-Signature": "é"}, {}, hook.body), (SECRET,))
    assert not provider.verify(Signed(hook.headers, {}, hook.body + b" "), (SECRET,))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"webhookTimestamp": true}', b"[" * 100_000])
def test_a_signed_body_without_a_time_is_refused(body: bytes) -> None:
    signature = proofs.sign(body, SECRET.encode()).hex()
    assert not provider.verify(Signed({"Linear-Signature": signature}, {}, body), (SECRET,))


def test_a_delivery_is_named_by_its_header_and_its_type_and_action() -> None:
    payload = linear("update", "ENG-123", 0)
    assert provider.name(request(sent_now(payload, delivery="234d")), payload) == ("234d", "Issue update")
    assert provider.name(Signed({}, {}, b""), {"type": "Issue"}) == ("", "")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        *((name, "open") for name in ("triage", "backlog", "unstarted", "started")),
        *((name, "closed") for name in ("completed", "canceled", "duplicate")),
    ],
)
def test_the_type_of_the_state_decides(state: str, expected: str) -> None:
    news = provider.parse("Issue update", linear("update", "ENG-123", 0, state)).issue
    assert news
    assert news.state == expected
    assert news.labels == ("ssot",)
    assert news.checklist == (("Write it", True), ("Use it", False))
    assert news.url == "https://linear.app/shop/issue/ENG-123/a-session-for-each-request"


def test_an_older_webhook_has_the_number_and_the_team_instead_of_the_key() -> None:
    payload = linear("create", "ENG-123", 0)
    del payload["data"]["identifier"]
    news = provider.parse("Issue create", payload).issue
    assert news
    assert news.key == "ENG-123"
    del payload["data"]["team"]
    with pytest.raises(PayloadError, match=r"'data.identifier' is missing"):
        provider.parse("Issue create", payload)
    with pytest.raises(PayloadError, match=r"'data.updatedAt'"):
        provider.parse("Issue create", linear("create", "ENG-123", 0, updatedAt="soon"))


@pytest.mark.parametrize(
    ("action", "data", "state", "minute"),
    [
        ("remove", {"trashed": True, "archivedAt": "2026-11-29T10:07:00.000Z"}, "deleted", 7),
        ("remove", {}, "deleted", 5),
        ("update", {"trashed": True}, "deleted", 5),
        ("remove", {"archivedAt": "2026-11-29T10:07:00.000Z"}, "deleted", 7),
    ],
)
def test_a_deleted_issue_is_as_new_as_its_deletion(
    action: str, data: dict[str, Any], state: str, minute: float
) -> None:
    news = provider.parse(f"Issue {action}", linear(action, "ENG-123", 5, **data)).issue
    assert news
    assert (news.state, news.updated_at) == (state, moment(minute))


def test_a_closed_issue_that_is_archived_stays_closed() -> None:
    payload = linear("remove", "ENG-123", 5, "completed", archivedAt="2026-11-29T10:07:00.000Z")
    news = provider.parse("Issue remove", payload).issue
    assert news
    assert news.state == "closed"


@pytest.mark.django_db
def test_an_issue_that_is_restored_is_open_again_and_late_events_are_not() -> None:
    using(tracker("work", "linear", "ENG"), "shop", "ENG-123")
    send(sent_now(linear("create", "ENG-123", 0)))
    send(sent_now(linear("remove", "ENG-123", 5, trashed=True, archivedAt="2026-11-29T10:07:00.000Z")))
    send(sent_now(linear("update", "ENG-123", 6, "started", title="Late")))
    assert Issue.objects.get().tracker_state == "deleted"
    send(sent_now(linear("restore", "ENG-123", 8)))
    assert Issue.objects.get().tracker_state == "open"


@pytest.mark.django_db
def test_an_issue_that_moves_to_another_team_leaves_its_former_key() -> None:
    connection = tracker("work", "linear", "ENG", "OPS")
    using(connection, "shop", "ENG-123")
    using(connection, "ops", "OPS-4")
    send(sent_now(linear("create", "ENG-123", 0)))
    assert send(sent_now(linear("update", "OPS-4", 5, previousIdentifiers=["ENG-123"]))) == (
        200,
        "Issue ENG-123 is transferred. It is now OPS-4; change the key in the plan. (Shop) "
        "Issue OPS-4 is open. (Ops)",
    )
    send(sent_now(linear("update", "ENG-123", 3, "completed")))
    assert dict(Issue.objects.values_list("key", "tracker_state")) == {
        "ENG-123": "transferred",
        "OPS-4": "open",
    }


@pytest.mark.django_db
def test_a_delivery_that_is_older_than_a_minute_is_refused() -> None:
    using(tracker("work", "linear", "ENG"), "shop", "ENG-123")
    assert send(sent_now(linear("create", "ENG-123", 0), ago=70))[0] == 401
    assert send(sent_now(linear("create", "ENG-123", 0), ago=30))[0] == 200


@pytest.mark.django_db
def test_the_secret_that_linear_has_chosen_is_entered_on_the_connections_page(admin_client: Client) -> None:
    connection = tracker("work", "linear", "ENG")
    using(connection, "shop", "ENG-123")
    chosen = "lin_wh_8Jq2mUq3mF1sXv0w"
    page = admin_client.get("/connections/work/").content.decode()
    assert "Secret that Linear has chosen" in page
    assert send(sent_now(linear("update", "ENG-123", 0), chosen))[0] == 401
    admin_client.post("/connections/work/secret/", {"secret": f" {chosen}\n"})
    assert send(sent_now(linear("update", "ENG-123", 1), chosen))[0] == 200
    assert send(sent_now(linear("update", "ENG-123", 2)))[0] == 200, "the former one remains valid"

    admin_client.post("/connections/work/secret/", {"secret": chosen})
    assert send(sent_now(linear("update", "ENG-123", 3)))[0] == 200, "the same one again changes nothing"


@pytest.mark.django_db
@pytest.mark.parametrize("entered", ["short", "a secret\nof two lines", "x" * 256])
def test_a_secret_that_was_not_copied_in_full_is_refused(admin_client: Client, entered: str) -> None:
    tracker("work", "linear", "ENG")
    page = admin_client.post("/connections/work/secret/", {"secret": entered}, follow=True).content.decode()
    assert "must have 16 to 255 characters without line breaks" in page
    assert Connection.objects.get().webhook_secret == SECRET
