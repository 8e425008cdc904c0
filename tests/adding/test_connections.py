"""A private repository is added, read and followed with the credentials of a connection, over the network:
the API of a strict peer and real git behind one https address.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from compliance.integrations import connections
from compliance.jobs import enqueue
from compliance.models import AccessChange, Attachment, Connection, Repository, RepositorySetup
from tests.adding.access_jobs import run_whatever_happens
from tests.adding.forge_machine import ForgeMachine, forge_machine
from tests.integrations.peers.client import Peer, running
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, PLAN, git, push
from tests.scans.verify import check_against_cold_scans, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@dataclass(frozen=True)
class Kind:
    """A provider with its credentials: the path of its API, that of the repository, and who may read it."""

    provider: str
    api: str
    project: str
    user: str
    token: str = ""

    def may_read(self, peer: Peer, password: str) -> bool:
        if self.token:
            return bool(password == peer.store.get("valid", self.token))
        return password in list(peer.store["installations"])


KINDS = {
    "github-app": Kind("github", "", "team/shop", "x-access-token"),
    "github-token": Kind("github", "", "team/shop", "x-access-token", "classic"),
    "gitlab": Kind("gitlab", "/api/v4", "team/back/shop", "oauth2", "maintainer"),
    "gitea": Kind("gitea", "", "team/shop", "git", "admin"),
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def machine(
    kind: Kind, tmp_path: Path, loopback: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ForgeMachine]:
    folder = tmp_path / "git" / f"{kind.project}.git"
    folder.parent.mkdir(parents=True)
    write_history(folder, [*HISTORY, Written({"ssot-plan.yaml": PLAN})])
    certificate = tmp_path / "certificate.pem"
    monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    with running(kind.provider) as peer:
        found = ForgeMachine(tmp_path / "git", peer, kind.user, lambda given: kind.may_read(peer, given))
        with forge_machine(found, certificate):
            yield found


@pytest.fixture
def connection(kind: Kind, machine: ForgeMachine, transactional_db: None) -> Connection:
    given = {"name": "The forge", "api_url": f"{machine.url}{kind.api}", "token": kind.token}
    if not kind.token:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        private = key.private_bytes(serialization.Encoding.PEM, form, plain).decode()
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        machine.peer.put(public_key=public.decode())
        given |= {"app_id": "4711", "private_key": private}
    return connections.create(kind.provider, "forge", given)


def added(ada: Client, machine: ForgeMachine, kind: Kind) -> Repository:
    """Add the repository on the pages: it is refused first, then read with the connection."""
    answer = ada.post("/add-repository/", {"address": f"{machine.url}/{kind.project}.git"})
    page = answer.headers["Location"]
    run_jobs()
    setup = RepositorySetup.objects.get()
    assert (setup.state, setup.trouble_kind) == ("failed", "refused")
    assert "The forge" in ada.get(page).content.decode(), "the connection is offered"
    ada.post(f"{page}check/", {"connection": "forge"})
    run_jobs()
    setup.refresh_from_db()
    assert (setup.state, setup.trouble) == ("ready", "")
    assert setup.estimate["commits"] == 4
    added = ada.post(f"{page}finish/", {"branch": "main", "slug": "r"})
    assert added.headers["Location"] == "/repositories/r/"
    run_jobs()
    return Repository.objects.get()


def test_a_private_repository_is_added_and_followed(
    ada: Client, machine: ForgeMachine, connection: Connection, kind: Kind
) -> None:
    repository = added(ada, machine, kind)
    assert (repository.uses_connection, repository.access, repository.trouble) == (True, "", "")
    assert check_against_cold_scans(repository) == 4
    row = Attachment.objects.get()
    assert (row.connection, row.project) == (connection, kind.project)
    (hook,) = machine.peer.store["hooks"]
    assert f"/webhooks/{kind.provider}/r/" in json.dumps(hook), "the forge reports pushes"

    machine.reads.clear()
    folder = machine.root / f"{kind.project}.git"
    tip = push(folder, "Go on", app__b=NEW)
    if kind.provider == "github":
        assert hooked(repository, tip).status_code == 202
    else:
        enqueue("update", repository)
    run_jobs()
    repository.refresh_from_db()
    assert repository.head is not None
    assert repository.head.sha == tip
    assert check_against_cold_scans(repository) == 5
    assert machine.reads, "it was fetched with the credentials of the connection"


def hooked(repository: Repository, tip: str) -> Any:
    """GitHub's report of a push."""
    before = repository.head.sha if repository.head else ""
    body = json.dumps(
        {
            "ref": "refs/heads/main",
            "before": before,
            "after": tip,
            "repository": {"full_name": "team/shop"},
            "commits": [],
        }
    ).encode()
    signed = hmac.new(repository.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Delivery": "1f",
        "X-GitHub-Event": "push",
        "X-Hub-Signature-256": f"sha256={signed}",
    }
    return Client().generic("POST", "/webhooks/github/r/", body, "application/json", headers=headers)


