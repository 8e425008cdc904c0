"""Every page against every role, as docs/permissions.md says; an address that it lacks is a failure."""

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import ERROR, get_messages
from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django.fixtures import Settings

from compliance.accounts.roles import Role
from tests.views.furnished import Furnished, furnished, somebody
from tests.views.permissions import Rule, addresses, calls, operations, rules

pytestmark = pytest.mark.slow

RULES = rules()
ROLES = ("anybody", *(role.group for role in Role))
ANY = ("admin", "nowhere", "api-root", "openapi-json")
"""Names that answer any method, to say that there is nothing or what the API is."""
SAID = {
    "nowhere": 404,
    "api-root": 404,
    "github_callback": 401,  # nobody was sent to the provider
    "openid_connect_callback": 404,  # and this provider is not set up
    "readyz": 503,  # no worker runs
}
"""Names at whose address whoever gets in is told something else than 2xx or 3xx."""


@pytest.fixture(autouse=True)
def _providers(settings: Settings) -> None:
    settings.SIGN_IN_ELSEWHERE = {"github": "GitHub"}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [{"client_id": "us", "secret": "s3cret"}]}}


def browser(role: str) -> tuple[Client, User]:
    """Return a client and its user. For `anybody`, the client is anonymous and the user a viewer."""
    client, person = Client(), somebody("viewer" if role == "anybody" else role)
    if role != "anybody":
        client.force_login(person)
    return client, person


def ask(client: Client, rule: Rule, world: Furnished, method: str = "") -> HttpResponseBase:
    """One request with what the address wants, after which everything is as it was."""
    client.raise_request_exception = False
    cookies, before = SimpleCookie(client.cookies), transaction.savepoint()
    address, method = world.address(rule), method or rule.method
    if rule.name == "webhook":
        body, headers = world.webhook()
        answer = client.generic(method, address, body, "application/json", headers=headers)
    elif method == "POST":
        answer = client.post(address, world.sent.get(rule.name, {}))
    else:
        answer = client.generic(method, address)
    if isinstance(answer, StreamingHttpResponse):
        list(answer)
    transaction.savepoint_rollback(before)
    client.cookies = cookies  # signing out takes them
    return answer


def got_in(rule: Rule, answer: HttpResponseBase) -> bool | None:
    """Return true for a success, false for a refusal, and None for any other response."""
    if answer.status_code == 302 and answer["Location"].startswith(
        ("/sign-in/?next=", "/admin/login/?next=")
    ):
        return False
    if answer.status_code == SAID.get(rule.name):
        return True
    if answer.status_code in (401, 403):
        return False
    request = answer.wsgi_request  # type: ignore[attr-defined]
    wrong = any(message.level >= ERROR for message in get_messages(request))
    return True if answer.status_code < 400 and not wrong else None


def test_the_table_lists_exactly_the_existing_addresses() -> None:
    told = {(rule.name, rule.address) for rule in RULES}

    assert sorted(set(addresses()) - told) == [], "Write them into docs/permissions.md."
    assert sorted(told - set(addresses())) == [], "These are gone: take them out of docs/permissions.md."
    known = {(rule.method, rule.name, rule.address) for rule in calls()}
    assert known == set(operations()), "docs/permissions.md has another list of operations than the API."


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_access_in_the_table(role: str, db: None) -> None:
    client, person = browser(role)
    world = furnished(person)
    wrong = []
    for rule in RULES:
        answer = ask(client, rule, world)
        if got_in(rule, answer) is not rule.admits(role):
            wrong.append((rule.method, rule.name, rule.least, answer.status_code))

    assert wrong == []


def test_no_address_takes_a_method_that_is_not_in_the_table(db: None) -> None:
    client, person = browser("administrator")
    world, told = furnished(person), {(rule.method, rule.name) for rule in RULES}
    wrong = []
    for rule in RULES:
        others = {"GET", "POST"} - {method for method, name in told if name == rule.name}
        for method in (*others, "DELETE"):
            status = ask(client, rule, world, method).status_code
            if status != 405 and rule.name not in ANY:
                wrong.append((method, rule.name, status))

    assert wrong == []


def opened(world: Furnished) -> Iterator[tuple[Rule, HttpResponseBase]]:
    """The responses of every page to an anonymous visitor."""
    client = Client()
    for rule in RULES:
        yield rule, ask(client, rule, world)


def test_anonymous_reading_opens_the_pages_in_the_table(db: None, settings: Settings) -> None:
    settings.ANONYMOUS_READING = True
    wrong = [
        (rule.method, rule.name, answer.status_code)
        for rule, answer in opened(furnished(somebody("viewer")))
        if got_in(rule, answer) is not (rule.open or rule.admits("anybody"))
    ]

    assert wrong == []


def test_pages_open_to_all_contain_no_address_and_no_secret(db: None, settings: Settings) -> None:
    settings.ANONYMOUS_READING = True
    client, world = Client(), furnished(somebody("viewer"))
    for rule in RULES:
        if rule.open:
            answer = client.get(world.address(rule))
            text = b"".join(answer).decode()
            assert answer.status_code == 200 or rule.name == "home", rule
            assert "@example.org" not in text, rule
            assert world.netra.repository.webhook_secret not in text, rule
            assert world.netra.repository.url not in text, rule
