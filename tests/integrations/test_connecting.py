"""An administrator connects and tests, a manager attaches, and jobs install the webhook at the provider."""

import hashlib
import hmac
from collections.abc import Iterator

import pytest
from django.test import Client

from compliance.models import Attachment, Connection, Job
from tests.integrations.connecting import (
    PROVIDERS,
    SETTINGS,
    Provider,
    ada,
    forge,
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
from tests.processes import Start, wait

__all__ = ["ada", "forge", "mia", "permitted", "tracker"]  # fixtures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_forge_is_connected_attached_and_detached(forge: Provider, ada: Client, mia: Client) -> None:
    shop = tracked(forge.url)
    with peer_of(forge) as peer:
        answer = ada.post(f"/new-connection/{forge.name}/", forge.form(peer))
        assert answer.headers["Location"] == "/connections/the-forge/"
        assert "Test running" in text(ada, "/connections/the-forge/")
        work()
        assert "Test passed" in text(ada, "/connections/the-forge/")
        made = Connection.objects.get()
        assert made.acts_as
        assert made.last_success_at
        assert not made.is_failing

        assert f'value="{forge.project}"' in mia.get(SETTINGS).content.decode()
        mia.post(f"{SETTINGS}connections/", {"connection": "the-forge", "project": forge.project})
        assert "being installed" in text(mia, f"{SETTINGS}connections/live/")
        work()
        assert "installed now" in text(mia, SETTINGS) or "installed 0" in text(mia, SETTINGS)
        assert hook_of(peer) == (f"http://testserver/webhooks/{forge.name}/shop/", shop.webhook_secret)

        ada.post(f"{SETTINGS}secret/")
        work()
        shop.refresh_from_db()
        assert hook_of(peer)[1] == shop.webhook_secret, "the forge learns the new secret"

        row = Attachment.objects.get()
        mia.post(f"{SETTINGS}connections/{row.pk}/webhook/")
        work()
        assert len(peer.store["hooks"]) == 1

        mia.post(f"{SETTINGS}connections/{row.pk}/detach/")
        work()
        assert peer.store["hooks"] == []
        ada.post("/connections/the-forge/remove/")
        assert not Connection.objects.exists()
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


def test_a_tracker_is_connected_with_its_webhook(tracker: Provider, ada: Client, mia: Client) -> None:
    tracked(tracker.url)
    with peer_of(tracker) as peer:
        ada.post(f"/new-connection/{tracker.name}/", tracker.form(peer, slug="issues"))
        work()
        made = Connection.objects.get(slug="issues")
        assert made.prefixes == tracker.prefixes.split(", ")
        assert hook_of(peer) == (f"http://testserver/webhooks/{tracker.name}/issues/", made.webhook_secret)
        assert made.webhook_id

        ada.post("/connections/issues/secret/")
        work()
        made.refresh_from_db()
        assert hook_of(peer)[1] == made.webhook_secret != made.former_webhook_secret

        mia.post(f"{SETTINGS}connections/", {"connection": "issues"})
        work()
        assert len(peer.store["hooks"]) == 1, "all repositories share the tracker's webhook"
        assert "Detach it first from Shop" in text_after(ada, "/connections/issues/remove/")
        mia.post(f"{SETTINGS}connections/{Attachment.objects.get().pk}/detach/")
        work()
        assert len(peer.store["hooks"]) == 1


def test_a_token_that_may_not_manage_webhooks_leaves_the_rest_to_people(
    forge: Provider, ada: Client, mia: Client
) -> None:
    tracked(forge.url)
    with peer_of(forge) as peer:
        ada.post(f"/new-connection/{forge.name}/", forge.form(peer, token=forge.reader))
        mia.post(f"{SETTINGS}connections/", {"connection": "the-forge", "project": forge.project})
        work()
        assert peer.store["hooks"] == []
        page = text(mia, SETTINGS)
        assert "not installed: " in page
        assert Job.objects.filter(kind="hook").get().state == Job.State.DONE, (
            "trying again would change nothing"
        )
        assert Connection.objects.get().is_failing

        ada.post("/connections/the-forge/", forge.form(peer))
        mia.post(f"{SETTINGS}connections/{Attachment.objects.get().pk}/webhook/")
        work()
        assert len(peer.store["hooks"]) == 1
        assert "not installed" not in text(mia, SETTINGS)


def test_a_forge_that_is_down_is_tried_again(ada: Client, mia: Client) -> None:
    tracked("https://github.com/team/shop.git")
    (forge,) = (one for one in PROVIDERS if one.name == "github")
    with running("github") as peer:
        ada.post("/new-connection/github/", forge.form(peer))
        work()
        # The webhook is added, but its answer is lost: the next attempt finds it and adds no other.
        peer.trouble("cut", method="POST", path="/hooks$", acted=True)
        mia.post(f"{SETTINGS}connections/", {"connection": "the-forge", "project": "team/shop"})
        work()
        job = Job.objects.get(kind="hook")
        assert (job.state, "GitHub cannot be reached" in job.error) == (Job.State.WAITING, True)
        assert "GitHub cannot be reached" in Attachment.objects.get().webhook_problem
        Job.objects.update(due_at=job.created_at)
        work()
        assert len(peer.store["hooks"]) == 1
        row = Attachment.objects.get()
        assert (row.webhook_problem, row.webhook_id) == ("", str(peer.store["hooks"][0]["id"]))
        assert not Connection.objects.get().is_failing


def test_a_worker_carries_out_the_whole_story(
    process_environment: dict[str, str], start: Start, ada: Client, mia: Client
) -> None:
    shop = tracked("https://github.com/team/shop.git")
    start({**process_environment, "OUTGOING_ALLOW": "127.0.0.1/32"}, "worker", app="compliance")
    (forge,) = (one for one in PROVIDERS if one.name == "github")
    with running("github") as peer:
        ada.post("/new-connection/github/", forge.form(peer))
        wait(lambda: "Test passed" in text(ada, "/connections/the-forge/live/"), 60)
        mia.post(f"{SETTINGS}connections/", {"connection": "the-forge", "project": "team/shop"})
        wait(lambda: Attachment.objects.get().webhook_id, 60)
        url, secret = hook_of(peer)
        body = b'{"zen": "Speak like a human."}'
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-GitHub-Delivery": "1",
            "X-GitHub-Event": "ping",
            "X-Hub-Signature-256": f"sha256={signed}",
        }
        answer = Client().post(
            url.removeprefix("http://testserver"), body, "application/json", headers=headers
        )
        assert (answer.status_code, shop.deliveries.count()) == (202, 1)


