"""Signing in and out; everything else is behind it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.views.cast import World

pytestmark = pytest.mark.slow

PASSWORD = "analytical-engine-1843"


def test_signing_in_returns_to_the_requested_page(client: Client, netra: World) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    asked = client.get("/repositories/netra/files/?risk=high")
    sign_in = asked.headers["Location"]
    assert sign_in.startswith("/sign-in/?next=")

    there = client.get(sign_in).context["next"]
    answer = client.post("/sign-in/", {"username": "ada", "password": PASSWORD, "next": there})

    assert answer.headers["Location"] == "/repositories/netra/files/?risk=high"


def test_a_wrong_password_says_so_without_saying_which_is_wrong(client: Client, db: None) -> None:
    User.objects.create_user("ada", password=PASSWORD)

    known = client.post("/sign-in/", {"username": "ada", "password": "wrong"}).content.decode()
    unknown = client.post("/sign-in/", {"username": "eve", "password": "wrong"}).content.decode()

    assert "Incorrect username or password" in known
    assert "Incorrect username or password" in unknown


def test_too_many_wrong_passwords_lock_the_name_out(client: Client, db: None) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    for _ in range(11):
        answer = client.post("/sign-in/", {"username": "ada", "password": "wrong"})

    assert answer.status_code == 429
    assert "Too many sign-in attempts" in answer.content.decode()
    right = client.post("/sign-in/", {"username": "ada", "password": PASSWORD})
    assert right.status_code == 429


def test_signing_out_ends_the_session(ada: Client, netra: World) -> None:
    assert ada.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert ada.get("/").status_code == 302


def test_a_redirect_to_another_site_is_refused(client: Client, db: None) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    answer = client.post(
        "/sign-in/", {"username": "ada", "password": PASSWORD, "next": "https://evil.example"}
    )

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("address", ["/sign-in/", "/repositories/netra/", "/healthz"])
def test_answers_carry_a_strict_policy(ada: Client, netra: World, address: str) -> None:
    policy = ada.get(address).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
