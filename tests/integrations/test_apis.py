"""What the product does at each provider, over HTTP, against a strict peer of its API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

from compliance.integrations.api import ApiError, Hook
from compliance.integrations.apis import APIS
from compliance.models import Connection
from tests.integrations.peers.client import Peer, running

pytestmark = pytest.mark.slow

URL = "https://ssot.example.org/webhooks/x/shop/"


@dataclass(frozen=True)
class Case:
    """How one provider is connected. `path` is where the peer has the API, `wrong` a token it refuses."""

    provider: str
    path: str
    project: str
    token: str
    reader: str
    acts_as: str
    scopes: tuple[str, ...] = ()
    account: str = ""
    stored: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def api(self) -> Any:
        return APIS[self.provider]


_JIRA = ("ADMINISTER", "BROWSE_PROJECTS", "ADD_COMMENTS", "LINK_ISSUES", "CREATE_ISSUES")
_BITBUCKET = ("pullrequest:write", "repository:write", "webhook")
_PERSONAL = ("read:user:bitbucket", "write:webhook:bitbucket")
CASES = [
    Case("github", "", "team/shop", "classic", "reader", "ssot-bot", ("admin:repo_hook", "repo")),
    Case("github", "", "team/shop", "fine", "reader", "ssot-bot", name="fine-grained"),
    Case("gitlab", "/api/v4", "team/back/shop", "maintainer", "reader", "project_7_bot", ("api",)),
    Case("gitlab", "", "team/back/shop", "hooks", "reader", "ssot", ("api", "self_rotate"), name="no user"),
    Case("gitea", "/api/v1", "team/shop", "admin", "reader", "ssot-bot"),
    Case("bitbucket", "/2.0", "team/shop", "personal", "reader", "Ada", _PERSONAL, "ada@example.org"),
    Case("bitbucket-dc", "", "SHOP/shop", "admin", "reader", "ssot-bot"),
    Case("jira", "", "", "admin", "-", "Ada", _JIRA, "ada@example.org"),
    Case(
        "jira", "", "", "admin", "reader", "Ada", _JIRA, stored={"deployment": "Server"}, name="data center"
    ),
    Case("linear", "/graphql", "", "admin", "reader", "Ada, Shop"),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case.provider} {case.name}".strip())
def case(request: pytest.FixtureRequest, settings: Settings) -> Case:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    found: Case = request.param
    return found


@pytest.fixture
def peer(case: Case) -> Iterator[Peer]:
    with running(case.provider.replace("-", "_")) as found:
        if case.stored:
            found.put(**case.stored)
        yield found


def connected(case: Case, peer: Peer, token: str = "", **values: Any) -> Connection:
    given = {"account": case.account, "prefixes": ["SHOP", "OPS"], "webhook_secret": "hush & quiet", **values}
    url = f"{peer.url}{case.path}"
    return Connection(provider=case.provider, api_url=url, token=token or case.token, **given)


def url_of(row: dict[str, Any]) -> str:
    return str(row["config"]["url"] if "config" in row else row["url"])


def secret_of(row: dict[str, Any]) -> str:
    holder = row.get("config") or row.get("configuration") or row
    return str(holder.get("secret") or holder.get("token"))


def test_it_knows_whose_the_credentials_are(case: Case, peer: Peer) -> None:
    found = case.api.identify(connected(case, peer))
    assert (found.acts_as, found.scopes) == (case.acts_as, case.scopes)


def test_the_webhook_is_installed_once_and_updated_and_removed(case: Case, peer: Peer) -> None:
    known = connected(case, peer)
    first = case.api.install(known, case.project, Hook(URL, "one"))
    again = case.api.install(known, case.project, Hook(URL, "two"))
    assert first == again, "a webhook with this URL is updated, even if its id isn't known"
    (row,) = peer.store["hooks"]
    if case.name == "data center":
        assert row["url"] == f"{URL}?secret=two"
    else:
        assert (url_of(row), secret_of(row)) == (URL, "two")

    moved = URL.replace("ssot.", "new.")
    assert case.api.install(known, case.project, Hook(moved, "two", first)) == first
    assert url_of(peer.store["hooks"][0]).startswith(moved), "the product has another address now"

    case.api.remove(known, case.project, first)
    assert peer.store["hooks"] == []
    case.api.remove(known, case.project, first)


def test_a_foreign_webhook_is_left_alone(case: Case, peer: Peer) -> None:
    known = connected(case, peer)
    other = case.api.install(known, case.project, Hook("https://ci.example.org/hook/", "theirs"))
    mine = case.api.install(known, case.project, Hook(URL, "mine"))
    assert mine != other
    case.api.remove(known, case.project, mine)
    (row,) = peer.store["hooks"]
    assert url_of(row).startswith("https://ci.example.org/hook/")


def test_a_wrong_token_is_refused_and_not_repeated(case: Case, peer: Peer) -> None:
    known = connected(case, peer, "s3cr3t-but-wrong")
    with pytest.raises(ApiError, match="Check the credentials") as caught:
        case.api.identify(known)
    assert caught.value.status == 401
    assert "s3cr3t" not in str(caught.value)


def test_a_token_that_may_not_manage_webhooks_is_refused_by_name(case: Case, peer: Peer) -> None:
    account, token = (case.account, case.reader) if case.reader != "-" else ("ben@example.org", "reader")
    known = connected(case, peer, token, account=account)
    assert case.api.identify(known).acts_as
    with pytest.raises(ApiError, match=f"^{case.api.LABEL} (answered|refused)"):
        case.api.install(known, case.project, Hook(URL, "one"))
    assert peer.store["hooks"] == []


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (
            {"kind": "status", "status": 500, "body": {"message": "down classic s3"}},
            "500 Internal Server Error",
        ),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "60"}}, "Try again later"),
        ({"kind": "status", "status": 200, "body": ["nonsense"]}, "Check the API address"),
        ({"kind": "cut"}, "cannot be reached: The answer of"),
        ({"kind": "redirect", "to": "http://127.0.0.9:1/"}, "The host '127.0.0.9'|302 Found. Check the API"),
    ],
    ids=["500", "429", "nonsense", "cut", "redirect"],
)
def test_what_went_wrong_is_told(case: Case, peer: Peer, trouble: dict[str, Any], words: str) -> None:
    peer.trouble(**trouble)
    with pytest.raises(ApiError) as caught:
        case.api.identify(connected(case, peer))
    assert any(one in str(caught.value) for one in words.split("|")), caught.value
    assert str(caught.value).startswith(case.api.LABEL)


@pytest.fixture
def github(settings: Settings) -> Iterator[Peer]:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    with running("github") as found:
        yield found


@pytest.fixture
def app(github: Peer) -> Connection:
    """A GitHub App whose public key the peer knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, spki = (
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.PublicFormat.SubjectPublicKeyInfo,
    )
    private = key.private_bytes(serialization.Encoding.PEM, pem, serialization.NoEncryption())
    github.put(public_key=key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode())
    return Connection(provider="github", api_url=github.url, app_id="4711", private_key=private.decode())


