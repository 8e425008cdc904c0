"""Commits that reach the target are reported once, whatever happens to the branch and the plan."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F

from compliance import scans
from compliance.models import NotificationEvent, Repository
from tests.notifications.news import emitted
from tests.scanner.history import Commit, write_history
from tests.scans.factories import point
from tests.scans.upstream import NEW, OLD, PLAN, again, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TARGET = PLAN.replace("version: 1\n", "version: 1\ntarget_percent: 70\n")
HOME = "def get_it():\n    return 1\n\n\ndef make_it():\n    return 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four files, of which `a` and `b` use the old function, as `home` defines it: 25% are clean."""
    files = {"app/home.py": HOME, "app/a.py": OLD, "app/b.py": OLD, "app/c.py": "print(1)\n"}
    write_history(tmp_path / "r.git", [Commit(files)])
    return tmp_path / "r.git"


def reach(folder: Path, subject: str = "Reach it", **more: str) -> str:
    return push(folder, subject, app__a=NEW, app__b=NEW, **more)


def test_the_commit_that_reaches_the_target_is_reported(folder: Path) -> None:
    repository = tracked(folder, TARGET)
    push(folder, "One", app__a=NEW)
    again(repository)
    assert not emitted("target.reached")
    sha = reach(folder, "<!channel> *Reach* it")
    again(repository)
    push(folder, "More", app__d="print(2)\n")
    again(repository)
    again(repository)

    (event,) = emitted("target.reached")
    assert event.key == sha
    assert event.detail["subject"] == "<!channel> *Reach* it"
    assert (event.detail["percent"], event.detail["clean"], event.detail["files"]) == (75.0, 3, 4)


def test_several_commits_in_one_push_are_one_event(folder: Path) -> None:
    repository = tracked(folder, TARGET)
    reach(folder)
    push(folder, "Lose it", app__a=OLD)
    push(folder, "Reach it again", app__a=NEW)
    again(repository)
    assert [event.detail["subject"] for event in emitted("target.reached")] == ["Reach it"]


def test_history_reaches_nothing(folder: Path) -> None:
    reach(folder)
    tracked(folder, TARGET)
    assert not emitted("target.reached")


def test_a_plan_with_a_lower_target_reaches_nothing(folder: Path) -> None:
    repository = tracked(folder, PLAN)
    reach(folder)
    again(repository)
    scans.track(str(folder), slug="r", plan=TARGET)
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan is not None
    assert repository.plan.target_percent == 70
    assert not emitted("target.reached")


def test_a_force_push_does_not_report_it_again(folder: Path) -> None:
    before = git(folder, "rev-parse", "main")
    repository = tracked(folder, TARGET)
    sha = reach(folder)
    again(repository)
    point(folder, before)
    again(repository)
    point(folder, sha)
    again(repository)
    point(folder, before)
    push(folder, "Rewritten", app__d="print(2)\n")
    reach(folder, "Rewritten too")
    again(repository)
    assert [event.key for event in emitted("target.reached")] == [sha]


def test_it_is_news_again_after_a_week(folder: Path) -> None:
    repository = tracked(folder, TARGET)
    for number in range(3):
        reach(folder, f"Reach it {number}")
        again(repository)
        push(folder, f"Lose it {number}", app__a=OLD)
        again(repository)
        if number == 1:
            NotificationEvent.objects.update(recorded_at=F("recorded_at") - timedelta(days=8))
    assert [event.detail["subject"] for event in emitted("target.reached")] == ["Reach it 0", "Reach it 2"]


def test_a_repository_without_counted_files_reaches_nothing(folder: Path) -> None:
    repository: Repository = tracked(folder, TARGET)
    push(folder, "Empty", app__a=None, app__b=None, app__c=None, app__home=None)
    again(repository)
    push(folder, "Begin", app__d="print(1)\n")
    again(repository)
    assert not emitted("target.reached")
