"""Waivers over HTTP: one person requests, another one decides, and the figures stay as they are."""

import pytest
from django.contrib.auth.models import User

from compliance.accounts.roles import Role
from compliance.accounts.roles import give as give_role
from compliance.models import Snapshot, Waiver
from tests.api.conftest import Send, give
from tests.views.cast import World


@pytest.fixture
def ben(db: None) -> User:
    """An engineer."""
    made = User.objects.create_user("ben")
    give_role(made, Role.ENGINEER)
    return made


def test_a_violation_is_waived_until_the_waiver_ends(
    send: Send, netra: World, person: User, ben: User
) -> None:
    violation = next(row for row in netra.standing if row.counted)
    before = Snapshot.objects.get(commit=netra.head)

    asked = send("POST", "netra/waivers", give(ben), {"finding": violation.pk, "reason": "Typing only"})

    assert (asked.status, asked.body["state"], asked.body["violations"]) == (201, "requested", 0)
    assert (asked.body["person"], asked.body["decided_by"], asked.body["ended_at"]) == ("ben", None, None)
    assert send("GET", "netra/waivers?state=requested", give(ben)).body["items"] == [asked.body]
    assert send("GET", "netra/waivers?state=lasting", give(ben)).body["items"] == []

    address = f"netra/waivers/{asked.body['id']}"
    given = send("POST", f"{address}/approve", give(person), {"comment": "Until May"})
    assert (given.status, given.body["state"], given.body["violations"]) == (200, "approved", 1)
    assert (given.body["person"], given.body["decided_by"]) == ("ben", person.username)
    assert (given.body["comment"], given.body["reason"]) == ("Until May", "Typing only")
    assert send("GET", "netra/waivers?state=lasting", give(ben)).body["items"] == [given.body]
    now = Snapshot.objects.get(commit=netra.head)
    assert (now.violations, now.waived_violations) == (before.violations, 1)
    finding = send("GET", f"netra/findings/{violation.pk}", give(ben)).body
    assert (finding["state"], finding["reason"]) == ("waived", "Typing only")
    listed = send("GET", "netra/findings?limit=200", give(ben)).body["items"]
    assert violation.pk in {row["id"] for row in listed}
    unaccepted = send("GET", "netra/findings?limit=200&state=standing", give(ben)).body["items"]
    assert {row["id"] for row in listed} - {row["id"] for row in unaccepted} == {violation.pk}

    ended = send("POST", f"{address}/end", give(person))
    assert (ended.body["state"], bool(ended.body["ended_at"])) == ("ended", True)
    assert Snapshot.objects.get(commit=netra.head).waived == {}
    assert send("GET", "netra/waivers?state=ended", give(ben)).body["items"] == [ended.body]


def test_status_and_commits_show_the_figures_with_and_without_waivers(
    send: Send, netra: World, person: User, ben: User
) -> None:
    give_role(User.objects.create_user("eve"), Role.MANAGER)
    file = next(row.file for row in netra.standing if row.counted)
    asked = send("POST", "netra/waivers", give(ben), {"glob": file.path, "reason": "Goes"})
    send("POST", f"netra/waivers/{asked.body['id']}/approve", give(person), {})

    status = send("GET", "netra/verdict", give(ben)).body
    commit = send("GET", f"netra/commits/{netra.head.sha}", give(ben)).body

    figures = Snapshot.objects.get(commit=netra.head)
    assert (status["clean"], status["clean_with_waivers"]) == (figures.clean, figures.clean + 1)
    assert status["percent"] < status["percent_with_waivers"]
    assert status["waived"] == figures.waived["violations"] < status["violations"]
    for name in ("clean", "clean_with_waivers", "percent", "percent_with_waivers", "waived", "violations"):
        assert commit[name] == status[name], name


def test_requests_are_decided_by_others_and_only_once(
    send: Send, netra: World, person: User, ben: User
) -> None:
    whole = {"glob": "netra/**", "reason": "All of it"}
    give_role(User.objects.create_user("eve"), Role.MANAGER)

    asked = send("POST", "netra/waivers", give(ben), whole).body
    address = f"netra/waivers/{asked['id']}"
    assert send("POST", f"{address}/approve", give(ben), {}).status == 403
    twice = send("POST", "netra/waivers", give(ben), whole)
    assert (twice.status, "already requested" in twice.body["detail"]) == (409, True)
    assert send("POST", f"{address}/reject", give(person), {}).status == 422
    rejected = send("POST", f"{address}/reject", give(person), {"comment": "Too much"}).body
    assert (rejected["state"], rejected["comment"], rejected["ended_at"]) == ("rejected", "Too much", None)
    late = send("POST", f"{address}/approve", give(person), {})
    assert (late.status, "it is rejected" in late.body["detail"]) == (409, True)

    own = send("POST", "netra/waivers", give(person), whole).body
    refused = send("POST", f"netra/waivers/{own['id']}/approve", give(person), {})
    assert (refused.status, "somebody else must decide: eve" in refused.body["detail"]) == (403, True)
    assert send("POST", f"netra/waivers/{own['id']}/end", give(ben)).status == 403
    assert send("POST", f"netra/waivers/{own['id']}/end", give(person)).body["state"] == "ended"
    assert Snapshot.objects.get(commit=netra.head).waived == {}
    over = {**whole, "until": "2020-01-01"}
    assert "in the past" in send("POST", "netra/waivers", give(person), over).body["detail"]
    assert Waiver.objects.count() == 2
