"""A violation whose code is edited keeps its lifetime, whichever way the history is recorded; one whose file
was removed is told from one that was fixed.
"""

from pathlib import Path

import pytest

from compliance import scans, tasks
from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun, take
from compliance.models import Change, File, Repository, Snapshot, Violation
from compliance.scans import backward
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import by_history, by_pushes, copy_of
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PLAN = """
version: 1
name: Formats
rules:
  - id: format
    kind: pattern
    rule:
      kind: call
      has: {field: function, has: {field: attribute, regex: "^format$"}}
"""
BODY = "def {name}(a, b):\n    c = a + b\n    return {text}\n"
OLD = BODY.format(name="read", text="'{0} of {1}'.format(a, b)")
EDITED = BODY.format(name="read", text="'{} of {}'.format(a, b)")
RENAMED = BODY.format(name="load", text="'{}, {}'.format(a, b)")
CLEAN = BODY.format(name="load", text="f'{a}, {b}'")
HISTORY = (
    Written({"app/a.py": OLD, "app/b.py": OLD, "app/c.py": "x = 1\n"}),
    Written({"app/a.py": EDITED}),
    Written({"app/a.py": RENAMED}),
    Written({"app/b.py": None, "app/c.py": None}),
    Written({"app/a.py": CLEAN}),
)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"


def steps(repository: Repository) -> list[tuple[int, int, int, int, int]]:
    """The steps of each commit: violations, new, fixed, those of them in removed files, and moved."""
    found = Snapshot.objects.filter(plan=repository.plan).order_by("commit__position")
    return list(found.values_list("violations", "new", "fixed", "fixed_gone", "moved"))


def test_an_edited_violation_keeps_its_lifetime_in_any_order(origin: Path) -> None:
    for repository in (
        backward := by_history(origin, "backward", PLAN),
        forward := by_pushes(copy_of(origin), "forward", PLAN),
    ):
        assert steps(repository) == [
            (2, 2, 0, 0, 0),
            (2, 0, 0, 0, 1),
            (2, 0, 0, 0, 1),
            (1, 0, 1, 1, 0),
            (0, 0, 1, 0, 0),
        ]
        lived = Violation.objects.filter(plan=repository.plan).order_by("file__path")
        assert list(lived.values_list("first", "last")) == [(1, 4), (1, 3)]
        told = Change.objects.filter(plan=repository.plan).order_by("commit__position", "path")
        assert list(told.values_list("kind", "path", "rung", "file_gone")) == [
            ("new", "app/a.py", "", False),
            ("new", "app/b.py", "", False),
            ("moved", "app/a.py", "edit", False),
            ("moved", "app/a.py", "edit", False),
            ("fixed", "app/b.py", "", True),
            ("fixed", "app/a.py", "", False),
        ]
        assert check_against_cold_scans(repository) == len(HISTORY)
    written = rows(backward), rows(forward)
    for name in written[0]:
        assert written[0][name] == written[1][name], name


def test_removed_files_are_not_listed_while_history_is_read(
    origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = scans.track(str(origin), slug="r", plan=PLAN)
    with monkeypatch.context() as patched:
        patched.setattr(JobRun, "should_yield", lambda _: True)  # so each backfill records one commit
        patched.setattr(backward, "_EVALUATE_AFTER", 3600)
        while Snapshot.objects.count() < 3:
            job = claim("test")
            assert job is not None
            take(job, tasks.KINDS)
        repository.refresh_from_db()
        assert not repository.history_done
        assert statuses(repository) == {"app/a.py": "migrated", "app/b.py": "gone", "app/c.py": "gone"}

    run_jobs()
    assert statuses(repository) == {"app/a.py": "migrated", "app/b.py": "gone", "app/c.py": "gone"}
    assert check_against_cold_scans(repository) == len(HISTORY)


def statuses(repository: Repository) -> dict[str, str]:
    return dict(File.objects.filter(repository=repository).values_list("path", "status"))
