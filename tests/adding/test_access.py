"""Other credentials replace those in use once they were tried: tokens, deploy keys, host keys."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance import scans
from compliance.jobs import enqueue
from compliance.models import AccessChange, Job, Repository
from compliance.scans import access_change, access_values, mirror, repository_setup
from compliance.scans.setup_errors import SetupError
from tests.adding.access_jobs import run_whatever_happens
from tests.adding.sshd import SshServer
from tests.api.conftest import give
from tests.scanner.git.tls import Forge
from tests.scans.upstream import NEW, PLAN, git, push
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGE = "/repositories/r/settings/access/"


def update(repository: Repository) -> Repository:
    """Fetch, although that may fail."""
    enqueue("update", repository)
    run_whatever_happens()
    repository.refresh_from_db()
    return repository


def text(client: Client, address: str = PAGE) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.fixture
def private(served: Forge, folder: Path) -> Repository:
    """A repository that is read with the token `first`."""
    served.password = "first"
    url = f"https://ada:first@localhost:{served.port}/r.git"
    repository = scans.track(url, slug="r", plan=PLAN)
    run_jobs()
    repository.refresh_from_db()
    assert repository.history_done
    return repository


@pytest.fixture
def by_key(sshd: SshServer, folder: Path) -> Repository:
    """A repository that is read with a deploy key."""
    setup = repository_setup.begin(sshd.address(folder), None)
    sshd.accept(access_values.key_of(setup.access))
    run_jobs()
    setup.refresh_from_db()
    repository = repository_setup.add(setup, None, slug="r")
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble_kind == "no plan"
    return repository


def test_a_refused_token_is_replaced_on_the_page(
    ada: Client, private: Repository, served: Forge, folder: Path
) -> None:
    served.password = "s3cond"
    push(folder, "Go on", app__b=NEW)
    assert update(private).trouble_kind == "refused"
    assert f'href="{PAGE}"' in text(ada, "/repositories/r/"), "the error leads to the page"
    assert f'href="{PAGE}"' in text(ada, "/repositories/r/scans/")
    assert "It is read with a token" in text(ada)

    ada.post(f"{PAGE}change/", {"kind": "token", "user": "ada", "token": "wrong"})
    assert "Trying the new credentials" in text(ada)
    run_jobs()
    private.refresh_from_db()
    assert private.access == "ada:first", "a token that doesn't work replaces nothing"
    page = text(ada)
    assert "The repository refuses access" in page
    assert "the repository is read as before" in page

    ada.post(f"{PAGE}change/", {"kind": "token", "user": "ada", "token": "s3cond"})
    run_jobs()
    private.refresh_from_db()
    assert (private.access, private.trouble) == ("ada:s3cond", "")
    assert private.head is not None
    assert private.head.sha == git(folder, "rev-parse", "main"), "it was scanned"
    assert not AccessChange.objects.exists()
    assert AccessChange.objects.extra(where=["access LIKE '%%s3cond%%'"]).count() == 0
    assert "s3cond" not in text(ada)
    live = ada.get(f"{PAGE}live/")
    assert live.headers["HX-Redirect"] == PAGE
    (entry,) = (row for row in listed(ada) if row["deed"] == "credentials changed")
    assert (entry["person"], entry["what"]) == ("ada", "r, r")


def listed(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/activity?kind=repository").json()["items"]
    return found


def test_a_token_is_dropped_once_the_repository_is_public(
    ada: Client, private: Repository, served: Forge
) -> None:
    ada.post(f"{PAGE}change/", {"kind": "nothing"})
    run_jobs()
    private.refresh_from_db()
    assert private.access == "ada:first"
    served.password = ""
    ada.post(f"{PAGE}confirm/")
    run_jobs()
    private.refresh_from_db()
    assert private.access == ""
    assert "It is read without credentials" in text(ada)


def test_credentials_for_another_repository_are_not_used(
    ada: Client, private: Repository, folder: Path
) -> None:
    """The tracked branch must be there, too."""
    git(folder, "branch", "-m", "main", "trunk")
    ada.post(f"{PAGE}change/", {"kind": "token", "user": "ada", "token": "first"})
    run_jobs()
    assert AccessChange.objects.get().trouble_kind == "branch"


def test_a_deploy_key_is_rotated(ada: Client, by_key: Repository, sshd: SshServer, folder: Path) -> None:
    former = access_values.key_of(by_key.access)
    ada.post(f"{PAGE}change/", {"kind": "deploy key"})
    change = AccessChange.objects.get()
    new = access_values.key_of(change.access)
    assert new.startswith("ssh-ed25519 ")
    assert new != former
    assert new in text(ada)
    assert not Job.objects.filter(state="waiting").exists(), "it waits for the person"

    ada.post(f"{PAGE}confirm/")
    run_jobs()
    by_key.refresh_from_db()
    change.refresh_from_db()
    assert (change.state, change.trouble_kind) == ("failed", "refused")
    assert access_values.key_of(by_key.access) == former
    assert update(by_key).trouble_kind == "no plan", "the former key is still in use"

    sshd.accept(new)
    ada.post(f"{PAGE}confirm/")
    run_jobs()
    by_key.refresh_from_db()
    assert access_values.key_of(by_key.access) == new
    fetched = push(folder, "Go on", app__b=NEW)
    update(by_key)
    assert git(mirror.folder(by_key), "rev-parse", "main") == fetched


def test_a_changed_host_key_is_compared_and_accepted(
    ada: Client, by_key: Repository, sshd: SshServer
) -> None:
    before = access_values.host_fingerprints(by_key.access)
    sshd.renew_host_key()
    assert update(by_key).trouble_kind == "host key"
    page = text(ada, "/repositories/r/")
    assert f'href="{PAGE}"' in page
    assert "Compare the server" in page

    ada.post(f"{PAGE}change/", {"kind": "host key"})
    run_jobs()
    change = AccessChange.objects.get()
    assert change.state == "waiting"
    shown = access_values.host_fingerprints(change.access)
    assert shown != before
    page = text(ada)
    for _, fingerprint in (*before, *shown):
        assert fingerprint in page, "the former and the new one"
    assert "pretends to be it" in page, "the risk is named"

    ada.post(f"{PAGE}confirm/", {"fingerprint": [before[0][1]]})
    change.refresh_from_db()
    assert change.state == "waiting", "others than those compared"
    ada.post(f"{PAGE}confirm/", {"fingerprint": [fingerprint for _, fingerprint in shown]})
    run_jobs()
    by_key.refresh_from_db()
    assert access_values.host_fingerprints(by_key.access) == shown
    assert by_key.trouble_kind == "no plan"
    assert ("host key accepted", "ada") in {(row["deed"], row["person"]) for row in listed(ada)}


def test_a_host_key_that_changes_again_before_it_is_accepted_is_refused(
    ada: Client, by_key: Repository, sshd: SshServer
) -> None:
    sshd.renew_host_key()
    ada.post(f"{PAGE}change/", {"kind": "host key"})
    run_jobs()
    change = AccessChange.objects.get()
    shown = [fingerprint for _, fingerprint in access_values.host_fingerprints(change.access)]
    sshd.renew_host_key()
    ada.post(f"{PAGE}confirm/", {"fingerprint": shown})
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.trouble_kind) == ("failed", "host key")
    ada.post(f"{PAGE}confirm/")
    run_jobs()
    change.refresh_from_db()
    assert change.state == "waiting", "the server is asked once more"


def test_a_host_key_that_has_not_changed_needs_no_acceptance(ada: Client, by_key: Repository) -> None:
    ada.post(f"{PAGE}change/", {"kind": "host key"})
    run_jobs()
    assert "accepted already" in text(ada)
    ada.post(f"{PAGE}cancel/")
    assert not AccessChange.objects.exists()


def test_what_an_address_cannot_have_is_refused(private: Repository, folder: Path) -> None:
    with pytest.raises(SetupError, match="Only ssh addresses"):
        access_change.change_deploy_key(private, None)
    with pytest.raises(SetupError, match="Enter the token"):
        access_change.change_token(private, None, "ada", "  ")
    with pytest.raises(SetupError, match="control characters"):
        access_change.change_token(private, None, "ada", "a\nb")
    local = scans.track(str(folder), slug="local", plan=PLAN)
    with pytest.raises(SetupError, match="https"):
        access_change.change_token(local, None, "", "x")
    with pytest.raises(SetupError, match="https"):
        access_change.drop_credentials(local, None)
    with pytest.raises(SetupError, match="nothing to confirm"):
        access_change.confirm(local, None)


def test_the_api_replaces_a_token(ada: Client, private: Repository, served: Forge) -> None:
    secret = give(User.objects.get(username="ada"))
    told = ada.get("/api/v1/repositories/r/access").json()
    assert (told["way"], told["change"]) == ("token", None)
    served.password = "s3cond"
    sent = ada.post(
        "/api/v1/repositories/r/access",
        {"kind": "token", "user": "ada", "token": "s3cond"},
        "application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert sent.json()["change"]["state"] == "checking"
    assert "s3cond" not in sent.content.decode()
    run_jobs()
    private.refresh_from_db()
    assert private.access == "ada:s3cond"
