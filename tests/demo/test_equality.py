"""What the walk recorded of a commit, side line and merge included, equals a cold scan of that commit."""

import pytest

from compliance.management.demo import plan_text
from scanner import Walker, open_repository, read_plan
from tests.demo.conftest import Repository

pytestmark = pytest.mark.slow


def test_every_fifth_commit_cold(demo: Repository) -> None:
    plan = read_plan(plan_text(), "ssot-plan.yaml")
    with open_repository(str(demo.path)) as repository:
        walker = Walker(repository, plan)
        for number, visit in enumerate(walker.walk(demo.lines("rev-list", "--reverse", "main"))):
            if number % 5:
                continue
            cold = Walker(repository, plan)
            (again,) = cold.walk([visit.revision])
            assert again.tally == visit.tally, visit.revision.subject
            assert dict(again.files.notable) == dict(visit.files.notable), visit.revision.subject
            cold.close()
        walker.close()
