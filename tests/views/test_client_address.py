"""Behind a proxy each client has its own address: one that guesses passwords locks nobody else out."""

from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pydantic import ValidationError
from pytest_django.fixtures import Settings

from compliance.environment import Environment

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PROXY = "10.0.0.1"


@pytest.fixture
def behind(settings: Settings) -> Settings:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    settings.AXES_FAILURE_LIMIT = 3
    User.objects.create_superuser("admin", password="a long and right one")
    return settings


def sign_in(password: str, forwarded: str, proxy: str = PROXY) -> int:
    """Send the form through the proxy; the response's status."""
    form = {"username": "admin", "password": password}
    return (
        Client(headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=proxy).post("/sign-in/", form).status_code
    )


@pytest.mark.parametrize(
    ("attacker", "administrator"),
    [
        ("203.0.113.9", "198.51.100.7"),
        ("203.0.113.9, 10.2.2.2", "198.51.100.7, 10.2.2.2"),
        ("2001:db8::9", "2001:db8::7"),
        ("203.0.113.9:4711", "[2001:db8::7]:443"),
        ("198.51.100.7, 203.0.113.9", "198.51.100.7"),
        ("10.9.9.9", "198.51.100.7"),
        ("nonsense", "198.51.100.7"),
    ],
)
def test_wrong_passwords_from_one_address_lock_only_that_address(
    behind: Settings, attacker: str, administrator: str
) -> None:
    assert [sign_in("wrong", attacker) for _ in range(3)][-1] == 429
    assert sign_in("a long and right one", attacker) == 429
    assert sign_in("a long and right one", administrator) == 302


def test_a_claimed_address_changes_nothing(behind: Settings) -> None:
    said = [sign_in("wrong", f"203.0.113.{number}, 198.51.100.1") for number in range(4)]
    assert said[2:] == [429, 429], "what a client writes itself stands before what the proxy appends"
    assert sign_in("a long and right one", "198.51.100.1") == 429


def test_only_trusted_proxies_are_believed(behind: Settings) -> None:
    said = [sign_in("wrong", f"198.51.100.{number}", "192.0.2.5") for number in range(4)]
    assert said[2:] == [429, 429]
    assert sign_in("a long and right one", "198.51.100.1") == 302
    behind.TRUSTED_PROXIES = []
    behind.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    page = Client(REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_PROTO="https").get("/sign-in/")
    assert page.wsgi_request.is_secure(), "without the setting nothing changes"
    behind.TRUSTED_PROXIES = [ip_network(PROXY)]
    page = Client(REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_PROTO="https").get("/sign-in/")
    assert not page.wsgi_request.is_secure()


def test_another_name_from_the_same_address_is_not_locked(behind: Settings) -> None:
    User.objects.create_user("ben", password="a long and right one")
    assert [sign_in("wrong", "203.0.113.9") for _ in range(3)][-1] == 429
    client = Client(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert (
        client.post("/sign-in/", {"username": "ben", "password": "a long and right one"}).status_code == 302
    )


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.0/99", "10.0.0.1,,x"])
def test_an_invalid_network_is_rejected_at_startup(value: str) -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Environment.model_validate({"trusted_proxies": value})


def test_addresses_and_networks_are_read() -> None:
    read = Environment.model_validate({"trusted_proxies": "127.0.0.1, 10.0.0.0/8,fd00::/8"}).trusted_proxies
    assert [str(network) for network in read] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