def test_a_github_app_proves_itself_and_acts_as_its_installation(github: Peer, app: Connection) -> None:
    api = APIS["github"]
    told = api.identify(app)
    assert told.acts_as == "ssot-app"
    assert told.scopes == ("checks: write", "metadata: read", "repository_hooks: write", "statuses: write")
    installed = api.install(app, "team/shop", Hook(URL, "one"))
    assert api.install(app, "team/shop", Hook(URL, "two", installed)) == installed
    assert len(github.store["hooks"]) == 1
    assert "POST /app/installations/99/access_tokens" in github.calls


def test_an_app_that_is_not_installed_or_has_a_broken_key_says_so(github: Peer, app: Connection) -> None:
    api = APIS["github"]
    with pytest.raises(ApiError, match=r"The GitHub App is not installed for team/other\."):
        api.install(app, "team/other", Hook(URL, "one"))
    app.private_key = "-----BEGIN RSA PRIVATE KEY-----\nnonsense\n-----END RSA PRIVATE KEY-----"
    with pytest.raises(ApiError, match="The private key of the GitHub App cannot be read"):
        api.identify(app)


def test_a_webhook_on_the_second_page_is_found(github: Peer) -> None:
    config = {"content_type": "json"}
    rows = [{"id": 1000 + n, "config": config | {"url": f"https://ci.example.org/{n}"}} for n in range(130)]
    github.put(hooks=[*rows, {"id": 7, "config": config | {"url": URL}}])
    found = Connection(provider="github", api_url=github.url, token="classic")
    assert APIS["github"].install(found, "team/shop", Hook(URL, "one")) == "7"
    assert len(github.store["hooks"]) == 131


def test_an_access_token_of_a_bitbucket_workspace_need_not_read_its_user(settings: Settings) -> None:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.1/32")]
    with running("bitbucket") as peer:
        found = Connection(provider="bitbucket", api_url=f"{peer.url}/2.0", token="workspace")
        told = APIS["bitbucket"].identify(found)
        assert (told.acts_as, told.scopes) == ("an access token", _BITBUCKET)
        installed = APIS["bitbucket"].install(found, "team/shop", Hook(URL, "one"))
        assert peer.store["hooks"][0]["uuid"] == installed
