"""Every operation for every role, with a token of each scope, with the browser, and for nobody at all."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from compliance.accounts.roles import Role
from compliance.models import Claim, Token, Waiver
from tests.api.factories import ask, furnish
from tests.views.furnished import Furnished, somebody, token_for
from tests.views.permissions import Rule, calls

pytestmark = pytest.mark.slow

CALLS = calls()
ROLES = tuple(role.group for role in Role)


@pytest.fixture(autouse=True)
def _patient(settings: Settings) -> None:
    settings.API_CALLS_AT_ONCE = 1_000_000


def prepared(rule: Rule, world: Furnished, person: User) -> None:
    """Prepare the state that an operation requires: for example, only an offered claim can be accepted."""
    offered = rule.name in ("claims_accept", "claims_decline")
    Claim.objects.update(person=world.owner if offered else person, offered_to=person if offered else None)
    # Only the person who requested a waiver may end it, and only somebody else may decide on it.
    Waiver.objects.filter(state="requested").update(
        person=person if rule.name == "waivers_end" else world.owner
    )


@pytest.mark.parametrize("role", ROLES)
def test_each_token_may_what_its_scope_and_its_persons_role_allow(role: str, db: None) -> None:
    person = somebody(role)
    client, (world, places, sent) = Client(), furnish(person)
    wrong = []
    for scope in Token.Scope.values:
        secret = token_for(person, scope)
        for rule in CALLS:
            prepared(rule, world, person)
            allowed = scope in (rule.scope, Token.Scope.WRITE) or rule.scope == "any"
            status = ask(client, rule, world, places, sent, Authorization=f"Bearer {secret}")
            if not (200 <= status < 300 if allowed and rule.admits(role) else status == 403):
                wrong.append((scope, rule.name, rule.least, status))

    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_browser_session_can_read_but_not_write(role: str, db: None) -> None:
    client, person = Client(), somebody(role)
    client.force_login(person)
    world, places, sent = furnish(person)
    wrong = []
    for rule in CALLS:
        status = ask(client, rule, world, places, sent)
        expected = (200 if rule.admits(role) else 403) if rule.method == "GET" else 401
        if status != expected:
            wrong.append((rule.name, rule.least, status))

    assert wrong == []


@pytest.mark.parametrize("open_to_all", [False, True])
def test_a_token_is_required(open_to_all: bool, db: None, settings: Settings) -> None:
    settings.ANONYMOUS_READING = open_to_all
    client, (world, places, sent) = Client(), furnish(somebody("viewer"))

    said = {rule.name: ask(client, rule, world, places, sent) for rule in CALLS}

    assert set(said.values()) == {401}
    assert len(said) == len(CALLS) > 20
