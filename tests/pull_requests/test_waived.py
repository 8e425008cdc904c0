"""Which approved waivers cover what a head adds."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance.lib.dates import today
from compliance.models import CheckFinding, Waiver
from compliance.pull_requests.waived import covered
from tests.pull_requests.factories import finding
from tests.views.cast import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def netra() -> World:
    return world(files=3, commits=2)


def waiver(netra: World, state: str = "approved", **more: Any) -> Waiver:
    values = {"reason": "By hand", "decided_at": timezone.now() if state == "approved" else None, **more}
    return Waiver.objects.create(repository=netra.repository, state=state, **values)


def covering(netra: World, found: CheckFinding) -> Waiver | None:
    return covered(netra.repository, [found]).get(found)


def saved(**more: Any) -> CheckFinding:
    """A finding that can be a key, which rows without one can't."""
    return finding(pk=1, **more)


def test_a_waiver_for_files_covers_its_rule_in_paths_that_match(netra: World) -> None:
    given = waiver(netra, glob="app/legacy/*.py", rule="old")

    assert covering(netra, saved(path="app/legacy/new.py")) == given
    assert covering(netra, saved(path="app/legacy/new.py", rule="other")) is None
    assert covering(netra, saved(path="app/legacy/deep/new.py")) is None
    anything = waiver(netra, glob="app/**")
    assert covering(netra, saved(path="app/legacy/new.py", rule="other")) == anything


@pytest.mark.parametrize("state", ["requested", "rejected"])
def test_only_approved_waivers_cover_anything(netra: World, state: str) -> None:
    at = timezone.now() if state == "rejected" else None
    waiver(netra, state, glob="app/**", decided_at=at)

    assert covering(netra, saved()) is None


def test_a_waiver_covers_through_its_last_day(netra: World) -> None:
    given = waiver(netra, glob="app/**", until=today())
    assert covering(netra, saved()) == given
    Waiver.objects.update(until=today() - timedelta(days=1))
    assert covering(netra, saved()) is None


def test_the_first_approval_counts(netra: World) -> None:
    first = waiver(netra, glob="app/**", decided_at=timezone.now() - timedelta(days=1))
    waiver(netra, glob="app/*.py", decided_at=timezone.now())

    assert covering(netra, saved()) == first


def test_a_waiver_for_one_violation_covers_it_where_it_is_now_and_once(netra: World) -> None:
    violation = netra.standing[0]
    given = waiver(netra, glob="app/former.py", fingerprint="f0")
    place = {"path": violation.file.path, "fingerprint": violation.fingerprint}
    assert covering(netra, saved(path="app/former.py", fingerprint="f0")) == given
    violation.waiver = given
    violation.save()

    same, twin = saved(**place), finding(pk=2, **place)
    assert covered(netra.repository, [same, twin]) == {same: given}
    assert covering(netra, saved(path="app/former.py", fingerprint="f0")) is None
    assert covering(netra, saved(path="app/other.py", fingerprint=violation.fingerprint)) is None


def test_a_violation_that_comes_back_keeps_its_waiver(netra: World) -> None:
    violation = netra.standing[0]
    given = waiver(netra, glob=violation.file.path, fingerprint=violation.fingerprint)
    violation.waiver = given
    violation.save()
    netra.commit("Fix it", fix=1)
    back = saved(path=violation.file.path, fingerprint=violation.fingerprint)

    assert covering(netra, back) == given


def test_the_waivers_of_another_repository_do_not_count(netra: World) -> None:
    person = User.objects.create_user("mia")
    waiver(netra, glob="app/**", person=person)
    other = world(slug="other", files=3, commits=2)

    assert covered(other.repository, [saved()]) == {}
