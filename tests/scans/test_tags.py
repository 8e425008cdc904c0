"""Tags of a real repository become marks of the line, move and go with it, and news of them is looked for."""

import subprocess
from pathlib import Path

import pytest

from compliance import scans
from compliance.models import Job, Marker, Repository
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.slow

PLAN = """version: 1
name: Tags
rules:
  - {id: no-utcnow, kind: pattern, pattern: "datetime.utcnow($$$)", risk: low}
"""


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "tag.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for number in range(4):
        (folder / "module.py").write_text(f"number = {number}\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"Count to {number}")
    git(folder, "tag", "v1", "HEAD~3")
    git(folder, "tag", "-a", "-m", "The second", "v2", "HEAD~1")
    git(folder, "tag", "a-tree", "HEAD^{tree}")
    return folder


def marks(repository: Repository) -> list[tuple[str, str]]:
    rows = Marker.objects.filter(repository=repository, kind="tag").select_related("commit")
    assert all(row.commit and row.at == row.commit.committed_at for row in rows)
    return [(row.text, row.commit.subject) for row in rows if row.commit]


@pytest.mark.django_db(transaction=True)
def test_tags_on_the_line_are_marked_and_followed(origin: Path) -> None:
    repository = scans.track(str(origin), plan=PLAN)
    run_jobs()
    assert marks(repository) == [("v1", "Count to 0"), ("v2", "Count to 2")]

    git(origin, "tag", "-f", "v2", "HEAD")
    git(origin, "tag", "-d", "v1")
    Repository.objects.update(polled_at=None)
    scans.poll()
    run_jobs()

    assert marks(repository) == [("v2", "Count to 3")]


@pytest.mark.django_db(transaction=True)
def test_a_look_that_finds_the_same_tags_asks_for_nothing(origin: Path) -> None:
    scans.track(str(origin), plan=PLAN)
    run_jobs()
    done = Job.objects.count()

    Repository.objects.update(polled_at=None)
    scans.poll()

    assert Job.objects.count() == done
