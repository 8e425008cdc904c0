"""Channels over HTTP against strict peers: what arrives, how often, and what becomes of the channel."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook, WebhookVerificationError

from compliance import jobs, tasks
from compliance.accounts.roles import Role, give
from compliance.integrations import delivery
from compliance.models import Channel, OutboxItem, Repository
from compliance.notifications import channel_messages, channel_setup
from compliance.notifications.channels import CHANNELS
from tests.integrations.peers.client import Peer, running
from tests.outbox import send_outbox
from tests.processes import Start, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATHS = {
    "slack": "/services/T0/B0/{}",
    "teams": "/workflows/{}/triggers/manual/paths/invoke?sig=s3cret",
    "discord": "/api/webhooks/42/{}",
    "mattermost": "/hooks/{}",
    "webhook": "/program/{}",
}
KINDS = sorted(PATHS)
NEVER_SHOWN = ("s3cret", "/good", "whsec_", "/services/", "/hooks/")


@pytest.fixture(autouse=True)
def _permitted(settings: Settings) -> None:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running("chats") as found:
        yield found


@pytest.fixture
def mia() -> Client:
    person = User.objects.create_user("mia")
    give(person, Role.MANAGER)
    client = Client()
    client.force_login(person)
    return client


def made(peer: Peer, kind: str, token: str = "good") -> Channel:
    address = peer.url + PATHS[kind].format(token)
    return channel_setup.create(kind, {"name": f"My {kind}", "url": address}, None)


def again(channel: Channel) -> Channel:
    return Channel.objects.select_related("repository").get(pk=channel.pk)


def item_of(channel: Channel) -> OutboxItem:
    found = channel_setup.messages_of(channel).first()
    assert found is not None
    return found


def posts(peer: Peer) -> list[dict[str, Any]]:
    return peer.requests


def test_every_kind_over_http_has_a_peer() -> None:
    assert set(CHANNELS) == {*PATHS, "e-mail"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_test_message_arrives_once(kind: str, peer: Peer) -> None:
    channel = made(peer, kind)
    channel_messages.send_test(channel, None)
    for _ in range(3):
        send_outbox()
    assert [one["kind"] for one in peer.store["messages"]] == [kind]
    item = item_of(channel)
    assert (item.state, item.attempts, item.host) == ("sent", 1, f"127.0.0.1:{peer.port}")
    assert item.remote_id == ("1234567890" if kind == "discord" else "")
    assert again(channel).last_success_at
    assert not again(channel).is_failing


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_attempt_is_repeated_with_the_same_id_and_content(kind: str, peer: Peer) -> None:
    channel = made(peer, kind)
    channel_messages.send_test(channel, None)
    peer.trouble("status", status=503)
    peer.trouble("cut", method="POST", acted=True)
    send_outbox()
    assert "replied with 503" in item_of(channel).outcome
    assert again(channel).is_failing
    for _ in range(4):
        send_outbox()
    item = item_of(channel)
    # The answer that was cut off had the status 200, so the message has arrived and isn't sent again.
    assert (item.state, item.attempts, len(posts(peer))) == ("sent", 2, 2)
    assert len({str(call["body"]) for call in posts(peer)}) == 1
    assert not again(channel).is_failing


def test_the_wait_that_a_service_asks_for_is_kept(peer: Peer) -> None:
    channel = made(peer, "slack")
    other = made(peer, "slack")
    peer.put(answers={"slack": [429, None, {"Retry-After": "600"}]})
    for number in range(2):
        channel_messages.send(channel, "channel.test", str(number))
    channel_messages.send(other, "channel.test", "other")
    send_outbox()
    for item in channel_setup.messages_of(channel):
        assert item.next_at - timezone.now() > timedelta(minutes=9)
    assert "It asks to wait for 600 s." in item_of(channel).outcome
    peer.put(answers={})
    later()
    delivery.resume()
    jobs.work(tasks.KINDS, "test")
    assert len(peer.store["messages"]) == 3


def later(hours: float = 4) -> None:
    OutboxItem.objects.update(next_at=F("next_at") - timedelta(hours=hours))


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_that_no_longer_exists_is_disabled(kind: str, peer: Peer) -> None:
    channel = made(peer, kind, "gone")
    channel_messages.send(channel, "channel.test", "1")
    send_outbox()
    assert item_of(channel).state == "given up"
    row = again(channel)
    assert not row.is_enabled
    assert row.disabled_reason
    assert row.disabled_reason == row.last_failure
    event = event_model().objects.filter(pgh_obj_id=channel.pk).order_by("-pgh_id").first()
    assert event is not None
    assert (event.is_enabled, event.disabled_reason) == (False, row.disabled_reason)


def event_model() -> Any:
    return Channel._meta.apps.get_model("compliance", "ChannelEvent")


@pytest.mark.parametrize(
    ("kind", "answer", "state", "enabled"),
    [
        ("slack", [404, "channel_not_found"], "given up", False),
        ("slack", [410, "channel_is_archived"], "given up", False),
        ("slack", [403, "invalid_token"], "given up", False),
        ("slack", [400, "invalid_payload"], "given up", True),
        ("slack", [403, "action_prohibited"], "given up", True),
        ("slack", [500, "rollup_error"], "waiting", True),
        ("teams", [410, None], "given up", False),
        ("teams", [400, {"error": {"code": "TriggerInputSchemaMismatch"}}], "given up", True),
        ("teams", [413, None], "given up", True),
        ("teams", [502, {"error": {"code": "NoResponse"}}], "waiting", True),
        ("discord", [401, {"message": "401: Unauthorized", "code": 0}], "given up", False),
        ("discord", [400, {"message": "Invalid Form Body", "code": 50035}], "given up", True),
        ("discord", [429, {"message": "rate limited", "retry_after": 1.5}], "waiting", True),
        ("mattermost", [404, {"id": "web.incoming_webhook.channel.app_error"}], "given up", False),
        ("mattermost", [403, {"id": "web.incoming_webhook.channel_locked.app_error"}], "given up", True),
        ("mattermost", [500, None], "waiting", True),
        ("webhook", [400, None], "waiting", True),
        ("webhook", [404, None], "waiting", True),
        ("webhook", [301, None, {"Location": "https://example.org/"}], "waiting", True),
        ("webhook", [410, None], "given up", False),
    ],
)
def test_what_answers_mean(kind: str, answer: list[Any], state: str, enabled: bool, peer: Peer) -> None:
    channel = made(peer, kind)
    # Slack's codes are plain text.
    peer.put(answers={kind: [answer[0], None, {}, answer[1]] if kind == "slack" else answer})
    channel_messages.send_test(channel, None)
    send_outbox()
    item = item_of(channel)
    assert (item.state, again(channel).is_enabled) == (state, enabled), item.outcome
    assert str(answer[0]) in item.outcome
    if kind == "slack":
        assert f"({answer[1]})" in item.outcome
    assert not any(secret in f"{item.outcome} {item.log}" for secret in NEVER_SHOWN)


def test_waiting_messages_are_given_up_once_the_channel_is_disabled_or_removed(peer: Peer) -> None:
    channel, removed = made(peer, "webhook", "gone"), made(peer, "slack")
    channel_messages.send_test(channel, None)
    send_outbox()
    for number in range(3):
        delivery.record([message_for(channel, str(number))])
    delivery.record([message_for(removed, "x")])
    removed.delete()
    send_outbox()
    outcomes = set(OutboxItem.objects.values_list("state", "outcome"))
    assert {state for state, _ in outcomes} == {"given up"}
    assert {("given up", "The channel was removed."), ("given up", "The channel is disabled.")} < outcomes
    before = OutboxItem.objects.count()
    channel_messages.send(again(channel), "regression", "9")
    assert OutboxItem.objects.count() == before, "nothing is recorded for a disabled channel"


def message_for(channel: Channel, key: str) -> OutboxItem:
    """An item like that of an event: tests are sent to disabled channels, too."""
    detail = {"about": "regression", "channel": channel.name}
    return OutboxItem(
        kind="message", channel=channel.kind, target=str(channel.pk), key=key, host="x", detail=detail
    )


def test_an_attempt_that_began_before_a_change_does_not_disable_the_channel(peer: Peer) -> None:
    channel = made(peer, "webhook", "gone")
    channel_messages.send_test(channel, None)
    item = item_of(channel)
    message = channel_messages.ChannelSender().build(item)
    channel_setup.change(again(channel), {"url": peer.url + PATHS["webhook"].format("good")})
    with pytest.raises(delivery.RejectedError):
        message.send()
    assert again(channel).is_enabled


def verified(secret: str, call: dict[str, Any]) -> bool:
    """Whether the receivers' library accepts a request."""
    try:
        Webhook(secret).verify(call["text"], call["headers"])
    except WebhookVerificationError:
        return False
    return True


