"""Helpers that several test modules share."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User

from compliance import scans
from compliance.accounts.roles import Role, give
from compliance.charts.series import read
from compliance.models import Claim, File, Repository
from tests.evidence.conftest import report
from tests.scanner.history import Commit as Written
from tests.scans import upstream
from tests.scans.upstream import NEW, PLAN, git, push
from tests.scans.verify import run_jobs

OTHER = PLAN.replace("app.home._it", "app.home.make_it").replace(
    "    replacement: {symbol: app.home.make_it}\n", ""
)


HISTORY = (*upstream.HISTORY, Written({"app/b.py": NEW}))


PHASED = (
    PLAN.partition("issues:")[0]
    + """issues:
  - key: "#1"
    title: Give each request its own
    phases:
      - id: all
        title: Everything
        criteria:
          - {kind: violations, max: 0}
          - {kind: tests, suite: unit, expect: pass, at_least: 1}
suites:
  unit: {match: ["tests/**"]}
"""
)


GOOD = report({"test_1": "passed"}, "tests.test_home")


def migrated(folder: Path) -> str:
    """Push what puts everything right; its SHA."""
    tomb = 'def get_it():\n    raise RuntimeError("gone")\n'
    files = {"app__home": tomb.replace("get_it", "make_it"), "app__a": NEW, "app__b": NEW}
    return push(folder, "Migrate", **files)


TEXTS = ("x = 1\n", "from app.home import get_it\n", "from app.home import get_it\nx = get_it()\n")


def person(name: str, role: Role = Role.ENGINEER) -> User:
    made = User.objects.create_user(name, email=f"{name}@example.org")
    give(made, role)
    return made


def file(path: str) -> File:
    return File.objects.select_related("repository").get(path=path)


def age(row: Claim, days: float) -> None:
    """Let a claim be made so many days ago."""
    back = timedelta(days=days)
    Claim.objects.filter(pk=row.pk).update(created_at=row.created_at - back, until=row.until - back)


def point(folder: Path, sha: str) -> None:
    git(folder, "update-ref", "refs/heads/main", sha)


def points(repository: Repository) -> list[tuple[int, int]]:
    return [(point.position, point.violations) for point in read(repository, {}).points]


def reload() -> Repository:
    return Repository.objects.select_related("plan", "line_plan", "head").get(slug="r")


def copy_of(folder: Path, number: int = 1) -> Path:
    """A copy of a repository, which is tracked apart from it: an address is tracked once."""
    copy = folder.with_name(f"copy-{number}-of-{folder.name}")
    shutil.copytree(folder, copy)
    return copy


def by_history(folder: Path, slug: str, plan: str = PLAN) -> Repository:
    """Track a whole history at once: it is recorded newest first."""
    repository = scans.track(str(folder), slug=slug, plan=plan)
    run_jobs()
    repository.refresh_from_db()
    assert repository.history_done, repository.trouble
    return repository


def by_pushes(folder: Path, slug: str, plan: str = PLAN) -> Repository:
    """Track a history that grows by one commit of the line at a time: it is recorded oldest first."""
    line = git(folder, "rev-list", "--first-parent", "--reverse", "main").split()
    for sha in line:
        point(folder, sha)
        repository = scans.track(str(folder), slug=slug, plan=plan)
        run_jobs()
    repository.refresh_from_db()
    assert repository.history_done, repository.trouble
    return repository
