"""The repository itself: the same every time, and a history as teams really write it."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.management.demo import build, plan_text
from compliance.management.demo.history import StoryCommit
from tests.demo.conftest import Repository

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("story", "message"),
    [
        ({"subject": "Migrate"}, "Migrate\n"),
        ({"subject": "Migrate", "body": "All\n  of it."}, "Migrate\n\nAll   of it.\n"),
    ],
)
def test_a_message_has_a_body_only_if_the_story_has_one(story: dict[str, str], message: str) -> None:
    assert StoryCommit(datetime(2025, 10, 14, tzinfo=UTC), "A <a@example.org>", story).message == message


def test_the_same_commits_on_any_machine(demo: Repository, tmp_path: Path) -> None:
    """Another zone, language, hash seed, home with a git configuration of its own, and working folder."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\nname = Other\nemail = other@example.org\n[init]\ndefaultBranch = trunk\n"
        "[core]\nautocrlf = true\nhooksPath = /nowhere\n[commit]\ngpgSign = true\n"
    )
    path = tmp_path / "elsewhere" / "again.git"
    environment = os.environ | {
        "HOME": str(home),
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "77",
        "PYTHONPATH": str(ROOT),
        "GIT_AUTHOR_NAME": "Other",
        "GIT_DIR": "/nowhere",
    }
    statement = f"from compliance.management.demo import build; build(Path({str(path)!r}))"
    code = f"from pathlib import Path; {statement}"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert Repository(path).lines("show-ref") == demo.lines("show-ref")


def test_git_finds_nothing_wrong(demo: Repository) -> None:
    assert demo.git("fsck", "--full", "--strict") == ""
    assert demo.git("symbolic-ref", "HEAD") == "refs/heads/main\n"
    assert demo.git("rev-parse", "--is-bare-repository") == "true\n"


def test_about_sixty_commits_by_several_people_over_weeks(demo: Repository) -> None:
    assert 55 <= len(demo.lines("rev-list", "main")) <= 65
    people = set(demo.lines("log", "--format=%an <%ae>", "--use-mailmap"))
    assert len(people) > 5
    mapped = set(demo.lines("log", "--use-mailmap", "--format=%aN"))
    assert mapped == {
        "Alice Moreau",
        "Ben Okafor",
        "Chiara Conti",
        "Diego Ramos",
        "Emi Tanaka",
        "Farid Haddad",
    }
    assert all(mail.endswith("example.org") for mail in demo.lines("log", "--format=%ae"))


def test_dates_only_go_forward(demo: Repository) -> None:
    line = demo.lines("log", "--reverse", "--first-parent", "--format=%cI", "main")
    moments = [datetime.fromisoformat(entry) for entry in line]
    assert moments == sorted(moments)
    assert moments[0].date().isoformat() == "2025-08-04"
    assert moments[-1].date().isoformat() == "2025-10-24"
    assert len({moment.utcoffset() for moment in moments}) > 3


def test_subjects_are_short_and_name_their_issue(demo: Repository) -> None:
    subjects = demo.lines("log", "--format=%s")
    assert all(len(subject) <= 72 and not subject.endswith(".") for subject in subjects)
    text = demo.git("log", "--format=%B")
    assert all(key in text for key in ("#183", "#709", "#1102", "#1116", "#1274"))
    assert all(len(line) <= 110 for line in text.splitlines())


def test_one_merge_of_a_side_line(demo: Repository) -> None:
    (merge,) = demo.lines("rev-list", "--merges", "main")
    side = demo.lines("log", "--format=%s", f"{merge}^1..{merge}^2")
    assert len(side) == 2
    assert len(demo.lines("rev-list", f"{merge}^2..{merge}^1")) >= 2


def test_renames_pure_and_with_an_edit(demo: Repository) -> None:
    renames = demo.lines("log", "--diff-filter=R", "--name-status", "--format=", "-M")
    scores = sorted(line.split()[0] for line in renames)
    assert len(scores) == 3
    assert scores[1:] == ["R100", "R100"]
    assert scores[0] < "R100"


def test_tags(demo: Repository) -> None:
    assert demo.lines("tag") == ["baseline", "release-2025.10", "status-1274"]


def test_every_commit_contains_the_plan(demo: Repository) -> None:
    blobs = {demo.git("rev-parse", f"{sha}:ssot-plan.yaml") for sha in demo.lines("rev-list", "main")}
    assert len(blobs) == 1
    assert demo.git("show", "main:ssot-plan.yaml") == plan_text()


def test_an_existing_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    with pytest.raises(FileExistsError, match="not empty"):
        build(tmp_path / "mine")
    assert [item.name for item in tmp_path.rglob("*")] == ["mine", "letter"]


def test_an_empty_folder_will_do(demo: Repository, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    build(tmp_path / "here")
    assert [item.name for item in tmp_path.iterdir()] == ["here"]
    assert Repository(tmp_path / "here").git("rev-parse", "main") == demo.git("rev-parse", "main")
