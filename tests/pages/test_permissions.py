"""Every address against every role, as docs/permissions.md says; an address that it lacks is a failure."""

from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from django.conf import settings as configuration
from django.contrib.auth.models import User
from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from compliance import links, people
from compliance.models import Approval, Claim, Invitation, Job, Marker, Patch, Phase, PlanDraft, Token, Waiver
from compliance.models.token import digest_of, new_token
from compliance.roles import Role, give
from tests.pages.cast import World, world
from tests.pages.permissions import Rule, addresses, rules

RULES = rules()
ROLES = ("anybody", *(role.group for role in Role))
ANY = ("admin", "nowhere", "api-root", "openapi-json")
"""Names that answer any method, to say that there is nothing or what the API is."""
ABSENT = ("nowhere", "api-root", "unsubscribe", "sign-in-with", "github_callback", "openid_connect_callback")
"""Names at whose address there is nothing in this test."""
Furnished = dict[str, dict[str, str]]


@pytest.fixture
def netra(db: None) -> World:
    return world(files=8, commits=4)


@pytest.fixture
def owner(db: None) -> User:
    made = User.objects.create_user("owner", email="owner@example.org")
    give(made, Role.MANAGER)  # a token does no more than its person may
    return made


@pytest.fixture
def secrets(netra: World, owner: User) -> dict[str, str]:
    """The secret of one token for each scope."""
    made = {}
    for scope in Token.Scope.values:
        made[scope] = new_token()
        Token.objects.create(
            name=scope,
            scope=scope,
            digest=digest_of(made[scope]),
            hint=made[scope][:9],
            person=owner,
            repository=netra.repository,
            expires_at=timezone.now() + timedelta(days=1),
        )
    return made


@pytest.fixture
def furnished(netra: World, owner: User, secrets: dict[str, str]) -> Furnished:
    """What stands in the addresses for each name: rows that exist and belong to somebody else."""
    in_a_week = timezone.now() + timedelta(days=7)
    violation = netra.standing[0]
    claim = Claim.objects.create(file=violation.file, person=owner, until=in_a_week)
    waiver = Waiver.objects.create(repository=netra.repository, glob="x/**", reason="Old", person=owner)
    phase = Phase.objects.filter(issue__repository=netra.repository)[0]
    approval = Approval.objects.create(phase=phase, person=owner, role="manager", commit=netra.head)
    note = Marker.objects.create(
        repository=netra.repository, kind=Marker.Kind.NOTE, at=netra.head.committed_at, text="A note"
    )
    job = Job.objects.create(repository=netra.repository, kind="update", state="buried", attempts=5)
    link = links.make(netra.repository, owner)
    patched = Patch(file=violation.file, commit=netra.head, plan=netra.plan, text=b"--- a\n", fixed=1)
    patched.refused, patched.guides = [], []
    patched.save()
    netra.plan.text = (configuration.BASE_DIR / "tests/scanner/plans/example.yaml").read_text()
    netra.plan.save()
    draft = PlanDraft.objects.create(repository=netra.repository, base=netra.plan, text=netra.plan.text)
    common = {"slug": "netra", "name": "trend", "sha": netra.head.sha, "key": link.key, "token": "unknown"}
    return {
        "": common
        | {"pk": "1", "number": "1", "rest": "nowhere", "provider": "github", "provider_id": "oidc"},
        **{name: {"pk": str(violation.file_id)} for name in ("file", "file-csv", "patch", "patch-file")},
        **{rule.name: {"pk": str(draft.pk)} for rule in RULES if rule.name.startswith("plan-")},
        "change-claim": {"pk": str(claim.pk), "verb": "release"},
        "end-waiver": {"pk": str(waiver.pk)},
        "remove-note": {"pk": str(note.pk)},
        "phase": {"key": phase.key},
        "approve": {"key": phase.key},
        "withdraw-approval": {"pk": str(approval.pk)},
        "issue": {"key": "%231274"},
        "run-again": {"pk": str(job.pk)},
        "join": {"key": people.invite("new@example.org", Role.VIEWER, owner)[1]},
        "change-person": {"pk": str(owner.pk)},
        "end-invitation": {"pk": str(Invitation.objects.all()[0].pk)},
        "revoke-link": {"pk": str(link.pk)},
        "revoke-token": {"pk": str(Token.objects.all()[0].pk)},
    }


def address_of(rule: Rule, furnished: Furnished) -> str:
    """The rule's address with what is in the world."""
    values = furnished[""] | furnished.get(rule.name, {})
    address = rule.address
    for name, value in values.items():
        address = address.replace(f"<{name}>", value)
    return address