def test_webhooks_are_signed_also_with_the_former_secret_until_its_end(peer: Peer) -> None:
    channel = made(peer, "webhook")
    first = channel.secret
    channel_messages.send_test(channel, None)
    send_outbox()
    channel_setup.rotate(channel)
    second = channel.secret
    channel_messages.send_test(channel, None)
    send_outbox()
    Channel.objects.update(former_secret_until=timezone.now() - timedelta(seconds=1))
    channel_messages.send_test(channel, None)
    send_outbox()
    assert again(channel).former_secret == ""
    accepted = [(verified(first, call), verified(second, call)) for call in posts(peer)]
    assert accepted == [(True, False), (True, True), (False, True)]
    signatures = [call["headers"]["webhook-signature"].split() for call in posts(peer)]
    assert [len(one) for one in signatures] == [1, 2, 1]
    assert len({call["headers"]["webhook-id"] for call in posts(peer)}) == 3
    assert not verified(second, posts(peer)[2] | {"text": posts(peer)[2]["text"] + " "})


def test_a_repeated_webhook_has_the_same_id_and_the_time_of_the_attempt(peer: Peer) -> None:
    channel = made(peer, "webhook")
    channel_messages.send_test(channel, None)
    peer.trouble("status", status=500)
    send_outbox()
    first = int(posts(peer)[0]["headers"]["webhook-timestamp"])
    wait(lambda: timezone.now().timestamp() >= first + 1)
    send_outbox()
    ids = {call["headers"]["webhook-id"] for call in posts(peer)}
    times = [int(call["headers"]["webhook-timestamp"]) for call in posts(peer)]
    assert len(ids) == 1
    assert times[1] > times[0]
    assert all(verified(channel.secret, call) for call in posts(peer))


