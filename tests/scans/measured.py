"""A repository of four violations, and what is measured from its baseline."""

from pathlib import Path

from compliance import scans
from compliance.models import Baseline, Change, File, Repository
from compliance.progress.file_status import refresh
from tests.scanner.history import Commit as Written
from tests.scans.factories import PHASED
from tests.scans.upstream import OLD
from tests.scans.verify import run_jobs

HOME = "def get_it():\n    return 1\n"
FOUR = Written({"app/home.py": HOME, **{f"app/{name}.py": OLD for name in "abcd"}})
DAY = 86_400
FIRST = 1_700_000_000  # 2023-11-14 22:13:20 UTC, the first commit's time


def starting(day: str) -> str:
    return PHASED.replace("title: Everything", f"title: Everything\n        start: {day}")


def tracked(folder: Path, plan: str = PHASED) -> Repository:
    scans.track(str(folder), slug="r", plan=plan)
    run_jobs()
    return Repository.objects.select_related("plan", "head").get(slug="r")


def baseline(repository: Repository) -> str:
    repository.refresh_from_db()
    commit = Baseline.objects.get(plan=repository.plan).commit
    return commit.sha if commit else ""


def regressions() -> list[tuple[int | None, str]]:
    rows = Change.objects.filter(regression=True, commit__position__isnull=False)
    return sorted(set(rows.values_list("commit__position", "path")))


def told(repository: Repository) -> tuple[object, ...]:
    files = File.objects.order_by("path").values_list("path", "status", "violations", "waived")
    return baseline(repository), regressions(), list(files)


def check_a_full_refresh_changes_nothing(repository: Repository) -> None:
    before = told(repository)
    assert repository.plan is not None
    refresh(repository, repository.plan)
    assert told(repository) == before
