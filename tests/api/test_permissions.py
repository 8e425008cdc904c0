"""Every operation for every role, with a token of each scope, with the browser, and for nobody at all."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings

from compliance.accounts.roles import Role
from compliance.models import Claim, Token, Waiver
from tests.evidence.conftest import mission
from tests.views.furnished import Furnished, furnished, somebody, token_for
from tests.views.permissions import Rule, calls

CALLS = calls()
ROLES = tuple(role.group for role in Role)


@pytest.fixture(autouse=True)
def _patient(settings: Settings) -> None:
    settings.API_CALLS_AT_ONCE = 1_000_000


def furnish(person: User, files: int = 8) -> tuple[Furnished, dict[str, dict[str, str]], dict[str, Any]]:
    """A world, what stands in the addresses of each resource or operation, and what each wants to be sent."""
    world = furnished(person, files)
    netra, violation = world.netra, world.violation
    claim, waiver = Claim.objects.get(), Waiver.objects.get()
    free = netra.standing[-1]
    places = {
        "claims": {"pk": str(claim.pk)},
        "waivers": {"pk": str(waiver.pk)},
        "files": {"pk": str(violation.file_id)},
        "findings": {"pk": str(violation.pk)},
        "issues": {"key": "%231274"},
        "phases": {"key": "cleanup"},
        "plans": {"number": "1"},
        "drafts": {"number": "1", "pk": world.pages["plan-draft"]["pk"]},
        "marks": {"pk": world.pages["remove-note"]["pk"]},
        "approvals": {"key": "cleanup", "pk": world.pages["withdraw-approval"]["pk"]},
        "links": {"pk": world.pages["revoke-link"]["pk"]},
        "scans": {"pk": world.pages["run-again"]["pk"]},
    }
    sent = {
        "claims_take": {"paths": [free.file.path]},
        "claims_offer": {"to": "owner"},
        "waivers_give": {"finding": free.pk, "reason": "By hand only"},
        "approvals_give": {"role": "manager", "comment": "Looked at it"},
        "marks_write": {"text": "Holidays"},
        "drafts_write": {"text": netra.plan.text},
        "drafts_adopt": {"keep_here": True},
        "drafts_restore": {"base": 1, "keep_here": True},
        "drafts_follow": {"path": "ssot-plan.yaml"},
        "links_make": {"name": "For the board"},
        "measurements_send_measurement": {"name": "added_ms", "value": 4.5},
        "test_reports_send_report": mission(),
    }
    return world, places, sent


def ask(
    client: Client,
    rule: Rule,
    world: Furnished,
    places: Mapping[str, Mapping[str, str]],
    sent: Mapping[str, Any],
    **headers: str,
) -> int:
    """The status of one call, after which everything is as it was."""
    address = rule.address
    values = {**world.places, **places.get(rule.name.partition("_")[0], {}), **places.get(rule.name, {})}
    asked = {"plans_compare": "?from=1"}.get(rule.name, "")
    for name, value in values.items():
        address = address.replace(f"<{name}>", value)
    body = sent.get(rule.name, b"")
    kind = "application/xml" if isinstance(body, bytes) else "application/json"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    before = transaction.savepoint()
    answer = client.generic(rule.method, address + asked, data, kind, headers=headers)
    transaction.savepoint_rollback(before)
    return answer.status_code


def prepared(rule: Rule, world: Furnished, person: User) -> None:
    """What an operation needs to be possible at all: only what is offered can be accepted."""
    offered = rule.name in ("claims_accept", "claims_decline")
    Claim.objects.update(person=world.owner if offered else person, offered_to=person if offered else None)


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
def test_whoever_is_signed_in_reads_with_the_browser_and_writes_nothing(role: str, db: None) -> None:
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
def test_nobody_gets_in_without_a_token(open_to_all: bool, db: None, settings: Settings) -> None:
    settings.ANONYMOUS_READING = open_to_all
    client, (world, places, sent) = Client(), furnish(somebody("viewer"))

    said = {rule.name: ask(client, rule, world, places, sent) for rule in CALLS}

    assert set(said.values()) == {401}
    assert len(said) == len(CALLS) > 20