def test_a_private_address_is_refused(peer: Peer, settings: Settings) -> None:
    settings.OUTGOING_ALLOW = []
    channel = made(peer, "webhook")
    channel_messages.send_test(channel, None)
    send_outbox()
    assert (item_of(channel).state, posts(peer)) == ("given up", [])
    assert "OUTGOING_ALLOW" in again(channel).last_failure
    assert again(channel).is_enabled


@pytest.mark.parametrize("kind", KINDS)
def test_a_manager_adds_tests_changes_and_removes_a_channel(kind: str, peer: Peer, mia: Client) -> None:
    shop = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git")
    form = {"name": "Builds", "url": peer.url + PATHS[kind].format("good"), "repository": "shop"}
    answer = mia.post(f"/new-channel/{kind}/", form)
    channel = Channel.objects.get()
    assert answer.headers["Location"] == f"/channels/{channel.pk}/"
    assert channel.repository == shop
    page = f"/channels/{channel.pk}/"
    assert "Waiting to be sent" in mia.get(f"{page}live/").content.decode()
    assert 'hx-trigger="every 1s"' in mia.get(page).content.decode()
    send_outbox()
    shown = mia.get(page).content.decode()
    assert "Sent after 1 attempt" in shown
    assert 'hx-trigger="every 1s"' not in shown
    assert not [one for one in ("s3cret", "/good") if one in shown], "the address is secret"
    assert ("whsec_" in shown) == (kind == "webhook")
    assert "Test message" in mia.get("/repositories/shop/outbox/").content.decode()

    mia.post(f"{page}switch/", {"want": "no"})
    assert not again(channel).is_enabled
    mia.post(f"{page}test/")
    send_outbox()
    assert len(peer.store["messages"]) == 2, "a disabled channel can be tested"
    mia.post(f"{page}switch/", {"want": "yes"})
    mia.post(page, {"name": "Other", "url": "", "repository": ""})
    row = again(channel)
    assert (row.name, row.repository, row.is_enabled) == ("Other", None, True)
    assert row.url == form["url"]
    mia.post(f"{page}remove/")
    assert not Channel.objects.exists()
    trail = mia.get("/activity/").content.decode()
    assert trail.count("Other") >= 1
    assert not [one for one in NEVER_SHOWN if one in trail]


def test_a_real_worker_sends_and_the_page_shows_it(
    peer: Peer, mia: Client, start: Start, process_environment: dict[str, str]
) -> None:
    start({**process_environment, "OUTGOING_ALLOW": "127.0.0.1/32"}, "worker", app="compliance")
    mia.post("/new-channel/slack/", {"name": "Builds", "url": peer.url + PATHS["slack"].format("good")})
    page = f"/channels/{Channel.objects.get().pk}/live/"
    wait(lambda: "Sent after 1 attempt" in mia.get(page).content.decode())
    assert len(peer.store["messages"]) == 1
