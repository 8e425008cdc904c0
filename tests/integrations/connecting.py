"""What the tests of connecting share: what an administrator enters for each provider, and what pages show."""

import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from compliance.accounts.roles import Role, give
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Repository
from compliance.tasks import KINDS
from tests.integrations.peers.client import Peer, running

SETTINGS = "/repositories/shop/settings/"


@dataclass(frozen=True)
class Provider:
    """What an administrator enters for one provider, and the clone URL from which the path is derived."""

    name: str
    path: str
    url: str
    project: str
    token: str = "admin"
    reader: str = "reader"
    account: str = ""
    prefixes: str = ""

    def form(self, peer: Peer, **more: str) -> dict[str, str]:
        given = {"name": "The forge", "api_url": f"{peer.url}{self.path}", "token": self.token}
        if self.account:
            given["account"] = self.account
        if self.prefixes:
            given["prefixes"] = self.prefixes
        return {**given, **more}


PROVIDERS = [
    Provider("github", "", "git@github.com:team/shop.git", "team/shop", "classic"),
    Provider("gitlab", "/api/v4", "https://gitlab.com/team/back/shop.git", "team/back/shop", "maintainer"),
    Provider("gitea", "", "https://gitea.example.org/team/shop.git", "team/shop"),
    Provider(
        "bitbucket",
        "/2.0",
        "https://bitbucket.org/team/shop.git",
        "team/shop",
        "personal",
        account="ada@example.org",
    ),
    Provider("bitbucket-dc", "", "https://bitbucket.example.org/scm/SHOP/shop.git", "SHOP/shop"),
]
JIRA = Provider("jira", "", "/srv/shop.git", "", account="ada@example.org", prefixes="SHOP, OPS")
LINEAR = Provider("linear", "/graphql", "/srv/shop.git", "", prefixes="SHOP")


@pytest.fixture(autouse=True)
def permitted(settings: Settings) -> None:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]


@pytest.fixture(params=PROVIDERS, ids=lambda one: one.name)
def forge(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found


@pytest.fixture(params=[JIRA, LINEAR], ids=lambda one: one.name)
def tracker(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found


def person(name: str, role: Role) -> Client:
    made = User.objects.create_user(name, is_staff=role == Role.ADMINISTRATOR)
    give(made, role)
    client = Client()
    client.force_login(made)
    return client


@pytest.fixture
def ada() -> Client:
    return person("ada", Role.ADMINISTRATOR)


@pytest.fixture
def mia() -> Client:
    return person("mia", Role.MANAGER)


def tracked(url: str) -> Repository:
    return Repository.objects.create(slug="shop", name="Shop", url=url, branch="main")


def work() -> None:
    """Do all due jobs in this process."""
    while job := claim("test"):
        take(job, KINDS)


def peer_of(provider: Provider) -> Any:
    return running(provider.name.replace("-", "_"))


def text(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    main = page[page.index("<main") :] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def hook_of(peer: Peer) -> tuple[str, str]:
    """The URL and the secret of the one webhook at the provider."""
    (row,) = peer.store["hooks"]
    holder = row.get("config") or row
    secret = holder.get("secret") or holder.get("token") or row.get("configuration", {}).get("secret")
    return str(holder["url"]), str(secret)


def text_after(client: Client, address: str, **form: str) -> str:
    page = client.post(address, form, follow=True).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
