"""The outbox on its pages and in the API: what failed and waits, every outcome, and the button."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.accounts.roles import Role, give
from compliance.lib.secret_keys import digest_of
from compliance.models import OutboxItem, Repository, Token
from compliance.models.token import new_token

pytestmark = pytest.mark.django_db

LOG = [
    {"attempt": 1, "at": "2026-11-28T10:00:00+00:00", "outcome": "The server replied with 500."},
    {"attempt": 2, "at": "2026-11-28T10:01:00+00:00", "outcome": "The server replied with <b>."},
]


@pytest.fixture
def shop() -> Repository:
    """A repository with an item in each state, beside an invitation and another repository's item."""
    made = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git")
    other = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    common = {"kind": "letter", "channel": "e-mail", "target": "ben@example.org"}
    for state in ("waiting", "sending", "sent", "failed", "given up"):
        detail = {"about": "regression", "path": f"{state}.py"}
        sent_at = timezone.now() if state == "sent" else None
        OutboxItem.objects.create(
            repository=made,
            key=state,
            state=state,
            detail=detail,
            sent_at=sent_at,
            attempts=2,
            log=LOG,
            secret="https://secret.example.org/",
            **common,
        )
    OutboxItem.objects.create(repository=other, key="x", state="failed", **common)
    OutboxItem.objects.create(
        kind="account", channel="e-mail", target="new@example.org", key="i", detail={"about": "invitation"}
    )
    return made


def signed_in(role: Role) -> Client:
    """A browser of somebody with this role."""
    user = User.objects.create_user(role.group)
    give(user, role)
    client = Client()
    client.force_login(user)
    return client


def section(page: str, key: str) -> str:
    """The part of the page below a heading."""
    found = re.search(rf'<section class="card" aria-labelledby="{key}">(.*?)</section>', page, re.DOTALL)
    assert found
    return found[1]


def test_managers_see_the_outcome_of_every_attempt_of_their_repository(shop: Repository) -> None:
    page = signed_in(Role.MANAGER).get("/repositories/shop/outbox/").content.decode()
    failed, pending, sent = (section(page, key) for key in ("failed", "pending", "sent"))
    assert [failed.count(f"Regression: {state}.py") for state in ("failed", "given up")] == [1, 1]
    assert [pending.count(f"Regression: {state}.py") for state in ("waiting", "sending")] == [1, 1]
    assert "Regression: sent.py" in sent
    assert [part.count("Send again") for part in (failed, pending, sent)] == [2, 1, 0]
    assert failed.count("The server replied with 500.") == 2
    assert "The server replied with &lt;b&gt;." in failed
    assert "Failed after 2 attempts" in failed
    assert "b…@example.org" in page
    for hidden in ("ben@example.org", "new@example.org", "secret.example.org"):
        assert hidden not in page


def test_administrators_see_everything_with_addresses(shop: Repository) -> None:
    page = signed_in(Role.ADMINISTRATOR).get("/outbox/").content.decode()
    assert "Invitation" in page
    assert "new@example.org" in page
    assert section(page, "failed").count("Send again") == 3
    assert "secret.example.org" not in page


def test_an_item_is_sent_again_from_the_page(shop: Repository) -> None:
    client = signed_in(Role.MANAGER)
    failed, sent = (OutboxItem.objects.get(repository=shop, key=key) for key in ("failed", "sent"))
    other = OutboxItem.objects.get(repository__slug="other")

    page = client.post(f"/repositories/shop/outbox/{failed.pk}/again/", follow=True).content.decode()
    assert "It will be sent again now." in page
    assert "manager requested that it is sent again." in section(page, "pending")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.max_attempts) == ("waiting", 2, 17)

    page = client.post(f"/repositories/shop/outbox/{sent.pk}/again/", follow=True).content.decode()
    assert "It has been sent in the meantime" in page
    assert client.post(f"/repositories/shop/outbox/{other.pk}/again/").status_code == 404
    assert client.post(f"/outbox/{other.pk}/again/").status_code == 403


@pytest.fixture
def ask(shop: Repository) -> Callable[..., tuple[int, Any]]:
    """Send a request to the API as somebody with a role."""

    def send(role: Role, method: str, path: str) -> tuple[int, Any]:
        user = User.objects.get_or_create(username=f"api {role.group}")[0]
        give(user, role)
        secret = new_token()
        Token.objects.create(
            name="t", person=user, scope="write", digest=digest_of(secret), hint=secret[:8],
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
        answer = Client().generic(method, f"/api/v1/{path}", headers={"authorization": f"Bearer {secret}"})
        return answer.status_code, answer.json()

    return send


def test_the_api_lists_and_sends_again(shop: Repository, ask: Callable[..., tuple[int, Any]]) -> None:
    code, body = ask(Role.MANAGER, "GET", "repositories/shop/outbox?state=failed")
    (item,) = body["items"]
    assert (code, item["title"], item["recipient"]) == (200, "Regression: failed.py", "b…@example.org")
    assert [entry["outcome"] for entry in item["log"]] == [entry["outcome"] for entry in reversed(LOG)]
    assert "secret" not in str(body)

    assert ask(Role.ENGINEER, "GET", "repositories/shop/outbox")[0] == 403
    assert ask(Role.MANAGER, "GET", "outbox")[0] == 403
    code, body = ask(Role.ADMINISTRATOR, "GET", "outbox")
    assert (code, len(body["items"])) == (200, 7)
    assert {entry["repository"] for entry in body["items"]} == {"shop", "other", None}

    code, body = ask(Role.MANAGER, "POST", f"repositories/shop/outbox/{item['id']}/again")
    assert (code, body["state"]) == (202, "waiting")
    sent = OutboxItem.objects.get(repository=shop, key="sent")
    assert ask(Role.MANAGER, "POST", f"repositories/shop/outbox/{sent.pk}/again")[0] == 409
    assert ask(Role.ADMINISTRATOR, "POST", f"outbox/{sent.pk}/again")[0] == 409
    assert ask(Role.ADMINISTRATOR, "POST", "outbox/999999/again")[0] == 404