def ask(client: Client, method: str, address: str, **headers: str) -> HttpResponseBase:
    """One request, after which everything is as it was."""
    client.raise_request_exception = False
    cookies, before = SimpleCookie(client.cookies), transaction.savepoint()
    answer = client.generic(method, address, headers=headers)
    if isinstance(answer, StreamingHttpResponse):
        list(answer)
    transaction.savepoint_rollback(before)
    client.cookies = cookies  # signing out takes them
    return answer


def got_in(answer: HttpResponseBase) -> bool:
    """Whether it was let in, whatever it then said of an empty form."""
    if answer.status_code == 302:
        return not answer["Location"].startswith(("/sign-in/?next=", "/admin/login/?next="))
    return answer.status_code not in (401, 403)


def somebody(role: str) -> Client:
    """A browser of a person with this role, or of nobody."""
    client = Client()
    if role != "anybody":
        person = User.objects.create_user(role, email=f"{role}@example.org", is_staff=role == "administrator")
        give(person, Role[role.upper()])
        client.force_login(person)
    return client


def test_every_address_stands_in_the_table_and_nothing_else() -> None:
    told = {(rule.name, rule.address) for rule in RULES}

    assert sorted(set(addresses()) - told) == [], "Write them into docs/permissions.md."
    assert sorted(told - set(addresses())) == [], "These are gone: take them out of docs/permissions.md."


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_in_where_the_table_says(role: str, furnished: Furnished) -> None:
    client, wrong = somebody(role), []
    for rule in RULES:
        answer = ask(client, rule.method, address_of(rule, furnished))
        if got_in(answer) is not rule.admits(role):
            wrong.append((rule.method, rule.name, rule.least, answer.status_code))
        if broken(rule, answer) or (rule.admits(role) and missing(rule, answer)):
            wrong.append((rule.method, rule.name, "broke", answer.status_code))

    assert wrong == []


def broken(rule: Rule, answer: HttpResponseBase) -> bool:
    """Whether the server failed; that no worker runs in this test is no failure."""
    return answer.status_code >= 500 and rule.name != "readyz"


def missing(rule: Rule, answer: HttpResponseBase) -> bool:
    """Whether nothing was there, which would prove nothing about rights; the API asks for rights first."""
    if rule.address.startswith("/api/v1/"):
        return False
    return answer.status_code == 404 and rule.name not in ABSENT


def test_no_address_takes_a_method_that_is_not_in_the_table(furnished: Furnished) -> None:
    client, told = somebody("administrator"), {(rule.method, rule.name) for rule in RULES}
    wrong = []
    for rule in RULES:
        others = {"GET", "POST"} - {method for method, name in told if name == rule.name}
        for method in (*others, "DELETE"):
            status = ask(client, method, address_of(rule, furnished)).status_code
            if status != 405 and rule.name not in ANY:
                wrong.append((method, rule.name, status))

    assert wrong == []


@pytest.mark.parametrize("scope", Token.Scope.values)
def test_a_token_does_what_its_scope_says(scope: str, furnished: Furnished, secrets: dict[str, str]) -> None:
    for rule in RULES:
        if rule.address.startswith("/api/v1/") and rule.name not in ANY:
            least = (
                "evidence" if rule.name.startswith("send_") else "read" if rule.method == "GET" else "write"
            )
            said = ask(
                Client(), rule.method, address_of(rule, furnished), authorization=f"Bearer {secrets[scope]}"
            )
            assert got_in(said) is (scope in (least, "write")), (rule.name, said.status_code)


def opened(furnished: Furnished) -> Iterator[tuple[Rule, HttpResponseBase]]:
    """What nobody in particular is answered everywhere."""
    client = Client()
    for rule in RULES:
        yield rule, ask(client, rule.method, address_of(rule, furnished))


def test_anonymous_reading_opens_what_the_table_says(furnished: Furnished, settings: Settings) -> None:
    settings.ANONYMOUS_READING = True
    wrong = [
        (rule.method, rule.name, answer.status_code)
        for rule, answer in opened(furnished)
        if got_in(answer) is not (rule.open or rule.admits("anybody")) or broken(rule, answer)
    ]

    assert wrong == []


def test_what_anonymous_reading_opens_has_no_address_and_no_secret(
    furnished: Furnished, netra: World, settings: Settings
) -> None:
    settings.ANONYMOUS_READING = True
    client = Client()
    for rule in RULES:
        if rule.open:
            answer = client.get(address_of(rule, furnished))
            text = b"".join(answer).decode()
            assert answer.status_code == 200 or rule.name == "home", rule
            assert "@example.org" not in text, rule
            assert netra.repository.webhook_secret not in text, rule
            assert netra.repository.url not in text, rule
