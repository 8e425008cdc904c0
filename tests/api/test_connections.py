"""Connections by API: created, tested, attached and removed, without ever returning a credential."""

import json
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from compliance.accounts.roles import Role
from compliance.accounts.roles import give as appoint
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Connection, Job
from compliance.tasks import KINDS
from tests.api.conftest import Send, give
from tests.integrations.peers.client import Peer, running
from tests.views.cast import World

pytestmark = pytest.mark.slow


@pytest.fixture
def peer(settings: Settings) -> Iterator[Peer]:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    with running("gitlab") as found:
        yield found


def work() -> None:
    while job := claim("test"):
        take(job, KINDS)


def test_a_connection_is_made_tested_attached_and_removed(
    send: Send, netra: World, person: User, peer: Peer
) -> None:
    token = give(person)
    given = {"provider": "gitlab", "name": "Lab", "api_url": peer.url, "token": "maintainer"}
    made = send("POST", "/connections", token, given)
    assert (made.status, made.body["slug"], made.body["last_success_at"]) == (201, "lab", None)
    assert "maintainer" not in json.dumps(made.body)
    work()
    (row,) = send("GET", "/connections", token).body["items"]
    assert (row["acts_as"], row["scopes"], row["last_failure"]) == ("project_7_bot", ["api"], "")

    body = {"connection": "lab", "project": "team/back/shop"}
    attached = send("POST", "netra/connections", token, body)
    assert (attached.status, attached.body["webhook_at"]) == (201, None)
    work()
    (row,) = send("GET", "netra/connections", token).body["items"]
    assert row["webhook_at"]
    assert row["webhook_problem"] == ""
    assert len(peer.store["hooks"]) == 1
    assert send("POST", "netra/connections", token, body).status == 409
    assert send("POST", "/connections/lab/remove", token).status == 409

    changed = send("POST", "/connections/lab", token, {"name": "Lab 2", "token": "wrong"})
    assert (changed.status, changed.body["name"]) == (200, "Lab 2")
    assert send("POST", "/connections/lab/test", token).status == 202
    work()
    (row,) = send("GET", "/connections", token).body["items"]
    assert row["last_failure"].endswith("with 401 Unauthorized: 401 Unauthorized. Check the credentials.")

    send("POST", "/connections/lab", token, {"token": "maintainer"})
    assert send("POST", f"netra/connections/{attached.body['id']}/detach", token).status == 200
    work()
    assert peer.store["hooks"] == []
    assert send("POST", "/connections/lab/remove", token).body["repositories"] == []
    assert not Connection.objects.exists()


def test_what_is_wrong_is_told(send: Send, netra: World, person: User) -> None:
    token = give(person)
    good = {"provider": "gitlab", "name": "Lab", "token": "t"}
    for given, status, words in (
        ({"provider": "sourceforge"}, 409, "is no provider. Choose one of bitbucket, bitbucket-dc,"),
        ({"slug": "netra"}, 409, "A repository or connection has the slug netra already."),
        ({"prefixes": ["SHOP"]}, 409, "Only trackers have prefixes"),
        ({"provider": "jira", "prefixes": ["no key"]}, 409, "is no prefix of issue keys"),
        ({"webhook_secret": "mine"}, 422, "webhook_secret"),
    ):
        answer = send("POST", "/connections", token, {**good, **given})
        assert (answer.status, words in answer.body["detail"]) == (status, True), answer.body
    assert send("POST", "netra/connections", token, {"connection": "nothing"}).status == 409
    assert not Connection.objects.exists()


def test_a_token_for_one_repository_may_attach_but_not_see_all(
    send: Send, netra: World, person: User
) -> None:
    appoint(person, Role.ADMINISTRATOR)
    Connection.objects.create(slug="hub", name="hub", provider="github", api_url="https://x.example.org")
    token = give(person, "write", netra.repository)
    assert send("GET", "/connections", token).status == 403
    assert send("POST", "netra/connections", token, {"connection": "hub", "project": "a/b"}).status == 201


def test_a_connection_is_removed_after_its_webhook_unless_that_is_kept(
    send: Send, netra: World, person: User
) -> None:
    token = give(person)
    for slug in ("first", "second"):
        Connection.objects.create(
            slug=slug, name=slug, provider="linear", api_url="https://x.example.org", webhook_id="7"
        )
    assert send("POST", "/connections/first/remove", token).status == 202
    assert Job.objects.get(kind="disconnect").key == str(Connection.objects.get(slug="first").pk)
    body = {"connection": "first"}
    assert send("POST", "netra/connections", token, body).body["detail"] == "first is being removed."
    assert send("POST", "/connections/second/remove?keep_webhook=true", token).status == 200
    assert [row.slug for row in Connection.objects.all()] == ["first"]


def test_the_webhook_of_a_tracker_learns_of_other_prefixes(send: Send, netra: World, person: User) -> None:
    token = give(person)
    Connection.objects.create(
        slug="jira", name="Jira", provider="jira", api_url="https://x.example.org", webhook_id="7", token="t"
    )
    assert send("POST", "/connections/jira", token, {"prefixes": ["SHOP", "PAY"]}).status == 200
    assert Job.objects.get(kind="hook").detail["url"].endswith("/webhooks/jira/jira/")
