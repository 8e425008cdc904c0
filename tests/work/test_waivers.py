"""Waived violations stand beside the figures while the waiver lasts, and count again when it ends."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance import scans
from compliance.models import File, Repository, Snapshot, Violation, Waiver
from compliance.progress.waiver_figures import take_off
from compliance.work.waivers import WaiverError, end, end_overdue, waive
from tests.scans.upstream import NEW, OLD, PLAN, again, push, status, tracked
from tests.scans.verify import check_against_cold_scans

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


def test_a_whole_file_that_is_waived_counts_as_clean(repository: Repository, ben: User) -> None:
    before, places = figures(repository), len(standing("app/b.py"))

    waive(repository, ben, "Goes with the old server", NEXT_MONTH, glob="app/b.py")

    now = figures(repository)
    assert now.clean == before.clean + 1
    assert now.violations == before.violations - places
    assert now.files_with_violations == before.files_with_violations - 1
    row = File.objects.get(path="app/b.py")
    assert (row.status, row.violations, row.waived) == ("waived", 0, places)


def test_one_waived_place_leaves_the_file_open(repository: Repository, ben: User) -> None:
    before, (first, *others) = figures(repository), standing("app/b.py")

    waive(repository, ben, "Typing only", NEXT_MONTH, violation=first)

    now = figures(repository)
    assert (now.clean, now.violations) == (before.clean, before.violations - 1)
    assert now.by["rule"][first.rule][0] == before.by["rule"][first.rule][0] - 1
    row = File.objects.get(path="app/b.py")
    assert (row.status, row.violations, row.waived) == ("open", len(others), 1)


def test_ending_a_waiver_brings_everything_back(repository: Repository, ben: User) -> None:
    before = told(figures(repository))
    one = waive(repository, ben, "Typing only", None, violation=standing("app/b.py")[0])
    other = waive(repository, ben, "Goes", NEXT_MONTH, glob="app/**")

    end(one)
    end(other)

    assert told(figures(repository)) == before
    assert status("app/b.py") == "open"
    check_against_cold_scans(repository)


def test_a_waiver_ends_by_itself_after_its_last_day(repository: Repository, ben: User) -> None:
    before = told(figures(repository))
    row = waive(repository, ben, "Goes", timezone.localdate(), glob="app/b.py")
    assert end_overdue() == 0

    Waiver.objects.filter(pk=row.pk).update(until=timezone.localdate() - timedelta(days=1))

    assert (end_overdue(), end_overdue()) == (1, 0)
    assert told(figures(repository)) == before


def test_waived_violations_remain_waived_at_later_commits(
    repository: Repository, ben: User, folder: Path
) -> None:
    waive(repository, ben, "Typing only", None, violation=standing("app/b.py")[0])
    places = figures(repository).violations

    push(folder, "Move it down", app__b=f"# moved\n{OLD}", app__e=OLD)
    again(repository)

    now = figures(repository)
    assert now.violations == places + len(standing("app/e.py"))
    assert Violation.objects.get(waiver__isnull=False, last__isnull=True).line == 2


def test_a_waiver_also_takes_what_comes_later(repository: Repository, ben: User, folder: Path) -> None:
    waive(repository, ben, "Generated", None, glob="app/generated/*.py")
    before = figures(repository).violations

    push(folder, "Generate", app__generated__x=OLD)
    again(repository)

    assert figures(repository).violations == before
    assert status("app/generated/x.py") == "waived"


def test_a_waived_file_that_is_fixed_is_migrated(repository: Repository, ben: User, folder: Path) -> None:
    waive(repository, ben, "Goes", None, glob="app/b.py")
    before = figures(repository)

    push(folder, "Make it", app__b=NEW)
    again(repository)

    now = figures(repository)
    assert (now.clean, now.violations) == (before.clean, before.violations)
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


def test_a_reevaluated_history_is_net_of_waivers(repository: Repository, ben: User, folder: Path) -> None:
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
    assert len({violations for violations, *_ in before.values()}) > 3
    for row in Snapshot.objects.filter(plan=repository.plan):
        take_off(row, Counter())
        row.save()
    check_against_cold_scans(repository)


def trend(repository: Repository) -> dict[int | None, tuple[object, ...]]:
    """The figures of the line, by position."""
    shown = Snapshot.objects.filter(plan=repository.plan_id, commit__position__isnull=False)
    return {
        row.commit.position: (
            row.violations,
            row.clean,
            row.files_with_violations,
            row.by["rule"],
            row.by["category"],
        )
        for row in shown.select_related("commit")
    }
