"""A connection is removed after the webhooks that the product installed, whatever happens meanwhile."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from compliance.integrations import connections
from compliance.integrations.apis import APIS
from compliance.integrations.connections import ConnectionValueError
from compliance.models import Attachment, Connection, Job, Repository
from tests.integrations.connecting import (
    LINEAR,
    PROVIDERS,
    SETTINGS,
    Provider,
    ada,
    hook_of,
    mia,
    peer_of,
    permitted,
    text,
    text_after,
    tracked,
    tracker,
    work,
)
from tests.integrations.peers.client import Peer, running

__all__ = ["ada", "mia", "permitted", "tracker"]  # fixtures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GITHUB = PROVIDERS[0]
ISSUES = "/connections/issues/"


@pytest.fixture
def linear() -> Iterator[Peer]:
    with running("linear") as found:
        yield found


def connect(ada: Client, given: Provider, peer: Peer) -> Connection:
    ada.post(f"/new-connection/{given.name}/", given.form(peer, slug="issues"))
    work()
    return Connection.objects.get()


def test_the_webhook_of_a_tracker_is_removed_before_the_connection(tracker: Provider, ada: Client) -> None:
    with peer_of(tracker) as peer:
        connect(ada, tracker, peer)
        assert len(peer.store["hooks"]) == 1
        told = text_after(ada, f"{ISSUES}remove/")
        assert "The forge is being removed, after its webhook at" in told
        assert "is being removed, and then the connection." in told
        assert Connection.objects.count() == 1
        work()
        assert peer.store["hooks"] == []
        assert not Connection.objects.exists()
        answer = ada.get(f"{ISSUES}live/")
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (404, "/connections/")
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


def test_a_webhook_that_the_provider_does_not_remove_keeps_the_connection(linear: Peer, ada: Client) -> None:
    connect(ada, LINEAR, linear)
    Connection.objects.update(token="wrong")
    ada.post(f"{ISSUES}remove/")
    work()
    assert Job.objects.get(kind="disconnect").state == Job.State.DONE, "trying again would change nothing"
    page = text(ada, ISSUES)
    assert "Test failed" in page
    assert "Check the credentials." in page
    assert "Leave the webhook at Linear" in page
    ada.post(f"{ISSUES}remove/", {"keep_webhook": "on"})
    assert not Connection.objects.exists()
    assert len(linear.store["hooks"]) == 1


def test_a_tracker_that_is_down_is_asked_again(linear: Peer, ada: Client) -> None:
    connect(ada, LINEAR, linear)
    linear.trouble("status", status=503)
    ada.post(f"{ISSUES}remove/")
    work()
    job = Job.objects.get(kind="disconnect")
    assert job.state == Job.State.WAITING
    Job.objects.update(due_at=job.created_at)
    work()
    assert linear.store["hooks"] == []
    assert not Connection.objects.exists()


def test_nobody_attaches_a_connection_that_is_being_removed(linear: Peer, ada: Client) -> None:
    found = connect(ada, LINEAR, linear)
    shop = tracked("/srv/shop.git")
    ada.post(f"{ISSUES}remove/")
    with pytest.raises(ConnectionValueError, match="The forge is being removed"):
        connections.attach(shop, found)
    # Somebody else's request was a moment earlier.
    Attachment.objects.create(repository=shop, connection=found, kind=Attachment.Kind.TRACKER)
    work()
    found.refresh_from_db()
    assert (found.webhook_id, linear.store["hooks"]) == ("", [])


def attached(ada: Client, mia: Client, peer: Peer) -> tuple[Repository, Attachment]:
    shop = tracked(GITHUB.url)
    connect(ada, GITHUB, peer)
    mia.post(f"{SETTINGS}connections/", {"connection": "issues", "project": GITHUB.project})
    return shop, Attachment.objects.get()


def test_a_connection_that_is_removed_at_once_after_it_was_detached_leaves_no_webhook(
    ada: Client, mia: Client
) -> None:
    with running("github") as peer:
        row = attached(ada, mia, peer)[1]
        work()
        assert len(peer.store["hooks"]) == 1
        mia.post(f"{SETTINGS}connections/{row.pk}/detach/")
        ada.post(f"{ISSUES}remove/")
        work()
        assert peer.store["hooks"] == []
        assert not Connection.objects.exists()


def test_a_repository_that_is_detached_while_its_webhook_is_being_installed_leaves_none(
    ada: Client, mia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("github") as peer:
        row = attached(ada, mia, peer)[1]
        install = APIS["github"].install

        def detached_meanwhile(*given: object) -> str:
            known = install(*given)  # type: ignore[arg-type]
            mia.post(f"{SETTINGS}connections/{row.pk}/detach/")
            return known

        monkeypatch.setattr(APIS["github"], "install", detached_meanwhile)
        work()
        assert peer.store["hooks"] == []
        assert not Attachment.objects.exists()


def test_the_webhook_has_the_public_address_if_there_is_one(
    linear: Peer, ada: Client, settings: Settings
) -> None:
    assert "PUBLIC_URL is not set" in text(ada, f"/repositories/{tracked('/srv/shop.git').slug}/settings/")
    settings.PUBLIC_URL, settings.IS_PUBLIC_URL_GIVEN = "https://ssot.example.org/tools", True
    connect(ada, LINEAR, linear)
    assert hook_of(linear)[0] == "https://ssot.example.org/webhooks/linear/issues/"
    page = ada.get(ISSUES).content.decode()
    assert 'value="https://ssot.example.org/webhooks/linear/issues/"' in page
    assert "The address begins with the setting PUBLIC_URL." in page
    page = ada.get(SETTINGS).content.decode()
    assert 'value="https://ssot.example.org/webhooks/gitlab/shop/"' in page
