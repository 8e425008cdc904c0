"""Overrides by managers and re-runs by engineers, by API."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import CheckFinding, Job, PullRequest, PullRequestCheck, Repository
from compliance.pull_requests import override as decisions
from compliance.pull_requests.override import DecisionError, override, override_of, rerun
from compliance.pull_requests.verdict import key_of
from tests.pull_requests.factories import HEAD, NEXT_HEAD, checked, finding, opened
from tests.views.furnished import somebody, token_for

pytestmark = pytest.mark.django_db

API = "/api/v1/repositories/shop/pull-requests/41/"


@pytest.fixture
def row() -> PullRequest:
    shop = Repository.objects.create(slug="shop", name="Shop", url="https://git.example.org/shop.git")
    return opened(shop)


@pytest.fixture
def mia() -> User:
    return somebody("manager")


def call(person: User, verb: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token_for(person, 'write')}"}
    data = json.dumps(body).encode() if body is not None else b""
    return Client().generic("POST", API + verb, data, "application/json", headers=headers)


def test_an_override_passes_this_head_and_remembers_what_it_covers(row: PullRequest, mia: User) -> None:
    doubt = finding("app/big.py", "doubt", fingerprint="", message="too large", is_blocking=False)
    fixed = finding("app/c.py", "fixed", is_blocking=False)
    check = checked(row, findings=(finding(), doubt, fixed), blocking=1)

    override(row, mia, "  Hotfix for\nSHOP-12 ", HEAD)

    check.refresh_from_db()
    assert (check.state, check.reason) == ("passed", "Overridden by manager: Hotfix for SHOP-12")
    kept = override_of(check)
    assert kept is not None
    assert (kept.person, kept.reason, kept.total) == ("manager", "Hotfix for SHOP-12", 2)
    assert kept.covers({key_of(finding()), key_of(doubt)})
    assert not kept.covers({key_of(finding("app/d.py"))})


def test_of_more_findings_than_are_stored_as_many_others_are_covered(row: PullRequest, mia: User) -> None:
    check = override_of(override_with(row, mia, blocking=3))

    assert check is not None
    assert check.covers({key_of(finding()), key_of(finding("app/b.py")), key_of(finding("app/c.py"))})
    assert not check.covers({key_of(finding(f"app/{number}.py")) for number in range(4)})


def override_with(row: PullRequest, mia: User, **more: Any) -> Any:
    checked(row, findings=(finding(),), **more)
    return override(row, mia, "Hotfix", HEAD)


def test_the_former_account_of_the_manager_is_not_needed(row: PullRequest, mia: User) -> None:
    check = override_with(row, mia)
    mia.delete()
    check.refresh_from_db()

    kept = override_of(check)
    assert kept is not None
    assert kept.person == "a former user"


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_only_open_pull_requests_are_decided_on(row: PullRequest, mia: User, state: str) -> None:
    checked(row)
    row.state = state
    with pytest.raises(DecisionError, match=f"#41 is {state}"):
        override(row, mia, "Hotfix", HEAD)
    with pytest.raises(DecisionError, match=f"#41 is {state}"):
        rerun(row, mia)


def test_only_a_verdict_that_somebody_has_seen_is_overridden(row: PullRequest, mia: User) -> None:
    with pytest.raises(DecisionError, match="hasn't been judged yet"):
        override(row, mia, "Hotfix", HEAD)
    check = checked(row, "pending", judged_at=None)
    with pytest.raises(DecisionError, match="hasn't been judged yet"):
        override(row, mia, "Hotfix", HEAD)
    type(check).objects.update(state="passed", judged_at=check.requested_at)
    with pytest.raises(DecisionError, match="has passed"):
        override(row, mia, "Hotfix", HEAD)
    with pytest.raises(DecisionError, match="The head is aaaaaaaaaa by now"):
        override(row, mia, "Hotfix", NEXT_HEAD)
    with pytest.raises(DecisionError, match="Say why"):
        override(row, mia, " \n", HEAD)


def test_an_error_without_findings_is_accepted_as_such(row: PullRequest, mia: User) -> None:
    checked(row, "error", reason="The fork can't be read.")
    kept = override_of(override(row, mia, "Read by hand", HEAD))

    assert kept is not None
    assert kept.accepts_error
    assert not kept.covers({key_of(finding())})


def test_a_new_head_needs_a_new_override(row: PullRequest, mia: User) -> None:
    override_with(row, mia)
    row.head_sha = NEXT_HEAD
    row.save()
    check = checked(row, findings=(finding(),))

    assert override_of(check) is None
    assert decisions.obstacle(row, check) == ""


def test_programs_override_and_judge_again(row: PullRequest, mia: User) -> None:
    checked(row, findings=(finding(),))
    engineer = somebody("engineer")
    body = {"reason": "Hotfix", "head": HEAD}
    assert call(engineer, "override", body).status_code == 403
    answer = call(engineer, "rerun")
    job = Job.objects.get(kind="pull")
    assert (answer.status_code, answer.json()) == (202, {"number": 41, "head": HEAD, "job": job.pk})
    assert (job.key, job.cause) == ("41", "re-run of pull request #41 by engineer")
    assert call(mia, "override", {**body, "head": NEXT_HEAD}).status_code == 409
    told = call(mia, "override", body)
    assert (told.status_code, told.json()["state"], told.json()["blocking"]) == (200, "passed", 1)
    assert call(mia, "override", body).json()["detail"].startswith("This check has passed")


def test_activity_lists_each_override(row: PullRequest, mia: User) -> None:
    checked(row, findings=(finding(),))
    call(mia, "override", {"reason": "Hotfix", "head": HEAD})
    client = Client()
    client.force_login(mia)

    rows = client.get("/activity/?kind=override").content.decode()
    assert rows.count("#41 at aaaaaaaaaa: Hotfix") == 1


def test_a_pull_request_of_another_repository_is_not_found(row: PullRequest, mia: User) -> None:
    Repository.objects.create(slug="other", name="Other", url="https://git.example.org/other.git")
    headers = {"Authorization": f"Bearer {token_for(mia, 'write')}"}
    address = API.replace("shop", "other") + "rerun"
    assert Client().post(address, headers=headers).status_code == 404


def test_only_what_blocks_is_covered(row: PullRequest, mia: User) -> None:
    harmless = finding("app/z.py", is_blocking=False)
    check = checked(row, findings=(finding(), harmless))
    override(row, mia, "Hotfix", HEAD)
    check.refresh_from_db()
    kept = override_of(check)

    assert kept is not None
    assert not kept.covers({key_of(harmless)})
    assert CheckFinding.objects.filter(pull_request_check=check).count() == 2


def test_a_merge_group_passes_with_the_overrides_of_its_pull_requests(row: PullRequest, mia: User) -> None:
    group = PullRequestCheck.objects.create(
        repository=row.repository, merge_group="gh-readonly-queue/main/pr-41", head_sha=NEXT_HEAD
    )
    assert override_of(group) is None
    override_with(row, mia)
    other = opened(row.repository, 42, head="c" * 40)
    checked(other, findings=(finding("app/b.py"),))
    override(other, mia, "Agreed", "c" * 40)

    kept = override_of(group)
    assert kept is not None
    assert (kept.person, kept.reason) == ("manager", "#41: Hotfix; #42: Agreed")
    assert kept.covers({key_of(finding()), key_of(finding("app/b.py"))})
    assert not kept.covers({key_of(finding("app/c.py"))})
    PullRequest.objects.update(head_sha=NEXT_HEAD)
    assert override_of(group) is None


def test_the_page_of_a_pull_request_has_the_forms_of_those_who_may_decide(
    row: PullRequest, mia: User
) -> None:
    page = "/repositories/shop/pull-requests/41/"
    checked(row, findings=(finding(),))
    client = Client()
    client.force_login(somebody("engineer"))
    shown = client.get(page).content.decode()
    assert ("Check again" in shown, "Override verdict" in shown) == (True, False)
    assert client.post(f"{page}override/", {"reason": "Hotfix", "head": HEAD}).status_code == 403
    answer = client.post(f"{page}rerun/", follow=True).content.decode()
    assert "Pull request #41 is being judged again." in answer
    client.force_login(mia)
    assert f'<input type="hidden" name="head" value="{HEAD}">' in client.get(page).content.decode()
    stale = client.post(f"{page}override/", {"reason": "Hotfix", "head": NEXT_HEAD}, follow=True)
    assert "The head is aaaaaaaaaa by now." in stale.content.decode()
    answer = client.post(f"{page}override/", {"reason": "Hotfix", "head": HEAD}, follow=True).content.decode()
    assert "Pull request #41 passes at aaaaaaaaaa." in answer
    assert "Override verdict" not in answer
