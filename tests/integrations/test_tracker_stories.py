"""The life of an issue in each tracker, over real HTTP: in order, again, late and in every other order."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest

from compliance.models import Connection, Delivery, Issue
from tests.integrations.tracker_payloads import (
    Hook,
    in_query,
    jira,
    linear,
    moment,
    post,
    sent_now,
    signed,
    tracker,
    using,
)
from tests.processes import Start, answers, free_port, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Prove = Callable[..., Hook]


@pytest.fixture
def port(process_environment: dict[str, str], start: Start) -> int:
    """The port of a real web server."""
    port = free_port()
    start(process_environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    return port


def states(key: str) -> dict[str, tuple[str, str]]:
    """What each repository has recorded: state and title."""
    rows = Issue.objects.filter(key=key).select_related("repository")
    return {row.repository.slug: (row.tracker_state, row.tracker_title) for row in rows}


JIRA = (
    (jira("created", "SHOP-12", 0), "open", "A session for each request"),
    (jira("updated", "SHOP-12", 1, summary="One session each"), "open", "One session each"),
    (jira("updated", "SHOP-12", 2, summary="One session each", done=True), "closed", "One session each"),
    (jira("updated", "SHOP-12", 3, summary="One session each"), "open", "One session each"),
    # Deleting an issue doesn't change when it was updated.
    (
        {**jira("deleted", "SHOP-12", 3, summary="One session each"), "timestamp": 1795946700000},
        "deleted",
        "One session each",
    ),
)
LINEAR = (
    (linear("create", "ENG-123", 0), "open", "A session for each request"),
    (linear("update", "ENG-123", 1, title="One session each"), "open", "One session each"),
    (linear("update", "ENG-123", 2, "completed", title="One session each"), "closed", "One session each"),
    (linear("update", "ENG-123", 3, title="One session each"), "open", "One session each"),
    (
        linear("remove", "ENG-123", 3, title="One session each", trashed=True)
        | {"createdAt": "2026-11-29T10:04:00.000Z"},
        "deleted",
        "One session each",
    ),
)
TRACKERS = [
    pytest.param("jira", "SHOP", JIRA, signed, 202, id="Jira Cloud"),
    pytest.param("jira", "SHOP", JIRA, in_query, 202, id="Jira Data Center"),
    pytest.param("linear", "ENG", LINEAR, sent_now, 200, id="Linear"),
]


@pytest.mark.parametrize(("provider", "prefix", "life", "prove", "accepted"), TRACKERS)
def test_an_issue_is_followed_in_both_repositories_from_its_creation_to_its_deletion(
    port: int, provider: str, prefix: str, life: Sequence[Any], prove: Prove, accepted: int
) -> None:
    connection = tracker("work", provider, prefix)
    key = JIRA[0][0]["issue"]["key"] if provider == "jira" else LINEAR[0][0]["data"]["identifier"]
    using(connection, "shop", key, "#12")
    using(connection, "web", "OPS-1", key)
    using(connection, "docs", "OPS-1")

    for number, (payload, state, title) in enumerate(life):
        hook = prove(payload)
        status, message = post(port, f"{provider}/work", hook)
        assert (status, message) == (accepted, f"Issue {key} is {state}. (Shop, Web)")
        assert states(key) == {"shop": (state, title), "web": (state, title)}

        assert post(port, f"{provider}/work", hook) == (200, "This delivery was already received.")
        for earlier, *_ in life[:number]:  # under a new id, as if it had been sent by hand
            late = prove(earlier) if prove is not in_query else prove({**earlier, "again": number})
            assert post(port, f"{provider}/work", late)[0] == accepted
        assert states(key) == {"shop": (state, title), "web": (state, title)}

    assert not Issue.objects.exclude(key=key).exclude(tracker_state="").exists()
    assert not Delivery.objects.exclude(connection=connection, repository=None).exists()
    assert Delivery.objects.filter(repeats=1).count() == len(life)


@pytest.mark.parametrize(("provider", "prefix", "life", "prove", "accepted"), TRACKERS)
def test_the_final_state_does_not_depend_on_the_order(
    port: int, provider: str, prefix: str, life: Sequence[Any], prove: Prove, accepted: int
) -> None:
    connection = tracker("work", provider, prefix)
    orders = list(permutations(range(len(life))))[::7]
    for number, order in enumerate(orders):
        key = f"{prefix}-{number + 1}"
        repository = using(connection, f"shop-{number}", key)
        for place in order:
            payload = _renamed(life[place][0], provider, key)
            assert post(port, f"{provider}/work", prove(payload))[0] == accepted
        row = Issue.objects.get(repository=repository)
        assert (row.tracker_state, row.tracker_title) == ("deleted", "One session each"), order
        assert row.tracker_updated_at == moment(4 if provider == "linear" else 5), order


def _renamed(payload: dict[str, Any], provider: str, key: str) -> dict[str, Any]:
    part, name = ("issue", "key") if provider == "jira" else ("data", "identifier")
    return {**payload, part: {**payload[part], name: key}}


@pytest.mark.parametrize(("provider", "prefix", "life", "prove", "accepted"), TRACKERS)
def test_only_the_secrets_of_the_connection_are_accepted(
    port: int, provider: str, prefix: str, life: Sequence[Any], prove: Prove, accepted: int
) -> None:
    connection = tracker("work", provider, prefix)
    other = tracker("other", provider, prefix, secret="another secret")
    key = life[0][0]["issue"]["key"] if provider == "jira" else life[0][0]["data"]["identifier"]
    using(connection, "shop", key)
    refusal = (401, "The URL or the signature is wrong. Check the webhook's URL and its secret.")

    assert post(port, f"{provider}/work", prove(life[0][0], "another secret")) == refusal
    assert post(port, f"{provider}/nowhere", prove(life[0][0])) == refusal
    assert post(port, f"{provider}/shop", prove(life[0][0])) == refusal
    assert post(port, f"{provider}/other", prove(life[0][0])) == refusal
    elsewhere = "linear" if provider == "jira" else "jira"
    assert post(port, f"{elsewhere}/work", prove(life[0][0])) == refusal
    assert states(key) == {"shop": ("", "")}
    assert {row.reason: row.count for row in connection.rejected_webhooks.all()} == {
        "signature": 1,
        "provider": 1,
    }
    assert other.rejected_webhooks.get().count == 1

    Connection.objects.filter(pk=connection.pk).update(webhook_secret="newer")
    assert post(port, f"{provider}/work", prove(life[0][0]))[0] == 401
    connection.refresh_from_db()
    connection.former_webhook_secret = "hush hush & co"
    connection.save()
    assert post(port, f"{provider}/work", prove(life[0][0]))[0] == accepted
    assert post(port, f"{provider}/work", prove(life[1][0], "newer"))[0] == accepted
    assert states(key)["shop"][0] == "open"


@pytest.mark.parametrize(("provider", "prefix", "life", "prove", "accepted"), TRACKERS)
def test_what_concerns_nobody_is_accepted_with_the_reason(
    port: int, provider: str, prefix: str, life: Sequence[Any], prove: Prove, accepted: int
) -> None:
    connection = tracker("work", provider, prefix, "PAY")
    using(connection, "shop", f"{prefix}-99", "OPS-7")
    foreign = tracker("foreign", provider, "OPS", secret="another secret")
    first = life[0][0]

    assert post(port, f"{provider}/work", prove(_renamed(first, provider, "OPS-7"))) == (
        accepted,
        f"Ignored: OPS-7 does not begin with {prefix}- or PAY-, the prefixes of this connection.",
    )
    assert post(port, f"{provider}/foreign", prove(_renamed(first, provider, "OPS-7"), "another secret")) == (
        accepted,
        "No plan of a repository that uses this connection references issue OPS-7.",
    )
    assert post(port, f"{provider}/work", prove(_renamed(first, provider, f"{prefix}-1"))) == (
        accepted,
        f"No plan of a repository that uses this connection references issue {prefix}-1.",
    )
    kind = {"webhookEvent": "comment_created"} if provider == "jira" else {"type": "Comment"}
    status, message = post(port, f"{provider}/work", prove({**first, **kind}))
    assert status == accepted
    assert message.startswith("The event 'Comment create'" if provider == "linear" else "The event 'comment_")
    assert not Issue.objects.exclude(tracker_state="").exists()
    assert connection.deliveries.count() == 3
    assert foreign.deliveries.count() == 1
