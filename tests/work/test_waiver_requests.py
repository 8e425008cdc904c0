"""What happens to a request until somebody decides on it: moves, fixes, two decisions at once, or none."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from compliance import scans
from compliance.accounts.roles import Role
from compliance.integrations import delivery
from compliance.lib.dates import today
from compliance.models import Marker, Repository, Violation, Waiver
from compliance.people.identities import identity_of
from compliance.queries.worklist import suggestions
from compliance.work.waiver_matching import covered_by
from compliance.work.waivers import OWN, WaiverError, approve, end_overdue, request_waiver
from tests.scans.factories import person
from tests.scans.upstream import NEW, OLD, PLAN, again, push, tracked
from tests.scans.verify import run_jobs
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def repository(folder: Path) -> Repository:
    """`app/a.py` is migrated, `app/b.py` is open with the place of its import and that of its call."""
    return tracked(folder)


@pytest.fixture
def mia(db: None) -> User:
    return person("mia", Role.MANAGER)


def standing(repository: Repository, path: str) -> list[Violation]:
    rows = Violation.objects.filter(plan=repository.plan_id, file__path=path, last__isnull=True)
    return list(rows.select_related("file").order_by("line", "pk"))


def covered(waiver: Waiver) -> list[str]:
    fresh = Waiver.objects.select_related("repository").get(pk=waiver.pk)
    return sorted(f"{row.file.path}:{row.line}" for row in covered_by(fresh).select_related("file"))


def requested(repository: Repository, number: int = 1) -> Waiver:
    ben = person("ben")
    return request_waiver(
        repository, ben, "Typing only", None, violation=standing(repository, "app/b.py")[number]
    )


def test_a_request_follows_its_violation_until_it_is_approved(
    repository: Repository, mia: User, folder: Path
) -> None:
    waiver = requested(repository)
    push(folder, "Move it", app__b=None, app__bee=f"# moved\n{OLD}")
    repository = again(repository)
    push(folder, "Move it again", app__bee=None, app__bees=f"# moved\n# again\n{OLD}")
    repository = again(repository)
    assert covered(waiver) == ["app/bees.py:4"]
    scans.track(repository.url, slug=repository.slug, plan=PLAN.replace("call: high", "call: low"))
    repository = again(repository)
    assert covered(waiver) == ["app/bees.py:4"]
    push(folder, "Another one at the old place", app__b=OLD)
    repository = again(repository)

    approve(Waiver.objects.select_related("repository").get(pk=waiver.pk), mia)

    waiver.refresh_from_db()
    assert waiver.glob == "app/bees.py"
    assert covered(waiver) == ["app/bees.py:4"]
    assert Violation.objects.filter(waiver__isnull=False, plan=repository.plan_id).count() == 1
    assert "1 violation in app/bees.py waived" in Marker.objects.get(kind="waived").text


def test_a_request_whose_violation_is_gone_cannot_be_approved(
    repository: Repository, mia: User, folder: Path
) -> None:
    waiver = requested(repository)
    push(folder, "Fix it", app__b=NEW)
    again(repository)

    with pytest.raises(WaiverError, match=r"app/b\.py isn't open any more"):
        approve(waiver, mia)

    waiver.refresh_from_db()
    assert (waiver.state, Marker.objects.filter(kind="waived").exists()) == ("requested", False)


def test_a_request_for_files_can_be_approved_while_it_covers_nothing(
    repository: Repository, mia: User, folder: Path
) -> None:
    waiver = request_waiver(repository, person("ben"), "Generated", None, glob="generated/**")
    approve(waiver, mia)
    push(folder, "Generate it", app__b=None, generated__b=OLD)
    again(repository)
    assert covered(waiver) == ["generated/b.py:1", "generated/b.py:2"]


def test_of_two_decisions_at_once_one_counts(repository: Repository, mia: User) -> None:
    waiver, eve = requested(repository), person("eve", Role.MANAGER)

    def decide(by: User) -> str:
        try:
            approve(Waiver.objects.select_related("repository").get(pk=waiver.pk), by)
        except WaiverError as error:
            return str(error)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(decide, (mia, eve)))

    assert answers[0] == "This waiver isn't waiting for a decision: it is approved."
    assert answers[1] == "done"
    assert Marker.objects.filter(kind="waived").count() == 1
    assert Violation.objects.filter(waiver=waiver).count() == 1


def test_a_waiver_approved_by_its_requester_says_so_beside_the_comment(
    repository: Repository, mia: User
) -> None:
    waiver = requested(repository)
    eve = person("eve", Role.MANAGER)
    own = request_waiver(repository, mia, "Goes with its module", None, glob="app/b.py")
    assert own.state == "requested"
    User.objects.filter(pk=eve.pk).update(is_active=False)

    approve(own, mia, "Agreed in the meeting.")
    approve(waiver, mia, "Fine")

    assert (own.comment, waiver.comment) == (f"Agreed in the meeting. {OWN}", "Fine")


def test_nobody_decided_in_time(repository: Repository, mia: User, settings: Any) -> None:
    settings.EMAIL_READY = True
    ben = person("ben")
    waiver = request_waiver(repository, ben, "Rare", today(), glob="app/b\n.py")
    Waiver.objects.filter(pk=waiver.pk).update(until=today() - timedelta(days=1))
    with pytest.raises(WaiverError, match="is over"):
        approve(Waiver.objects.get(pk=waiver.pk), mia)

    assert end_overdue() == 1
    delivery.resume()
    run_jobs()

    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects == {
        "ben@example.org": "Nobody decided on the request for a waiver for app/b .py",
    }
    (told,) = (str(message.body) for message in mail.outbox if message.to == ["ben@example.org"])
    assert "no longer shown as accepted" not in told
    assert not Marker.objects.filter(kind="waiver over").exists()


def test_a_last_day_before_the_clocks_change_ends_at_the_change(
    repository: Repository, mia: User, settings: Any
) -> None:
    settings.TIME_ZONE = "America/Santiago"  # where the clocks go from midnight to 1:00
    waiver = Waiver.objects.create(
        repository=repository,
        glob="app/**",
        reason="Goes",
        until=date(2025, 9, 6),
        state="approved",
        decided_at=timezone.now(),
    )
    assert end_overdue() == 1
    waiver.refresh_from_db()
    assert waiver.ended_at is not None
    assert waiver.ended_at.isoformat() == "2025-09-07T04:00:00+00:00"


def test_lists_of_more_waivers_than_the_page_has_room_for_say_so(repository: Repository, mia: User) -> None:
    Waiver.objects.bulk_create(
        Waiver(
            repository=repository,
            glob=f"app/{number}.py",
            reason="<b>Rare</b>",
            state=state,
            decided_at=timezone.now() if state == "rejected" else None,
        )
        for state, count in (("requested", 51), ("rejected", 52))
        for number in range(count)
    )
    client = Client()
    client.force_login(mia)

    page = client.get(f"/repositories/{repository.slug}/waivers/").content.decode()

    assert 'Waiting for approval <span class="badge-count">51</span>' in page
    assert 'ended and expired <span class="badge-count">52</span>' in page
    assert "Only the oldest 50 are listed here. The CSV file has all." in page
    assert "Only the newest 50 are listed here. The CSV file has all." in page
    assert "<b>Rare" not in page


def test_a_waived_violation_does_not_rank_a_file_first(
    repository: Repository, mia: User, folder: Path
) -> None:
    push(folder, "Worse", app__z="from app.home import get_it\nx = get_it()\nget_it()\n")
    repository = again(repository)
    ben = person("ben")
    found = {one.file.path: one for one in suggestions(repository, identity_of(ben))}
    assert (found["app/b.py"].risk, found["app/z.py"].risk) == ("critical", "critical")

    for worst in (row for row in standing(repository, "app/b.py") if row.risk == "critical"):
        waive(repository, mia, "Stays", None, violation=worst)

    after = suggestions(repository, identity_of(ben))
    found = {one.file.path: one for one in after}
    assert found["app/b.py"].file.worst_risk == "critical"
    assert found["app/b.py"].risk not in ("", "critical")
    paths = [one.file.path for one in after]
    assert paths.index("app/z.py") < paths.index("app/b.py")
    assert "1 of them waived" in found["app/b.py"].reasons
