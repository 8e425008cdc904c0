"""A file of 1,900 lines with a violation on every 25th, recorded by real scans."""

from pathlib import Path

import pytest
from django.utils import timezone

from compliance import scans
from compliance.models import File, Repository, Violation, Waiver
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.verify import run_jobs

LINES = 1900


PLAN = """version: 1
name: Long files
rules:
  - {id: factory, kind: deprecated-symbol, symbols: [shop.old.get_factory], risk: high}
"""


def long_text(lines: int, fixed: int = 0) -> str:
    """Return a file with a use on every 25th line. Every third is suppressed; the first `fixed` are fixed."""
    rows = ["from shop.old import get_factory"]
    for number in range(2, lines + 1):
        use = f"factory_{number} = get_factory()"
        if number % 75 == 0:
            use += "  # ssot: ignore[factory] because it stays"
        rows.append(use if number % 25 == 0 and number > 25 * fixed else f"value_{number} = {number}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def long_file(db: None, tmp_path: Path) -> File:
    """A recorded file of 1,900 lines with open, waived, suppressed and fixed violations."""
    commits = [Written({"a/long.py": long_text(LINES), "a/short.py": long_text(60)})]
    commits.append(Written({"a/long.py": long_text(LINES, 25)}))
    write_history(tmp_path / "r.git", commits)
    scans.track(str(tmp_path / "r.git"), slug="r", plan=PLAN)
    run_jobs()
    repository = Repository.objects.get(slug="r")
    file = File.objects.get(path="a/long.py")
    waiver = Waiver.objects.create(
        repository=repository,
        glob="a/**",
        reason="Until spring",
        state=Waiver.State.APPROVED,
        decided_at=timezone.now(),
    )
    standing = Violation.objects.filter(file=file, last=None, suppressed=False, line__gt=1700)
    standing.update(waiver=waiver)
    return file
