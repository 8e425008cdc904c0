"""Every date moves by the same whole weeks, once, and nothing else changes."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from compliance.management.demo import build, commits, plan_text, weeks_until
from compliance.management.startup_steps import demonstration
from tests.demo.conftest import Repository

pytestmark = pytest.mark.slow

WEEK = timedelta(weeks=1)
NEWEST = datetime(2025, 10, 24, 7, 31, tzinfo=UTC)
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The demonstration as it is first loaded on a Sunday 57 weeks later, after two changes of the clocks."""
    path = tmp_path_factory.mktemp("later") / "demonstration.git"
    build(path, datetime(2026, 11, 29, 5, 22, tzinfo=UTC))
    return Repository(path)


@pytest.mark.parametrize(
    ("now", "weeks"),
    [
        (NEWEST, 0),
        (NEWEST + WEEK - timedelta(seconds=1), 0),
        (NEWEST + WEEK, 1),
        (NEWEST - timedelta(seconds=1), -1),
        (datetime.fromisoformat("2026-11-29T05:22:00+14:00"), 57),
        (datetime.fromisoformat("2028-02-29T23:59:00-12:00"), 122),
    ],
)
def test_the_newest_commit_is_in_the_week_before(now: datetime, weeks: int) -> None:
    assert weeks_until(now) == weeks
    assert timedelta() <= now - commits(weeks)[-1].at < WEEK


def test_commits_and_tags_keep_weekday_hour_and_offset(demo: Repository, later: Repository) -> None:
    def moments(repository: Repository) -> list[datetime]:
        lines = repository.lines("log", "--format=%aI%n%cI", "main")
        lines += repository.lines("for-each-ref", "--format=%(taggerdate:iso-strict)", "refs/tags")
        return [datetime.fromisoformat(line) for line in lines]

    before, after = moments(demo), moments(later)
    assert [new.isoformat() for new in after] == [(old + 57 * WEEK).isoformat() for old in before]
    assert later.lines("tag") == ["baseline", "release-2026.11", "status-1274"]


def test_trees_differ_in_the_dates_of_the_plan_and_of_the_suppression_only(
    demo: Repository, later: Repository
) -> None:
    before, after = (repository.lines("ls-tree", "-r", "main") for repository in (demo, later))
    changed = {line.split("\t")[1] for line in set(before) ^ set(after)}
    assert changed == {"ssot-plan.yaml", "netra_backend/app/cache/handshake_cache.py"}
    for path in changed:
        old, new = (repository.git("show", f"main:{path}") for repository in (demo, later))
        assert DATE.sub("", old) == DATE.sub("", new)
        moved = [str(date.fromisoformat(found) + 57 * WEEK) for found in DATE.findall(old)]
        assert moved == DATE.findall(new) != []


def test_messages_name_no_day_of_the_old_year(demo: Repository, later: Repository) -> None:
    before, after = (repository.git("log", "--format=%B", "main") for repository in (demo, later))
    assert DATE.sub("", before) == DATE.sub("", after)
    assert "2025" not in after
    assert "2025" not in later.git("show", "main:ssot-plan.yaml")
    assert later.git("show", "main:ssot-plan.yaml") == plan_text(57)


def test_it_is_written_once_and_stays(tmp_path: Path, demo: Repository) -> None:
    with override_settings(DATA_DIR=tmp_path):
        first = Repository(demonstration(NEWEST))
        assert first.lines("show-ref") == demo.lines("show-ref")
        again = Repository(demonstration())

    assert again.path == first.path
    assert again.lines("show-ref") == demo.lines("show-ref")


def test_it_is_up_to_date_when_nobody_names_a_day(tmp_path: Path) -> None:
    with override_settings(DATA_DIR=tmp_path):
        newest = Repository(demonstration()).git("log", "-1", "--format=%cI", "main").strip()
    assert timedelta() <= datetime.now(UTC) - datetime.fromisoformat(newest) < WEEK + timedelta(minutes=5)
