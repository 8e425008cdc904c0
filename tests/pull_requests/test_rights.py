"""Who may override a verdict, have a head judged again and set the policy: every role, scope and way in, and
what drafts, reopened pull requests and former rights change about it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.integrations.pull_requests import PullNews, hear
from compliance.models import GatePolicy, Job, PullRequest, PullRequestCheck, Repository, Token
from tests.pull_requests.factories import AT, HEAD, NEXT_HEAD, checked, finding, opened
from tests.views.furnished import somebody, token_for

pytestmark = pytest.mark.django_db

API, PAGES = "/api/v1/repositories/shop/", "/repositories/shop/"
OVERRIDE = {"reason": "Hotfix", "head": HEAD}
WRITES: Mapping[str, tuple[str, str, Mapping[str, Any], Role]] = {
    "override": ("POST", "pull-requests/41/override", OVERRIDE, Role.MANAGER),
    "rerun": ("POST", "pull-requests/41/rerun", {}, Role.ENGINEER),
    "policy": ("PUT", "gate-policy", {"level": "off"}, Role.MANAGER),
}
FORMS: Mapping[str, tuple[str, Mapping[str, Any], Role]] = {
    "override": ("pull-requests/41/override/", OVERRIDE, Role.MANAGER),
    "rerun": ("pull-requests/41/rerun/", {}, Role.ENGINEER),
    "policy": ("settings/pull-requests/", {"level": "off", "suppressions": "warn"}, Role.MANAGER),
}


@pytest.fixture
def row() -> PullRequest:
    """An open pull request whose check has failed."""
    shop = Repository.objects.create(
        slug="shop", name="Shop", url="https://git.example.org/shop.git", branch="main"
    )
    pull = opened(shop)
    checked(pull, findings=(finding(),))
    return pull


def changed() -> set[str]:
    """What has been written."""
    found = {"override"} if PullRequestCheck.objects.exclude(overridden_at=None).exists() else set()
    found |= {"rerun"} if Job.objects.filter(kind="pull").exists() else set()
    return found | ({"policy"} if GatePolicy.objects.exists() else set())


def ask(name: str, secret: str, client: Client | None = None) -> int:
    method, path, body, _ = WRITES[name]
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    answer = (client or Client()).generic(
        method, f"{API}{path}", json.dumps(body), "application/json", headers=headers
    )
    return int(answer.status_code)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("scope", Token.Scope.values)
@pytest.mark.parametrize("role", ["viewer", "engineer", "manager", "administrator"])
def test_by_token_both_the_role_and_the_scope_decide(
    row: PullRequest, role: str, scope: str, name: str
) -> None:
    may = scope == "write" and Role[role.upper()] >= WRITES[name][3]
    status = ask(name, token_for(somebody(role), scope))
    assert (status in {200, 202}, changed()) == (may, {name} if may else set())
    assert may or status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("role", ["", "viewer", "engineer", "manager", "administrator"])
def test_by_form_the_role_decides(row: PullRequest, role: str, name: str) -> None:
    path, body, least = FORMS[name]
    client = Client()
    if role:
        client.force_login(somebody(role))
    answer = client.post(f"{PAGES}{path}", body)
    may = bool(role) and Role[role.upper()] >= least
    assert changed() == ({name} if may else set())
    expected = HTTPStatus.FOUND if may or not role else HTTPStatus.FORBIDDEN
    assert answer.status_code == expected
    assert role or answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", WRITES)
def test_neither_a_session_nor_its_form_writes_elsewhere(row: PullRequest, name: str) -> None:
    """The API takes no session for writes, forms need their token, and nothing is written by reading."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(somebody("manager"))
    assert ask(name, "", client) in {401, 403}
    assert client.post(f"{PAGES}{FORMS[name][0]}", FORMS[name][1]).status_code == HTTPStatus.FORBIDDEN
    assert client.get(f"{PAGES}{FORMS[name][0]}").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert changed() == set()


@pytest.mark.parametrize("name", WRITES)
def test_former_rights_are_none(row: PullRequest, name: str) -> None:
    mia, ben = somebody("manager"), somebody("engineer")
    tokens = [token_for(person, "write") for person in (mia, ben)]
    give(mia, Role.VIEWER)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert [ask(name, secret) in {401, 403} for secret in tokens] == [True, True]
    assert changed() == set()


@pytest.mark.parametrize("name", ["override", "rerun"])
def test_a_number_names_one_of_this_repository(row: PullRequest, name: str) -> None:
    Repository.objects.create(slug="other", name="Other", url="https://git.example.org/other.git")
    method, path, body, _ = WRITES[name]
    headers = {"Authorization": f"Bearer {token_for(somebody('manager'), 'write')}"}
    answer = Client().generic(
        method, f"/api/v1/repositories/other/{path}", json.dumps(body), "application/json", headers=headers
    )
    assert (answer.status_code, changed()) == (HTTPStatus.NOT_FOUND, set())


def news(row: PullRequest, minutes: int, state: str = "open", head: str = HEAD, **more: Any) -> None:
    values: dict[str, Any] = {"title": "T", "url": "", "author": "ben", "base": "main", **more}
    hear(
        row.repository,
        PullNews(41, state=state, head=head, updated_at=AT + timedelta(minutes=minutes), **values),
    )


def test_a_draft_is_judged_and_decided_on_as_any_other(row: PullRequest) -> None:
    """A verdict that a draft didn't need could be published too late once it is ready."""
    news(row, 1, head=NEXT_HEAD, draft=True)
    assert PullRequestCheck.objects.get(head_sha=NEXT_HEAD).state == "pending"
    Job.objects.all().delete()
    secret = token_for(somebody("manager"), "write")
    assert ask("rerun", secret) == HTTPStatus.ACCEPTED
    assert Job.objects.filter(kind="pull", state="waiting").count() == 1
    news(row, 2, head=NEXT_HEAD, draft=False)
    assert not PullRequest.objects.get().draft


def test_one_that_is_reopened_is_judged_again_before_anybody_decides_on_it(row: PullRequest) -> None:
    secret = token_for(somebody("manager"), "write")
    news(row, 1, "closed")
    assert [ask(name, secret) for name in ("override", "rerun")] == [409, 409]
    assert not Job.objects.filter(kind="pull").exists()
    news(row, 2, reopened=True)
    assert Job.objects.filter(kind="pull", state="waiting").count() == 1
    assert ask("override", secret) == HTTPStatus.OK
    news(row, 3, head=NEXT_HEAD)
    assert ask("override", secret) == HTTPStatus.CONFLICT  # the head that was seen is another one
    assert [check.overridden_at is None for check in PullRequestCheck.objects.order_by("pk")] == [False, True]


def test_a_merged_one_stays_as_it_was_decided(row: PullRequest) -> None:
    news(row, 1, "merged")
    secret = token_for(somebody("manager"), "write")
    assert [ask(name, secret) for name in ("override", "rerun")] == [409, 409]
    assert changed() == set()
