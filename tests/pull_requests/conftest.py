"""A repository whose checks are published."""

import pytest

from compliance.models import Attachment, Connection, Repository


@pytest.fixture
def shop() -> Repository:
    """A repository that is connected to a forge."""
    repository = Repository.objects.create(
        slug="shop", name="Shop", url="/srv/shop.git", web_url="https://forge.example.org/team/shop"
    )
    found = Connection.objects.create(
        slug="forge", name="Forge", provider="gitea", api_url="https://forge.example.org/api/v1", token="t"
    )
    Attachment.objects.create(repository=repository, connection=found, kind="forge", project="team/shop")
    return repository
