"""The policy for pull requests: set by managers on the page and by API, audited, and applied again."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import GatePolicy, Job, Repository
from compliance.pull_requests.policy import PolicyError, policy_of, policy_sentences, set_policy
from compliance.pull_requests.verdict import Level, Policy, Suppressions
from tests.views.furnished import somebody, token_for

pytestmark = pytest.mark.django_db

URL, API = "/repositories/shop/settings/pull-requests/", "/api/v1/repositories/shop/gate-policy"
FORM = {"level": "warn", "suppressions": "warn", "locks": "1", "comments": "1"}


@pytest.fixture
def shop() -> Repository:
    return Repository.objects.create(slug="shop", name="Shop", url="https://git.example.org/shop.git")


@pytest.fixture
def mia() -> User:
    return somebody("manager")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def call(person: User, method: str, body: dict[str, Any] | None = None, scope: str = "write") -> Any:
    headers = {"Authorization": f"Bearer {token_for(person, scope)}"}
    data = json.dumps(body).encode() if body is not None else b""
    return Client().generic(method, API, data, "application/json", headers=headers)


def test_without_a_row_the_defaults_hold(shop: Repository) -> None:
    assert policy_of(shop) == Policy(Level.WARN, {}, Suppressions.WARN, locks=True, comments=True)


def test_a_change_is_stored_and_has_the_open_heads_judged_again(shop: Repository, mia: User) -> None:
    policy = set_policy(shop, mia, {"level": "block", "by_risk": {"low": "off"}})

    assert policy == policy_of(shop) == Policy(Level.BLOCK, {"low": Level.OFF})
    job = Job.objects.get(kind="recheck")
    assert (job.repository, job.cause, job.person) == (shop, "policy changed by manager", mia)
    assert set_policy(shop, mia, {"locks": False}) == Policy(Level.BLOCK, {"low": Level.OFF}, locks=False)


def test_what_changes_nothing_leaves_no_trace(shop: Repository, mia: User) -> None:
    set_policy(shop, mia, {"level": "warn", "by_risk": {}, "locks": True})

    assert not Job.objects.exists()
    assert not GatePolicy.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"level": "strict"}, "The level can't be “strict”. Choose one of block, warn, off."),
        ({"suppressions": "off"}, "The policy for suppressions can't be “off”."),
        ({"by_risk": {"high": "no"}}, "The level of high risk can't be “no”."),
        ({"by_risk": {"urgent": "block"}}, "There is no risk “urgent”. The risks are critical, high,"),
    ],
)
def test_unknown_values_are_refused(shop: Repository, mia: User, values: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said.replace(".", r"\.")):
        set_policy(shop, mia, values)
    answer = browser(mia).post(URL, {**FORM, "level": "strict"}, follow=True)
    assert "can&#x27;t be “strict”" in answer.content.decode()
    assert policy_of(shop) == Policy()


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            Policy(),
            "New violations are counted in the status but don't block. A new violation in a file that was "
            "clean or migrated before blocks as well. Violations that a pull request suppresses by comments, "
            "or moves out of the plan's figures, are counted in the status but don't block.",
        ),
        (
            Policy(Level.WARN, {"critical": Level.BLOCK, "high": Level.BLOCK}, locks=False, comments=False),
            "New violations: those of critical and high risk block the pull request; those of medium and low "
            "risk are counted in the status but don't block. Violations that a pull request suppresses by "
            "comments, or moves out of the plan's figures, are counted in the status but don't block. "
            "No comments are written on pull requests.",
        ),
        (Policy(Level.OFF), "Pull requests are not judged: the policy is off for every risk."),
    ],
)
def test_a_policy_is_described(policy: Policy, said: str) -> None:
    assert " ".join(policy_sentences(policy)) == said


def test_a_manager_sets_it_on_the_settings_page(shop: Repository, mia: User) -> None:
    client = browser(mia)
    answer = client.post(URL, {**FORM, "level": "block", "risk-low": "off", "locks": ""}, follow=True)

    assert "The policy for pull requests is saved." in answer.content.decode()
    assert policy_of(shop) == Policy(Level.BLOCK, {"low": Level.OFF}, locks=False)
    page = client.get("/repositories/shop/settings/").content.decode()
    assert "those of low risk are ignored" in page
    assert re.search(r'<option value="block"\s+selected>Block', page)


def test_others_only_read_it(shop: Repository) -> None:
    engineer = somebody("engineer")
    assert browser(engineer).post(URL, FORM).status_code == 403
    page = browser(engineer).get("/repositories/shop/settings/").content.decode()
    assert "Only managers can change this policy." in page
    assert 'name="suppressions"' not in page
    assert call(engineer, "PUT", {"level": "off"}).status_code == 403
    assert call(engineer, "GET", scope="read").json() == {
        "level": "warn", "by_risk": {}, "suppressions": "warn", "locks": True, "comments": True
    }  # fmt: skip


def test_programs_set_it(shop: Repository, mia: User) -> None:
    answer = call(mia, "PUT", {"by_risk": {"critical": "block"}, "comments": False})

    assert (answer.status_code, answer.json()["by_risk"]) == (200, {"critical": "block"})
    assert policy_of(shop) == Policy(by_risk={"critical": Level.BLOCK}, comments=False)
    assert call(mia, "PUT", {"level": "strict"}).status_code == 422
    assert call(mia, "PUT", {"by_risk": {"urgent": "block"}}).status_code == 409


def test_activity_lists_each_change(shop: Repository, mia: User) -> None:
    client = browser(mia)
    client.post(URL, {**FORM, "level": "block", "risk-low": "off"})
    client.post(URL, FORM)

    rows = client.get("/activity/?kind=policy+for+pull+requests").content.decode()
    assert "block, low off; suppressions warn; locks on" in rows
    assert "warn; suppressions warn; locks on" in rows
