"""Wherever a page says what was fixed or new, what a comment suppressed or lets count again is told apart."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import File, Repository, Snapshot
from compliance.notifications.digest_content import content
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, OLD, again, push, tracked
from tests.views.conftest import Counted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AT = "/repositories/r/"
SILENT = (
    "from app.home import get_it  # ssot: ignore[shared] because it waits\n"
    "x = get_it()  # ssot: ignore[shared] because it waits\n"
)


@pytest.fixture
def reader() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("reader"))
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


@pytest.fixture
def repository(folder: Path) -> Repository:
    """Its newest commit suppresses two violations and fixes none."""
    tracked(folder)
    push(folder, "Silence", app__b=SILENT)
    return again(Repository.objects.get())


def page(client: Client, where: str) -> str:
    return " ".join(client.get(f"{AT}{where}").content.decode().split())


def newest(repository: Repository) -> str:
    assert repository.head is not None
    return f"commits/{repository.head.sha}/"


def test_a_commit_that_suppresses_has_fixed_nothing(
    reader: Client, repository: Repository, counted: Counted
) -> None:
    with counted() as queries:
        shown = page(reader, newest(repository))
    assert len(queries) <= 16
    assert '<a href="#fixed">0</a>' in shown
    assert '<dt>Suppressed</dt> <dd> <a href="#suppressed">2</a>' in shown
    section = shown.split('id="suppressed"')[1].partition("</section>")[0]
    assert section.count('<li class="place">') == 2
    assert "They are not fixed" in section
    assert 'id="restored"' not in shown
    assert "+2 suppressed" in page(reader, "commits/")
    assert "Silence" in page(reader, "commits/?effect=yes")


def test_a_commit_with_which_they_count_again_has_broken_nothing(
    reader: Client, folder: Path, repository: Repository
) -> None:
    push(folder, "Speak", by="B <b@example.org>", app__b=OLD)
    repository = again(repository)
    shown = page(reader, newest(repository))
    assert '<a href="#new">0</a>' in shown
    assert '<dt>Counted again</dt> <dd> <a href="#restored">2</a>' in shown
    assert "file was clean" not in shown
    assert "No regressions since" in page(reader, "")
    file = File.objects.get(path="app/b.py")
    assert page(reader, f"files/{file.pk}/").count("Counted again since") == 2


def test_suppressed_violations_are_in_no_list_of_fixed_ones(reader: Client, repository: Repository) -> None:
    file = File.objects.get(path="app/b.py")
    shown = page(reader, f"files/{file.pk}/")
    assert "Fixed" not in shown
    assert "state-suppressed" in shown
    assert "app/b.py" not in page(reader, "violations/?state=resolved").replace("<wbr>", "")
    assert page(reader, "violations/?state=suppressed").count("suppressed: it waits") == 2
    sheet = b"".join(reader.get(f"{AT}files/{file.pk}.csv")).decode()
    assert "put right" not in sheet
    assert "app/b.py" in page(reader, "files/?status=suppressed").replace("<wbr>", "")


def test_the_movement_and_the_digest_count_them_apart(reader: Client, repository: Repository) -> None:
    data = reader.get(f"{AT}charts/movement.json").json()
    assert data["columns"][1:] == ["Fixed", "New", "Suppressed", "Counting again", "Fixed in removed files"]
    assert [sum(point[place] for point in data["points"]) for place in (3, 4)] == [2, 0]
    fixed = sum(Snapshot.objects.filter(plan=repository.plan).values_list("fixed", flat=True))
    assert sum(point[1] for point in data["points"]) == fixed
    told = content(repository)
    assert (told.suppressed, told.restored) == (2, 0)
    assert told.moved.endswith(", 2 suppressed by comments.")
