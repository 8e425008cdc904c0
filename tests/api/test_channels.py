"""Channels by API: added, tested, changed and removed, without ever returning an address or a secret."""

import json
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from compliance.lib.standard_webhooks import new_secret
from compliance.models import Channel
from tests.api.conftest import Send, give
from tests.integrations.peers.client import Peer, running
from tests.outbox import send_outbox
from tests.views.cast import World

pytestmark = pytest.mark.slow


@pytest.fixture
def peer(settings: Settings) -> Iterator[Peer]:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    with running("chats") as found:
        yield found


def test_a_channel_is_made_tested_changed_and_removed(
    send: Send, netra: World, person: User, peer: Peer
) -> None:
    token = give(person)
    given = {"kind": "webhook", "name": "Builds", "url": f"{peer.url}/program/good", "repository": "netra"}
    made = send("POST", "/channels", token, given)
    assert (made.status, made.body["repository"], made.body["is_enabled"]) == (201, "netra", True)
    assert made.body["server"] == f"127.0.0.1:{peer.port}"
    assert not [secret for secret in ("program", "whsec_") if secret in json.dumps(made.body)]
    at = f"/channels/{made.body['id']}"
    send_outbox()
    (row,) = send("GET", f"{at}/messages", token).body["items"]
    assert (row["state"], row["title"], row["recipient"]) == ("sent", "Test message", "Builds")

    first, second = Channel.objects.get().secret, new_secret()
    rotated = send("POST", f"{at}/secret", token, {"secret": second})
    assert rotated.body["former_secret_until"]
    assert second not in json.dumps(rotated.body)
    assert (Channel.objects.get().secret, Channel.objects.get().former_secret) == (second, first)
    assert send("POST", f"{at}/secret", token, {"secret": second}).status == 409

    changed = send("POST", at, token, {"name": "Builds 2", "repository": "", "is_enabled": False})
    assert (changed.body["name"], changed.body["repository"]) == ("Builds 2", None)
    assert changed.body["state"] == "disabled"
    assert send("POST", f"{at}/test", token).status == 202
    send_outbox()
    assert len(peer.store["messages"]) == 2
    (row,) = send("GET", "/channels", token).body["items"]
    assert row["last_success_at"]
    assert send("POST", f"{at}/remove", token).body["name"] == "Builds 2"
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "fax"}, "'fax' is no kind of channel."),
        ({"url": "hooks.slack.com/x"}, "Write the address as https://host/path."),
        ({"url": "https://user:pw@x.example/"}, "Leave out user names and passwords."),
        ({"url": "https://hooks.slack.com/triggers/T0/1/x"}, "This is not the URL of an incoming webhook"),
        ({"kind": "discord"}, "This is not the URL of a webhook"),
        ({"kind": "discord", "url": "https://discord.com/api/webhooks/1/x/slack"}, "nothing after the token"),
        ({"kind": "mattermost"}, "which contains /hooks/."),
        ({"kind": "teams", "url": "https://a.webhook.office.com/webhookb2/x"}, "has retired"),
        ({"kind": "e-mail"}, "Write one e-mail address"),
        ({"kind": "webhook", "secret": "short"}, "A secret is whsec_ and a key in base64."),
        ({"kind": "webhook", "secret": "whsec_QUJD"}, "has 24 to 64 bytes"),
        ({"secret": "whsec_QUJD"}, "Slack uses no secret."),
        ({"repository": "nothing"}, "There is no repository “nothing”."),
        ({"name": "a\x1bb"}, "Remove the control characters."),
    ],
)
def test_what_cannot_be_a_channel_is_refused_with_the_reason(
    send: Send, netra: World, person: User, given: dict[str, str], words: str
) -> None:
    good = {"kind": "slack", "name": "Chat", "url": "https://hooks.slack.com/services/T0/B0/x"}
    answer = send("POST", "/channels", give(person), {**good, **given})
    assert answer.status == 409
    assert words in answer.body["detail"]
    assert not Channel.objects.exists()


def test_an_address_that_is_refused_leaves_the_stored_one(send: Send, netra: World, person: User) -> None:
    token, url = give(person), "https://hooks.slack.com/services/T0/B0/x"
    made = send("POST", "/channels", token, {"kind": "slack", "name": "Chat", "url": url})
    assert send("POST", f"/channels/{made.body['id']}", token, {"url": "https://slack.com/x"}).status == 409
    assert Channel.objects.get().url == url
    assert send("POST", "/channels/999999", token, {"name": "x"}).status == 404
