"""Who looks at the pages: Ada, who is staff, and Ben, who is not."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.views.cast import World, world

Counted = Callable[[], CaptureQueriesContext]


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def netra(db: None) -> World:
    return world()


@pytest.fixture
def ada(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    return client


@pytest.fixture
def ben(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ben"))
    return client


@pytest.fixture
def counted(db: None) -> Counted:
    """Catches the queries of a block."""
    return lambda: CaptureQueriesContext(connection)
