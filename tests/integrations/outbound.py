"""What the tests of publishing share: how each provider is connected, and what its peer has stored."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db.models import F
from django.utils import timezone

from compliance import jobs
from compliance.integrations import delivery, publishing
from compliance.integrations.outbound import Comment, NewIssue, Note, Status, StatusState
from compliance.models import Attachment, Connection, OutboxItem, Repository
from tests.integrations.peers.client import Peer, running

SENDERS: Mapping[str, Any] = dict.fromkeys(("status", "comment", "note", "issue"), publishing.Publisher)
KINDS: Mapping[str, jobs.Work] = {"deliver": partial(delivery.deliver, senders=SENDERS)}
COMMIT = "a" * 40


@dataclass(frozen=True)
class Case:
    """How one provider is connected, and what it publishes. `path` is where its peer has the API.

    `writes` tells the requests that change something from those that look for it. `silent` are the kinds for
    which nothing is read from an answer but its status.
    """

    provider: str
    path: str
    token: str
    project: str = ""
    account: str = ""
    kinds: tuple[str, ...] = ("status", "comment", "note", "issue")
    issue: str = "#12"
    prefix: str = ""
    writes: Mapping[str, str] = field(default_factory=lambda: {"method": "POST"})
    stored: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    silent: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.provider} {self.name}".strip()

    @contextmanager
    def peer(self, port: int = 0) -> Iterator[Peer]:
        """Run the provider's peer."""
        with running(self.provider.replace("-", "_"), port) as found:
            if self.stored:
                found.put(**self.stored)
            yield found


CASES = [
    Case("github", "", "classic", "team/shop"),
    Case("gitlab", "/api/v4", "maintainer", "team/back/shop"),
    Case("gitea", "/api/v1", "admin", "team/shop"),
    Case(
        "jira",
        "",
        "admin",
        account="ada@example.org",
        kinds=("note", "issue"),
        issue="SHOP-12",
        prefix="SHOP",
        name="cloud",
    ),
    Case(
        "jira",
        "",
        "admin",
        kinds=("note", "issue"),
        issue="SHOP-12",
        prefix="SHOP",
        stored={"deployment": "Server"},
        name="data center",
    ),
    Case(
        "linear",
        "/graphql",
        "admin",
        kinds=("note", "issue"),
        issue="SHOP-12",
        prefix="SHOP",
        writes={"says": "mutation"},
    ),
    Case("bitbucket", "/2.0", "workspace", "team/shop", kinds=("status", "comment")),
    Case("bitbucket-dc", "", "admin", "SHOP/shop", kinds=("status", "comment"), silent=("status",)),
]


def connect(case: Case, port: int, slug: str = "shop") -> Repository:
    """Store a repository that is connected to a provider on this port."""
    repository = Repository.objects.create(slug=slug, name="Shop", url=f"/srv/{slug}.git", engine_release=0)
    attach(repository, case, port)
    return repository


def attach(repository: Repository, case: Case, port: int) -> Connection:
    """Connect a repository to a provider on this port."""
    slug = repository.slug
    found = Connection.objects.create(
        slug=case.provider if slug == "shop" else f"{slug}-{str(case).replace(' ', '-')}",
        name="Provider",
        provider=case.provider,
        api_url=f"http://127.0.0.1:{port}{case.path}",
        token=case.token,
        account=case.account,
        prefixes=[case.prefix] if case.prefix else [],
    )
    kind = "tracker" if case.prefix else "forge"
    Attachment.objects.create(repository=repository, connection=found, kind=kind, project=case.project)
    return found


@cache
def app_keys() -> tuple[str, str]:
    """Return the private and the public key of a GitHub App."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    form, spki = serialization.PrivateFormat.PKCS8, serialization.PublicFormat.SubjectPublicKeyInfo
    private = key.private_bytes(pem, form, serialization.NoEncryption())
    return private.decode(), key.public_key().public_bytes(pem, spki).decode()


def connect_app(peer: Peer) -> Repository:
    """Store a repository that is connected to GitHub's peer as an App."""
    private, public = app_keys()
    peer.put(public_key=public)
    repository = connect(CASES[0], peer.port)
    found = Connection.objects.get()
    found.token, found.app_id, found.private_key = "", "4711", private
    found.save()
    return repository


def publish(case: Case, repository: Repository, text: str, state: str = "pending") -> None:
    """Request everything that the provider publishes, and assert that it refuses the rest."""
    url = "https://ssot.example.org/shop/"
    status = Status(COMMIT, "ssot/rules", StatusState(state), text, url)
    note = Note("Progress", text, url, f"**{text}**")
    asked = {
        "status": publishing.publish_status(repository, status),
        "comment": publishing.publish_comment(repository, 7, Comment(f"**{text}**")),
        "note": publishing.publish_note(repository, case.issue, note),
        "issue": publishing.publish_issue(repository, "phase 1", NewIssue(text, f"**{text}**", case.prefix)),
    }
    assert {kind for kind, done in asked.items() if done} == set(case.kinds)


def run() -> None:
    """Send what is due now, as a worker does."""
    delivery.resume()
    jobs.work(KINDS, "test")


def later(seconds: float = 4 * 3600) -> None:
    """Let time pass for the outbox."""
    moved = {name: F(name) - timedelta(seconds=seconds) for name in ("next_at", "created_at", "lease_until")}
    OutboxItem.objects.update(**moved)


def settle() -> None:
    """Let the worker run until nothing waits any more, for a day at most."""
    for _ in range(6):
        run()
        if not OutboxItem.objects.filter(state__in=delivery.PENDING).exists():
            return
        later()


def seconds_to_wait() -> float:
    """Return how long it is until the next attempt."""
    waiting = OutboxItem.objects.filter(state="waiting").order_by("next_at")
    due = waiting.values_list("next_at", flat=True)[0]
    return max((due - timezone.now()).total_seconds(), 0.0)


def outcomes(slug: str = "shop") -> dict[str, tuple[str, str]]:
    """Return the state and the last outcome of each kind of item of a repository."""
    items = OutboxItem.objects.filter(repository__slug=slug)
    return {item.kind: (item.state, item.outcome) for item in items}


def assert_published_once(case: Case, peer: Peer, text: str, slug: str = "shop") -> None:
    """Assert that everything was published, exactly once, and says this."""
    told = outcomes(slug)
    assert {kind: state for kind, (state, _) in told.items()} == dict.fromkeys(case.kinds, "sent"), told
    store = peer.store
    comments = store.get("comments", [])
    found = {
        "status": store.get("statuses", []) + store.get("check_runs", []),
        "comment": [row for row in comments if row["number"] == "7"],
        "note": store.get("notes", []) + [row for row in comments if row["number"] == "12"],
        "issue": store.get("issues", []),
    }
    assert {kind: len(rows) for kind, rows in found.items() if rows} == dict.fromkeys(case.kinds, 1)
    assert all(text in json.dumps(rows) for rows in found.values() if rows), found
    assert not OutboxItem.objects.filter(remote_id="").exists()
