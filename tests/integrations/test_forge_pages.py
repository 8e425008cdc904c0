"""Files, lines and commits have addresses at every forge, from the repository's address or its connection."""

import pytest

from compliance.integrations.forge_pages import pages_of
from compliance.models import Attachment, Connection, Repository

pytestmark = pytest.mark.django_db

SHA = "a" * 40


def repository(url: str, web_url: str = "") -> Repository:
    return Repository.objects.create(slug="shop", name="Shop", url=url, web_url=web_url)


def attach(to: Repository, provider: str, api_url: str, project: str) -> None:
    found = Connection.objects.create(slug="forge", name="Forge", provider=provider, api_url=api_url)
    Attachment.objects.create(repository=to, connection=found, kind="forge", project=project)


@pytest.mark.parametrize(
    ("url", "label", "root", "line"),
    [
        (
            "https://github.com/team/shop.git",
            "GitHub",
            "https://github.com/team/shop",
            "blob/{}/a%20b/x.py#L7",
        ),
        ("git@github.com:team/shop.git", "GitHub", "https://github.com/team/shop", "blob/{}/a%20b/x.py#L7"),
        (
            "ssh://git@gitlab.example.org:2222/a/b/shop.git",
            "GitLab",
            "https://gitlab.example.org/a/b/shop",
            "-/blob/{}/a%20b/x.py#L7",
        ),
        (
            "http://gitea.example.org:3000/team/shop",
            "Gitea or Forgejo",
            "http://gitea.example.org:3000/team/shop",
            "src/commit/{}/a%20b/x.py#L7",
        ),
        (
            "https://bitbucket.org/team/shop.git",
            "Bitbucket Cloud",
            "https://bitbucket.org/team/shop",
            "src/{}/a%20b/x.py#lines-7",
        ),
        (
            "https://bitbucket.example.org/scm/SHOP/shop.git",
            "Bitbucket Data Center",
            "https://bitbucket.example.org/projects/SHOP/repos/shop",
            "browse/a%20b/x.py?at={}#7",
        ),
    ],
)
def test_the_repositorys_address_names_the_forge(url: str, label: str, root: str, line: str) -> None:
    pages = pages_of(repository(url))

    assert pages
    assert pages.label == label
    address = f"{root}/{line.format(SHA)}"
    assert pages.file(SHA, "a b/x.py", 7) == address
    assert pages.file(SHA, "a b/x.py") == address.partition("#")[0]
    assert pages.commit(SHA).startswith(f"{root}/")
    assert SHA in pages.commit(SHA)


@pytest.mark.parametrize(
    ("provider", "api_url", "root"),
    [
        ("github", "https://api.github.com", "https://github.com/team/shop"),
        ("github", "https://code.example.org/api/v3", "https://code.example.org/team/shop"),
        ("gitlab", "https://code.example.org/lab/api/v4", "https://code.example.org/lab/team/shop"),
        ("gitea", "https://code.example.org/api/v1/", "https://code.example.org/team/shop"),
        ("bitbucket", "https://api.bitbucket.org/2.0", "https://bitbucket.org/team/shop"),
        ("bitbucket-dc", "https://code.example.org", "https://code.example.org/projects/team/repos/shop"),
    ],
)
def test_a_connection_names_the_forge_of_a_mirror(provider: str, api_url: str, root: str) -> None:
    mirror = repository("/srv/mirrors/shop.git")
    attach(mirror, provider, api_url, "team/shop")

    pages = pages_of(mirror)
    assert pages
    assert pages.root == root


def test_an_address_that_was_entered_wins() -> None:
    entered = repository("/srv/shop.git", "https://code.example.org/team/shop/")
    attach(entered, "gitlab", "https://other.example.org/api/v4", "team/shop")

    pages = pages_of(entered)
    assert pages
    assert pages.file(SHA, "x.py", 1) == f"https://code.example.org/team/shop/-/blob/{SHA}/x.py#L1"


@pytest.mark.parametrize(
    ("url", "web_url"),
    [
        ("/srv/shop.git", ""),
        ("https://code.example.org/shop.git", ""),
        ("/srv/shop.git", "javascript:alert(1)//github.com"),
        ("https://[broken/shop.git", ""),
    ],
)
def test_an_unknown_forge_has_no_pages(url: str, web_url: str) -> None:
    assert pages_of(repository(url, web_url)) is None


def test_an_unknown_forge_with_an_address_has_the_usual_form() -> None:
    pages = pages_of(repository("/srv/shop.git", "https://code.example.org/shop"))

    assert pages
    assert pages.file(SHA, "x.py", 3) == f"https://code.example.org/shop/blob/{SHA}/x.py#L3"
