"""What a waiver covers if waivers overlap, a file is renamed or unreadable, or the plan changes."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from compliance import scans
from compliance.lib.dates import today
from compliance.models import Claim, File, Phase, Repository, Snapshot, Violation, Waiver
from compliance.work.claims import claim
from compliance.work.waiver_matching import apply
from compliance.work.waivers import end, end_overdue
from tests.scans.upstream import NEW, OLD, PLAN, again, push, status, tracked
from tests.scans.verify import check_against_cold_scans
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def repository(folder: Path) -> Repository:
    """`app/a.py` is migrated, `app/b.py` is open with the place of its import and that of its call."""
    return tracked(folder)


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben")


def figures(repository: Repository) -> Snapshot:
    repository.refresh_from_db()
    return Snapshot.objects.get(plan=repository.plan_id, commit=repository.head_id)


def standing(path: str) -> list[Violation]:
    rows = Violation.objects.filter(file__path=path, last__isnull=True, plan=F("file__repository__plan"))
    return list(rows.order_by("line", "pk"))


def covered(repository: Repository) -> dict[str, list[str]]:
    """Reason of a waiver -> where it covers something."""
    found: dict[str, list[str]] = {}
    rows = Violation.objects.filter(plan=repository.plan_id, last__isnull=True, waiver__isnull=False)
    for row in rows.select_related("file", "waiver").order_by("file__path", "line", "pk"):
        assert row.waiver is not None
        found.setdefault(row.waiver.reason, []).append(f"{row.file.path}:{row.line}")
    return found


def test_an_overlapping_waiver_counts_once_and_takes_over(repository: Repository, ben: User) -> None:
    first = waive(repository, ben, "First", None, violation=standing("app/b.py")[0])
    second = waive(repository, ben, "Second", None, glob="app/b*")
    third = waive(repository, ben, "Third", today() + timedelta(days=3), glob="app/**")
    assert covered(repository) == {
        "First": ["app/b.py:1"],
        "Second": ["app/b.py:2"],
        "Third": ["app/home.py:1"],
    }
    assert figures(repository).waived_violations == figures(repository).violations == 3
    apply(repository)
    assert covered(repository)["First"] == ["app/b.py:1"]

    end(first)
    assert covered(repository) == {"Second": ["app/b.py:1", "app/b.py:2"], "Third": ["app/home.py:1"]}
    end(second)
    assert covered(repository) == {"Third": ["app/b.py:1", "app/b.py:2", "app/home.py:1"]}
    Waiver.objects.filter(pk=third.pk).update(until=today() - timedelta(days=1))
    apply(repository)  # a commit that comes before the expiry was noticed
    assert covered(repository) == {}
    assert end_overdue() == 1
    assert (figures(repository).waived, figures(repository).violations) == ({}, 3)


def test_a_waiver_for_one_violation_follows_a_renamed_file_and_another_plan(
    repository: Repository, ben: User, folder: Path
) -> None:
    waive(repository, ben, "Typing only", None, violation=standing("app/b.py")[1])
    push(folder, "Move it", app__b=None, app__bee=f"# moved\n{OLD}")
    repository = again(repository)
    assert covered(repository) == {"Typing only": ["app/bee.py:3"]}

    scans.track(repository.url, slug=repository.slug, plan=PLAN.replace("call: high", "call: low"))
    repository = again(repository)
    assert repository.plan is not None
    assert repository.plan.number == 2
    assert covered(repository) == {"Typing only": ["app/bee.py:3"]}
    assert figures(repository).waived_violations == 1

    push(folder, "The same place again", app__b=OLD)
    repository = again(repository)
    assert covered(repository) == {"Typing only": ["app/bee.py:3"]}
    push(folder, "Fix it", app__bee=f"# moved\n{NEW}")
    assert covered(again(repository)) == {}


def test_a_rename_ends_and_begins_a_waiver_for_files(repository: Repository, ben: User, folder: Path) -> None:
    waive(repository, ben, "Generated", None, glob="generated/*.py")
    push(folder, "Generate it", app__b=None, generated__b=OLD)
    repository = again(repository)
    assert covered(repository) == {"Generated": ["generated/b.py:1", "generated/b.py:2"]}
    assert status("generated/b.py") == "waived"

    push(folder, "Write it by hand", generated__b=None, app__b=OLD)
    repository = again(repository)
    assert covered(repository) == {}
    assert (figures(repository).waived, status("app/b.py")) == ({}, "open")
    check_against_cold_scans(repository)


def test_a_waived_file_that_could_not_be_read_is_not_clean(
    repository: Repository, ben: User, folder: Path
) -> None:
    push(folder, "Break it", app__b=f"{OLD}def (:\n    get_it()\n")
    repository = again(repository)
    waive(repository, ben, "Goes", None, glob="app/b.py")

    now, row = figures(repository), File.objects.get(path="app/b.py")
    assert now.unparsed == 1
    assert (now.clean_with_waivers, now.waived_violations) == (now.clean, len(standing("app/b.py")))
    assert (row.status, row.left_to_fix) == ("open", 0)


def test_a_waiver_releases_a_claim_and_completes_none(
    repository: Repository, ben: User, folder: Path
) -> None:
    (row,) = claim([File.objects.get(path="app/b.py")], ben)
    first, _ = standing("app/b.py")
    waive(repository, ben, "Typing only", None, violation=first)
    row.refresh_from_db()
    assert (row.state, status("app/b.py")) == ("active", "claimed")

    waive(repository, ben, "Goes", None, glob="app/b.py")

    row.refresh_from_db()
    assert (row.state, row.completed_by, status("app/b.py")) == ("released", None, "waived")
    push(folder, "Fix one", app__b="from app.home import get_it\n")
    again(repository)
    assert not Claim.objects.exclude(state="released").exists()
    assert status("app/b.py") == "waived"


def with_criterion(plan: str, title: str, criterion: str) -> str:
    return plan.replace(f'title: "{title}"', f'title: "{title}", criteria: [{criterion}]')


ACCEPTING = with_criterion(PLAN, "Rest", "{kind: violations, max: 1, accept_waivers: true}")
ACCEPTING = with_criterion(ACCEPTING, "Calls", "{kind: compliance, min: 60, accept_waivers: true}")


def test_only_a_criterion_that_accepts_waivers_counts_them_as_fixed(folder: Path, ben: User) -> None:
    repository = tracked(folder, ACCEPTING)
    assert set(Phase.objects.filter(closed_at__isnull=False).values_list("key", flat=True)) == set()

    waiver = waive(repository, ben, "Goes", None, glob="app/b.py")

    assert set(Phase.objects.filter(closed_at__isnull=False).values_list("key", flat=True)) == {
        "first",
        "second",
    }
    push(folder, "Note", app__c="print(2)\n")
    repository = again(repository)
    scans.track(repository.url, slug=repository.slug, plan=ACCEPTING.replace("call: high", "call: low"))
    repository = again(repository)
    assert Phase.objects.filter(closed_at__isnull=False).count() == 2

    scans.track(repository.url, slug=repository.slug, plan=ACCEPTING.replace(", accept_waivers: true", ""))
    repository = again(repository)
    assert Phase.objects.filter(closed_at__isnull=False).count() == 0
    scans.track(repository.url, slug=repository.slug, plan=ACCEPTING)
    again(repository)
    assert Phase.objects.filter(closed_at__isnull=False).count() == 2
    end(waiver)
    assert Phase.objects.filter(closed_at__isnull=False).count() == 0
