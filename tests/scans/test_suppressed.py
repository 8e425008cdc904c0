"""A violation that a comment suppresses is not fixed, and one that counts again is nobody's regression."""

from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.models import Change, File, Repository, Snapshot, Violation
from compliance.people.identities import identity_of
from compliance.progress.regressions import regressions
from compliance.queries.violations import ViolationFilter
from compliance.queries.worklist import suggestions
from compliance.work.claims import claim
from tests.scanner.history import write_history
from tests.scans.factories import point
from tests.scans.upstream import HISTORY, NEW, OLD, again, git, push, status, tracked
from tests.scans.verify import check_against_cold_scans, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BEHIND = OLD.replace("get_it()\n", "get_it()  # ssot: ignore[shared] because it waits\n")
SILENT = BEHIND.replace("import get_it\n", "import get_it  # ssot: ignore[shared] because it waits\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "r.git"
    write_history(folder, list(HISTORY))
    return folder


def figures(repository: Repository) -> tuple[int, int, int, int, int]:
    """New, fixed, suppressed, restored and left of the newest commit."""
    s = Snapshot.objects.get(commit=repository.head, plan=repository.plan)
    return s.new, s.fixed, s.newly_suppressed, s.restored, s.violations


_REPAIRS = """
CREATE TABLE compliance_repair (
    id bigserial PRIMARY KEY, plan_id bigint, dimension text, key text, violations integer)"""
"""The table of counts that the product had then."""


def repaired(repository: Repository) -> int:
    ended = Violation.objects.filter(plan=repository.plan, last__isnull=False, suppressed=False)
    return sum(len(row.issues) for row in ended.filter(silenced=False))


def listed(repository: Repository, state: str) -> int:
    return ViolationFilter(state=state).violations(repository).count()


def test_suppressed_violations_are_counted_separately_and_not_listed_as_fixed(folder: Path) -> None:
    repository = tracked(folder)
    right, before = listed(repository, "resolved"), repaired(repository)
    left = figures(repository)[-1]
    push(folder, "Silence", app__b=SILENT)
    repository = again(repository)
    assert figures(repository) == (0, 0, 2, 0, left - 2)
    assert (listed(repository, "resolved"), repaired(repository)) == (right, before)
    assert listed(repository, "suppressed") == 2
    assert status("app/b.py") == "suppressed"
    kinds = Change.objects.filter(commit=repository.head, plan=repository.plan).values_list("kind", flat=True)
    assert list(kinds) == ["suppressed", "suppressed"]
    check_against_cold_scans(repository)


def test_a_restored_violation_is_neither_new_nor_a_regression(folder: Path) -> None:
    repository = tracked(folder)
    left, stands = figures(repository)[-1], status("app/b.py")
    push(folder, "Silence", app__b=SILENT)
    again(repository)
    push(folder, "Speak", by="B <b@example.org>", app__b=OLD)
    repository = again(repository)
    assert figures(repository) == (0, 0, 0, 2, left)
    assert regressions(repository) == []
    assert status("app/b.py") == stands
    assert Violation.objects.filter(plan=repository.plan, last=None, restored=True).count() == 2
    check_against_cold_scans(repository)


def test_a_suppression_that_ran_out_is_nobodys_work(folder: Path) -> None:
    repository = tracked(folder)
    until = SILENT.replace("because", "until=2027-01-15 because")
    push(folder, "Silence until the day of this commit", app__b=until)
    again(repository)
    assert status("app/b.py") == "suppressed"
    push(folder, "Other", by="B <b@example.org>", when="1800100000 +0000", app__c="print(2)\n")
    repository = again(repository)
    assert figures(repository)[:4] == (0, 0, 0, 2)
    rows_again = Violation.objects.filter(plan=repository.plan, file__path="app/b.py", last=None)
    assert [(row.restored, row.ran_out) for row in rows_again] == [(True, True)] * 2
    check_against_cold_scans(repository)

    ben = User.objects.create_user("ben", "b@example.org")
    give(ben, Role.ENGINEER)
    touched = {one.file.path: one.touched for one in suggestions(repository, identity_of(ben))}
    assert touched["app/b.py"] is False
    client = Client()
    client.force_login(ben)
    file = File.objects.get(path="app/b.py")
    page = " ".join(client.get(f"/repositories/r/files/{file.pk}/").content.decode().split())
    assert page.count("the comment that suppressed it has expired") == 2
    assert "Counted again since <a" not in page
    assert repository.head is not None
    commit = client.get(f"/repositories/r/commits/{repository.head.sha}/").content.decode()
    assert commit.count("suppression expired") == 2

    push(folder, "Remove it", by="B <b@example.org>", when="1800100001 +0000", app__a=SILENT)
    again(repository)
    push(folder, "Speak", by="B <b@example.org>", when="1800100002 +0000", app__a=OLD)
    repository = again(repository)
    spoken = Violation.objects.filter(plan=repository.plan, file__path="app/a.py", last=None)
    assert [(row.restored, row.ran_out) for row in spoken] == [(True, False)] * 2


def test_a_suppression_completes_no_claim_that_was_made_before(folder: Path) -> None:
    repository = tracked(folder)
    ben = User.objects.create_user("ben", "b@example.org")
    (row,) = claim([File.objects.get(path="app/b.py")], ben)
    push(folder, "Silence", by="B <b@example.org>", app__b=SILENT)
    again(repository)
    row.refresh_from_db()
    assert (row.state, row.completed_by, status("app/b.py")) == ("released", None, "suppressed")


def test_a_claim_is_completed_beside_an_older_suppression(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Silence one", app__b=BEHIND)
    again(repository)
    ben = User.objects.create_user("ben", "b@example.org")
    (row,) = claim([File.objects.get(path="app/b.py")], ben)
    assert status("app/b.py") == "claimed"
    rest = "import app.home\nx = app.home.get_it()  # ssot: ignore[shared] because it waits\n"
    push(folder, "Fix the rest", app__b=rest)
    repository = again(repository)
    row.refresh_from_db()
    assert (row.state, row.completed_by) == ("completed", repository.head)


def test_a_regression_that_is_suppressed_is_not_called_repaired(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Break", app__a=OLD)
    repository = again(repository)
    (broke,) = regressions(repository)
    assert (broke["places"], broke["standing"], broke["suppressed"]) == (2, 2, 0)
    push(folder, "Silence", app__a=SILENT)
    (broke,) = regressions(again(repository))
    assert (broke["standing"], broke["suppressed"]) == (0, 2)
    push(folder, "Speak", app__a=OLD)
    (broke,) = regressions(again(repository))
    assert (broke["subject"], broke["standing"], broke["suppressed"]) == ("Break", 2, 0)
    assert status("app/a.py") == "regressed"
    push(folder, "Silence again", app__a=SILENT)
    again(repository)
    push(folder, "Repair", app__a=NEW)
    (broke,) = regressions(again(repository))
    assert (broke["standing"], broke["suppressed"]) == (0, 0)


def test_a_new_violation_beside_a_suppressed_one_is_a_regression(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Silence", app__b=SILENT)
    again(repository)
    push(folder, "Worse", app__b=SILENT + "y = get_it()\n")
    repository = again(repository)
    assert figures(repository)[:4] == (1, 0, 0, 0)
    assert status("app/b.py") == "regressed"
    assert [row["subject"] for row in regressions(repository)] == ["Worse"]


def test_a_force_push_takes_a_suppression_back(folder: Path) -> None:
    repository = tracked(folder)
    before = rows(repository)
    former = push(folder, "Silence", app__b=SILENT)
    again(repository)
    point(folder, git(folder, "rev-parse", f"{former}^"))
    repository = again(repository)
    after = rows(repository)
    for name in ("violations", "snapshots", "changes"):
        assert after[name] == before[name], name


def test_the_migration_says_of_older_rows_what_a_new_record_says(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Silence", app__b=SILENT)
    again(repository)
    push(folder, "Speak", app__b=OLD)
    repository = again(repository)
    wanted = rows(repository)
    wanted_repairs = repaired(repository)
    _as_it_was(repository)
    migration = import_module("compliance.migrations.0025_suppressed_is_not_fixed")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(_REPAIRS)
        for statement in (migration.TIES, *migration.SAY_SO):
            cursor.execute(statement)
        cursor.execute(
            "SELECT sum(violations) FROM compliance_repair WHERE plan_id = %s AND dimension = 'issue'",
            [repository.plan_id],
        )
        assert cursor.fetchone() == (wanted_repairs,)
        cursor.execute("DROP TABLE compliance_repair")
        cursor.execute("COMMIT")
    told = rows(repository)
    for name in ("violations", "snapshots", "files"):
        assert told[name] == wanted[name], name
    kinds = Change.objects.filter(plan=repository.plan).values_list("kind", flat=True)
    assert sorted(kinds) == sorted(dict(change)["kind"].strip("'") for change in wanted["changes"].elements())


def _as_it_was(repository: Repository) -> None:
    """Restore the records as they were before suppressed and fixed violations were distinguished."""
    plan = repository.plan
    for kind, told, said in (("suppressed", "fixed", "newly_suppressed"), ("restored", "new", "restored")):
        Change.objects.filter(plan=plan, kind=kind).update(kind=told)
        for row in Snapshot.objects.filter(plan=plan):
            setattr(row, told, getattr(row, told) + getattr(row, said))
            setattr(row, said, 0)
            row.save()
    Violation.objects.filter(plan=plan).update(silenced=False, restored=False, thread=None)
    File.objects.filter(status="suppressed").update(status="migrated")
