"""Waived violations are shown beside the figures while the waiver lasts, and the figures include them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance import scans
from compliance.models import File, Repository, Snapshot, Violation, Waiver
from compliance.work.waivers import WaiverError, end, end_overdue
from tests.scans.upstream import NEW, OLD, PLAN, again, push, status, tracked
from tests.scans.verify import check_against_cold_scans
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NEXT_MONTH = timezone.localdate() + timedelta(days=30)


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
    return list(Violation.objects.filter(file__path=path, last__isnull=True).order_by("line"))


def told(row: Snapshot) -> tuple[object, ...]:
    return row.clean, row.violations, row.files_with_violations, row.by


def test_a_waived_file_counts_as_before_and_is_shown_as_waived(repository: Repository, ben: User) -> None:
    before, places = figures(repository), len(standing("app/b.py"))

    waive(repository, ben, "Goes with the old server", NEXT_MONTH, glob="app/b.py")

    now = figures(repository)
    assert told(now) == told(before)
    assert (now.clean_with_waivers, now.waived_violations) == (before.clean + 1, places)
    assert now.waived["rule:shared:files"] == now.waived["files_with_violations"] == 1
    row = File.objects.get(path="app/b.py")
    assert (row.status, row.violations, row.waived, row.left_to_fix) == ("waived", places, places, 0)
    check_against_cold_scans(repository)


def test_one_waived_place_leaves_the_file_open(repository: Repository, ben: User) -> None:
    before, (first, *others) = figures(repository), standing("app/b.py")

    waive(repository, ben, "Typing only", NEXT_MONTH, violation=first)

    now = figures(repository)
    assert told(now) == told(before)
    assert (now.clean_with_waivers, now.waived_violations) == (before.clean, 1)
    assert (now.waived["rule:shared:violations"], "files_with_violations" in now.waived) == (1, False)
    row = File.objects.get(path="app/b.py")
    assert (row.status, row.violations, row.waived) == ("open", len(others) + 1, 1)


def test_ending_a_waiver_brings_everything_back(repository: Repository, ben: User) -> None:
    before = told(figures(repository))
    one = waive(repository, ben, "Typing only", None, violation=standing("app/b.py")[0])
    other = waive(repository, ben, "Goes", NEXT_MONTH, glob="app/**")

    end(one)
    end(other)

    assert told(figures(repository)) == before
    assert (figures(repository).waived, status("app/b.py")) == ({}, "open")
    check_against_cold_scans(repository)


def test_a_waiver_ends_by_itself_after_its_last_day(repository: Repository, ben: User) -> None:
    before = told(figures(repository))
    row = waive(repository, ben, "Goes", timezone.localdate(), glob="app/b.py")
    assert end_overdue() == 0

    Waiver.objects.filter(pk=row.pk).update(until=timezone.localdate() - timedelta(days=1))

    assert (end_overdue(), end_overdue()) == (1, 0)
    row.refresh_from_db()
    assert (row.state, told(figures(repository)), figures(repository).waived) == ("expired", before, {})


def test_waived_violations_remain_waived_at_later_commits(
    repository: Repository, ben: User, folder: Path
) -> None:
    waive(repository, ben, "Typing only", None, violation=standing("app/b.py")[0])
    places = figures(repository).violations

    push(folder, "Move it down", app__b=f"# moved\n{OLD}", app__e=OLD)
    again(repository)

    now = figures(repository)
    assert (now.violations, now.waived_violations) == (places + len(standing("app/e.py")), 1)
    assert Violation.objects.get(waiver__isnull=False, last__isnull=True).line == 2


def test_a_waiver_also_takes_what_comes_later(repository: Repository, ben: User, folder: Path) -> None:
    waive(repository, ben, "Generated", None, glob="app/generated/*.py")
    before = figures(repository).violations

    push(folder, "Generate", app__generated__x=OLD)
    again(repository)

    places = len(standing("app/generated/x.py"))
    now = figures(repository)
    assert (now.violations, now.waived_violations) == (before + places, places)
    assert status("app/generated/x.py") == "waived"


def test_a_waived_file_that_is_fixed_is_migrated(repository: Repository, ben: User, folder: Path) -> None:
    waive(repository, ben, "Goes", None, glob="app/b.py")
    before = figures(repository)

    push(folder, "Make it", app__b=NEW)
    again(repository)

    now = figures(repository)
    assert (now.clean, now.clean_with_waivers) == (before.clean + 1, before.clean_with_waivers)
    assert (status("app/b.py"), now.waived) == ("migrated", {})


@pytest.mark.parametrize(
    ("reason", "until", "glob", "words"),
    [
        (" ", NEXT_MONTH, "app/b.py", "Give a reason"),
        ("Goes", date(2020, 1, 1), "app/b.py", "is in the past"),
        ("Goes", NEXT_MONTH, " ", "Enter a glob for the files"),
    ],
)
def test_a_waiver_needs_a_reason_a_scope_and_an_end(
    repository: Repository, ben: User, reason: str, until: date, glob: str, words: str
) -> None:
    with pytest.raises(WaiverError, match=words):
        waive(repository, ben, reason, until, glob=glob)

    assert not Waiver.objects.exists()


def test_another_plan_knows_what_was_waived_when(repository: Repository, ben: User, folder: Path) -> None:
    push(folder, "Use it more", app__d=OLD, app__e=OLD)
    again(repository)
    waive(repository, ben, "One place", None, violation=standing("app/d.py")[0])
    ending = waive(repository, ben, "For a while", None, glob="app/b.py")
    push(folder, "Note", app__c="print(2)\n")
    again(repository)
    end(ending)
    push(folder, "Note again", app__c="print(3)\n")
    again(repository)
    waive(repository, ben, "Late", None, glob="app/e.py", rule="shared")
    push(folder, "Note once more", app__c="print(4)\n")
    again(repository)
    before = trend(repository)

    scans.track(repository.url, slug=repository.slug, plan=PLAN.replace("call: high", "call: low"))
    again(repository)

    assert repository.plan is not None
    assert repository.plan.number == 2
    assert trend(repository) == before
    assert [row.get("violations", 0) for row in before.values()] == [0, 0, 0, 3, 1, 3, 3]
    check_against_cold_scans(repository)


def trend(repository: Repository) -> dict[int | None, dict[str, int]]:
    """Return what was waived at each position, except by risk, which another plan changes."""
    shown = Snapshot.objects.filter(plan=repository.plan_id, commit__position__isnull=False)
    return {
        row.commit.position: {name: n for name, n in row.waived.items() if not name.startswith("risk:")}
        for row in shown.select_related("commit").order_by("commit__position")
    }
