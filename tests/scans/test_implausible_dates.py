"""Dates and texts of commits that cannot be right: recorded and marked, and no chart grows by them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.lib.field_types import READABLE_UNTIL
from compliance.models import Commit, File, Marker, Repository
from compliance.scans import history
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.loose_objects import LooseObjects
from tests.scans.upstream import NEW, OLD, again, push, tracked
from tests.scans.verify import check_against_cold_scans
from tests.views.furnished import token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HOME = "def get_it():\n    return 1\n"
START = 1_700_000_000
DAY = 24 * 3600
ABSURD = (
    *("253402300799 -1400", "253402300799 +1400", "9999999999999 +0000"),  # the year 9999 and beyond
    *("0 +0000", "0 -1200", "4102444800 +0000"),  # 1970 and 2100
)
PAGES = (
    *("", "commits/", "files/", "marks/", "charts/trend.svg", "phases/"),
    *("commits.csv", "files.csv", "marks.csv"),
)
CHARTS = ("trend", "movement", "burndown")


def tracked_with(folder: Path, dates: list[str], **more: Any) -> tuple[Repository, list[str]]:
    """A tracked repository with one commit for each date."""
    texts = [OLD if number % 2 else NEW for number in range(len(dates))]
    first = {"app/home.py": HOME, "app/a.py": OLD}
    commits = [
        Written({"app/b.py": text} if number else first, when=date, **more)
        for number, (text, date) in enumerate(zip(texts, dates, strict=True))
    ]
    shas = write_history(folder / "r.git", commits)
    return tracked(folder / "r.git"), shas


def get(address: str) -> bytes:
    client = Client()
    client.force_login(User.objects.get_or_create(username="ada", is_superuser=True)[0])
    answer = client.get(f"/repositories/r/{address}")
    assert answer.status_code == 200, address
    return answer.getvalue() if answer.streaming else answer.content


@pytest.mark.parametrize(("absurd", "place"), zip(ABSURD, (5, 3, 0, 0, 3, 5), strict=True))
def test_an_absurd_date_is_shown_and_left_out_of_time_axes(tmp_path: Path, absurd: str, place: int) -> None:
    dates = [f"{START + number * DAY} +0000" for number in range(6)]
    dates[place] = absurd
    repository, shas = tracked_with(tmp_path, dates)
    assert repository.trouble == ""
    assert check_against_cold_scans(repository) == 6
    odd = Commit.objects.get(sha=shas[place])
    neighbour = Commit.objects.get(sha=shas[place - 1 if place else 1])
    assert odd.committed_at <= READABLE_UNTIL
    assert odd.placed_at == neighbour.committed_at
    for page in PAGES:
        assert len(get(page)) < 300_000
    first, last = START - 8 * DAY, START + 8 * DAY
    for chart in CHARTS:
        points = json.loads(get(f"charts/{chart}.json"))["points"]
        assert len(points) <= 6
        assert all(first <= point[0] <= last for point in points), chart
        assert len(get(f"charts/{chart}.csv")) < 2000
    assert json.loads(get("charts/trend.json?range=30d"))["commits"] == 6
    assert f"Implausible date; charts use {neighbour.committed_at:%-d %b %Y}" in get("commits/").decode()
    assert f"{odd.committed_at:%-d %b %Y}" in get(f"commits/{odd.sha}/").decode()
    assert not File.objects.filter(changed_at__gt=timezone.now()).exists()


def test_a_branch_without_one_plausible_date_is_drawn_all_the_same(tmp_path: Path) -> None:
    _repository, _ = tracked_with(tmp_path, list(ABSURD[:4]))
    assert {row.placed_at for row in Commit.objects.all()} == {datetime(1971, 1, 1, tzinfo=UTC)}
    for page in (*PAGES, "charts/movement.json"):
        assert len(get(page)) < 300_000


def test_new_commits_follow_absurd_ones(tmp_path: Path) -> None:
    repository, _shas = tracked_with(tmp_path, [f"{START} +0000", ABSURD[0], ABSURD[0]])
    push(tmp_path / "r.git", "Go on", app__c=OLD)
    again(repository)
    line = list(Commit.objects.filter(position__isnull=False).order_by("position"))
    assert [row.placed_at is None for row in line] == [True, False, False, True]
    assert {row.dated_at for row in line[:3]} == {line[0].committed_at}


def test_a_date_before_the_parent_s_is_marked(tmp_path: Path) -> None:
    _, shas = tracked_with(tmp_path, [f"{START} +0000", f"{START - 30 * DAY} +0000", f"{START + DAY} +0000"])
    assert get("commits/").decode().count("Dated before its parent") == 1
    assert "Dated before its parent" in get(f"commits/{shas[1]}/").decode()
    header = {"Authorization": f"Bearer {token_for(User.objects.get(username='ada'), 'read')}"}
    listed = Client().get("/api/v1/repositories/r/commits", headers=header).json()["items"]
    assert [row["date_note"] for row in listed] == ["", "Dated before its parent", ""]
    for row in listed:
        one = Client().get(f"/api/v1/repositories/r/commits/{row['sha']}", headers=header).json()
        assert one["date_note"] == row["date_note"]


@pytest.mark.parametrize("zone", ["+1559", "+1600", "-1600", "+2359", "-9959", "+051800"])
def test_an_offset_that_postgres_refuses_is_converted(tmp_path: Path, zone: str) -> None:
    objects = LooseObjects(tmp_path / "r.git")
    parents: list[str] = []
    for committed in (f"{START} +0000", f"9999999999999 {zone}"):
        who = f"A <a@example.org> {START} {zone}"
        header = f"author {who}\ncommitter A <a@example.org> {committed}\n".encode()
        tree = objects.tree({b"a.py": OLD.encode(), b"b.py": committed.encode()})
        parents = [objects.commit(tree, parents, header, b"m\n")]
    objects.refer({b"refs/heads/main": parents[0]}, b"refs/heads/main")
    repository = tracked(tmp_path / "r.git")
    assert repository.trouble == ""
    first, second = Commit.objects.order_by("position")
    assert second.placed_at == second.authored_at
    assert abs(first.authored_at - datetime.fromtimestamp(START, UTC)) < timedelta(days=5)


def test_a_date_of_the_future_counts_once_the_clock_has_reached_it(tmp_path: Path) -> None:
    repository, shas = tracked_with(tmp_path, [f"{START} +0000", f"{START + DAY} +0000"])
    Commit.objects.filter(sha=shas[1]).update(placed_at=datetime(2000, 1, 1, tzinfo=UTC))
    history._believe_dates(repository)
    assert Commit.objects.get(sha=shas[1]).dated_at == datetime.fromtimestamp(START + DAY, UTC)
    ahead = timezone.now() + timedelta(days=500)
    Commit.objects.filter(sha=shas[1]).update(placed_at=timezone.now(), committed_at=ahead)
    history._believe_dates(repository)
    assert Commit.objects.get(sha=shas[1]).placed_at is not None


def test_a_long_time_without_a_commit_is_left_out(tmp_path: Path) -> None:
    tracked_with(tmp_path, [f"{day * DAY} +0000" for day in (400, 410, 20_000, 20_010)])
    points = json.loads(get("charts/movement.json"))["points"]
    assert 3 <= len(points) < 10


@pytest.mark.parametrize("size", [501, 1_000_000])
def test_long_texts_are_cut_and_marked(tmp_path: Path, size: int) -> None:
    _repository, shas = tracked_with(tmp_path, [f"{START} +0000", f"{START + DAY} +0000"], subject="s" * size)
    row = Commit.objects.get(sha=shas[0])
    assert row.subject == "s" * 499 + "…"
    for page in PAGES:
        assert len(get(page)) < 300_000


def test_tags_are_marked_at_the_date_of_their_commit(tmp_path: Path) -> None:
    repository, shas = tracked_with(tmp_path, [f"{START} +0000", ABSURD[0], f"{START + DAY} +0000"])
    (tmp_path / "r.git" / "refs" / "tags" / "v1").write_text(f"{shas[1]}\n")
    push(tmp_path / "r.git", "Go on", app__c=OLD)
    again(repository)
    assert Marker.objects.get(kind="tag").at == datetime.fromtimestamp(START, UTC)