@pytest.fixture
def github() -> Iterator[Peer]:
    with running("github") as found:
        yield found


def test_no_page_shows_a_credential_again(github: Peer, ada: Client, mia: Client) -> None:
    tracked("https://github.com/team/shop.git")
    ada.post("/new-connection/github/", {"name": "Hub", "api_url": github.url, "token": "classic"})
    mia.post(f"{SETTINGS}connections/", {"connection": "hub", "project": "team/shop"})
    work()
    Connection.objects.update(token="gh0_very_secret", private_key="PEM_very_secret", app_id="7")
    for address in ("/connections/", "/connections/hub/", "/connections/hub/live/", SETTINGS):
        assert "very_secret" not in ada.get(address).content.decode(), address
    wrong = {
        "name": "",
        "api_url": github.url,
        "token": "gh0_typed_secret",
        "private_key": "PEM_typed_secret",
    }
    answer = ada.post("/connections/hub/", wrong)
    assert answer.status_code == 422
    assert "typed_secret" not in answer.content.decode()


def test_stored_credentials_are_not_sent_to_another_server(github: Peer, ada: Client) -> None:
    ada.post("/new-connection/github/", {"name": "Hub", "api_url": github.url, "token": "classic"})
    answer = ada.post(
        "/connections/hub/", {"name": "Hub", "api_url": "https://thief.example.org", "token": ""}
    )
    assert answer.status_code == 422
    assert "Enter the credentials again, because the server has changed." in answer.content.decode()
    assert Connection.objects.get().api_url == github.url


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "Give the connection a name."),
        ({"api_url": "ftp://x"}, "Write the address as https://host/path."),
        ({"api_url": "https://ada:pw@x.example.org"}, "Leave out user names"),
        ({"token": ""}, "Give the credentials."),
        ({"token": "", "app_id": "7"}, "A GitHub App needs both its id and a private key."),
        ({"app_id": "7"}, "Give either a token or a GitHub App, not both."),
        ({"token": "", "app_id": "x", "private_key": "y"}, "The id of a GitHub App is a number."),
        ({"slug": "sh op"}, "Use letters, digits"),
        ({"slug": "shop"}, "A repository or connection has the slug shop already."),
        ({"token": "a\nb"}, "Remove the control characters."),
    ],
)
def test_what_is_wrong_in_the_form_is_told(given: dict[str, str], words: str, ada: Client) -> None:
    tracked("/srv/shop.git")
    form = {"name": "Hub", "api_url": "https://api.example.org", "token": "t", **given}
    answer = ada.post("/new-connection/github/", form)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Connection.objects.exists()


def test_a_second_forge_and_a_second_owner_of_a_prefix_are_refused(mia: Client) -> None:
    tracked("https://github.com/team/shop.git")
    for slug, provider, prefixes in (
        ("hub", "github", []),
        ("lab", "gitlab", []),
        ("jira", "jira", ["SHOP"]),
        ("linear", "linear", ["SHOP", "OPS"]),
    ):
        Connection.objects.create(
            slug=slug, name=slug, provider=provider, api_url="https://x.example.org", prefixes=prefixes
        )
    attach = f"{SETTINGS}connections/"
    assert "hub is attached." in text_after(mia, attach, connection="hub", project="team/shop")
    assert "has a forge already" in text_after(mia, attach, connection="lab", project="team/shop")
    assert "jira is attached." in text_after(mia, attach, connection="jira")
    assert "has the prefix SHOP too" in text_after(mia, attach, connection="linear")
    assert "Choose one of the connections." in text_after(mia, attach, connection="nothing")
    assert sorted(row.connection.slug for row in Attachment.objects.all()) == ["hub", "jira"]


@pytest.mark.parametrize("project", ["shop", "team/../shop", "a/b/c", "team/sh op", "https://x/y"])
def test_a_path_that_no_forge_has_is_refused(project: str, mia: Client) -> None:
    tracked("/srv/shop.git")
    Connection.objects.create(slug="hub", name="hub", provider="github", api_url="https://x.example.org")
    told = text_after(mia, f"{SETTINGS}connections/", connection="hub", project=project)
    assert "such as team/shop." in told
    assert not Attachment.objects.exists()