def test_renewed_credentials_are_used_without_a_change_of_the_repository(
    ada: Client, machine: ForgeMachine, connection: Connection, kind: Kind
) -> None:
    repository = added(ada, machine, kind)
    used = set(machine.reads)
    folder = machine.root / f"{kind.project}.git"
    tip = push(folder, "Go on", app__b=NEW)
    if kind.token:
        machine.peer.put(valid="renewed")
    else:
        machine.peer.put(installations=[])  # GitHub has revoked the token of the installation
    enqueue("update", repository)
    run_whatever_happens()
    repository.refresh_from_db()
    assert repository.trouble_kind == "refused"
    if kind.token:
        found = Connection.objects.get()
        found.token = "renewed"
        found.save(update_fields=["token"])
    machine.reads.clear()
    enqueue("update", repository)
    run_jobs()
    repository.refresh_from_db()
    assert (repository.trouble, repository.head and repository.head.sha) == ("", tip)
    assert used.isdisjoint(machine.reads), "another token"


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.token], indirect=True)
def test_a_repository_with_a_token_is_changed_to_the_connection(
    ada: Client, machine: ForgeMachine, connection: Connection, kind: Kind
) -> None:
    answer = ada.post("/add-repository/", {"address": f"{machine.url}/{kind.project}.git"})
    page = answer.headers["Location"]
    run_jobs()
    ada.post(f"{page}check/", {"user": kind.user, "token": kind.token})
    run_jobs()
    ada.post(f"{page}finish/", {"branch": "main", "slug": "r"})
    run_jobs()
    repository = Repository.objects.get()
    assert (repository.uses_connection, Attachment.objects.exists()) == (False, False)

    machine.peer.put(valid="renewed")
    settings = "/repositories/r/settings/access/"
    ada.post(f"{settings}change/", {"kind": "connection", "connection": "forge"})
    run_jobs()
    assert AccessChange.objects.get().state == "failed", "the connection has the former token"
    repository.refresh_from_db()
    assert not repository.uses_connection
    found = Connection.objects.get()
    found.token = "renewed"
    found.save(update_fields=["token"])
    ada.post(f"{settings}confirm/")
    run_whatever_happens()  # the API of the peer doesn't know the renewed token, so no webhook is installed
    repository.refresh_from_db()
    assert (repository.uses_connection, repository.access, repository.trouble) == (True, "", "")
    assert Attachment.objects.get().project == kind.project
    tip = push(machine.root / f"{kind.project}.git", "Go on", app__b=NEW)
    enqueue("update", repository)
    run_whatever_happens()
    repository.refresh_from_db()
    assert repository.head is not None
    assert repository.head.sha == tip == git(machine.root / f"{kind.project}.git", "rev-parse", "main")


def test_the_credentials_are_sent_to_no_other_server(
    ada: Client, machine: ForgeMachine, connection: Connection, kind: Kind
) -> None:
    setup = ada.post("/add-repository/", {"address": f"https://127.0.0.1:{machine.port}/{kind.project}.git"})
    page = setup.headers["Location"]
    run_jobs()
    assert "The forge" not in ada.get(page).content.decode()
    refused = ada.post(f"{page}check/", {"connection": "forge"}, follow=True)
    assert "is a connection to another server" in refused.content.decode()
    assert machine.reads == []
