"""Roles: each has the rights of the ones before it, and pages offer nobody what would be refused."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client

from compliance.accounts.roles import Role, give, may, role_of
from compliance.models import Job
from tests.views.cast import World

SCANS = "/repositories/netra/scans/"


@pytest.mark.parametrize("role", Role)
def test_a_role_has_the_rights_of_the_lower_ones(db: None, role: Role) -> None:
    person = User.objects.create_user("dee")
    give(person, role)

    assert [other for other in Role if may(person, other)] == [other for other in Role if other <= role]


def test_a_new_role_replaces_the_former_one(db: None) -> None:
    person = User.objects.create_user("dee")
    give(person, Role.MANAGER)
    give(person, Role.ENGINEER)

    assert role_of(User.objects.get(pk=person.pk)) is Role.ENGINEER


def test_an_anonymous_or_inactive_user_has_no_role(db: None) -> None:
    assert role_of(AnonymousUser()) is None
    assert role_of(User.objects.create_user("gone", is_active=False, is_superuser=True)) is None


def test_a_viewer_sees_no_button_and_is_refused(ben: Client, netra: World) -> None:
    assert "Scan now" not in ben.get(SCANS).content.decode()

    answer = ben.post(f"{SCANS}now/")

    assert answer.status_code == 403
    assert "role of an engineer" in answer.content.decode()
    assert not Job.objects.exists()


def test_an_engineer_may_ask_for_a_scan(ben: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.ENGINEER)

    assert "Scan now" in ben.get(SCANS).content.decode()
    assert ben.post(f"{SCANS}now/").status_code == 302
    assert Job.objects.get().kind == "update"
