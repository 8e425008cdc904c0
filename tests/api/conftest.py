"""A program with a token, and a server that it speaks to over HTTP."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from compliance.lib.secret_keys import digest_of
from compliance.models import Repository, Token
from compliance.models.token import new_token
from tests.views.cast import World, world


@dataclass(frozen=True)
class Answer:
    """What came back, its body decoded."""

    status: int
    headers: dict[str, str]
    body: Any


Send = Callable[..., Answer]


@pytest.fixture
def netra(transactional_db: None) -> World:
    return world()


@pytest.fixture
def person(transactional_db: None) -> User:
    return User.objects.create_user("ada", is_staff=True)


def give(person: User, scope: str = "write", repository: Repository | None = None, **more: Any) -> str:
    """The secret of a new token."""
    secret = new_token()
    values = {"name": scope, "scope": scope, "repository": repository, "hint": secret[:9], **more}
    values.setdefault("expires_at", timezone.now() + timedelta(days=1))
    Token.objects.create(digest=digest_of(secret), person=person, **values)
    return secret


@pytest.fixture
def send(live_server: LiveServer) -> Send:
    """One request below /api/v1/repositories/: `send("GET", "netra", token)`; `/…` is below /api/v1."""

    def ask(
        method: str, path: str, token: str = "", body: Any = None, raw: bool = False, **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named.setdefault("Authorization", f"Bearer {token}")
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
            named.setdefault("Content-Type", "application/json")
        connection = HTTPConnection(urlsplit(live_server.url).netloc, timeout=30)
        address = path if path.startswith("/") else f"/repositories/{path}"
        connection.request(method, f"/api/v1{address}", body=data, headers=named)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        kind = answer.headers.get("Content-Type", "")
        return Answer(answer.status, dict(answer.headers), json.loads(text) if "json" in kind else text)

    return ask
