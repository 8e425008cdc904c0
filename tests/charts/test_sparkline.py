"""The sparkline: higher is better and stands higher, and a sum is that of all members."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bench.large_lists import seed
from compliance.charts.sparkline import Dot, History, dots, history, spark, totals
from compliance.models import Commit, Repository, Snapshot

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = datetime(2025, 9, 1, 12, tzinfo=UTC)


def summed(lines: Sequence[Sequence[Dot]], most: int) -> list[Dot]:
    """Return the sum of several histories, computed in the plain way."""
    begin = max(line[0].at for line in lines)
    steps = sorted(
        (dot.at, number, place) for number, line in enumerate(lines) for place, dot in enumerate(line)
    )
    total = []
    for index, (at, *_) in enumerate(steps):
        latest = {number: lines[number][place] for _, number, place in steps[: index + 1]}
        if len(latest) == len(lines):
            sums = (sum(dot.clean for dot in latest.values()), sum(dot.files for dot in latest.values()))
            total.append(Dot(at, *sums))
    assert total[0].at == begin
    if len(total) <= most:
        return total
    return [total[round(step * (len(total) - 1) / (most - 1))] for step in range(most)]


@pytest.fixture
def members(db: None) -> list[History]:
    """Repositories with histories of other lengths, paces and figures, some of them at equal times."""
    random = Random(7)
    made = [seed.repository(f"r{number}", "One plan", days) for number, days in enumerate((40, 3, 25, 1, 64))]
    for number, repository in enumerate(made):
        commits = list(repository.commits.order_by("position"))
        at = NOON + number * DAY
        for commit in commits:
            at += random.choice((0, 6, 12, 40)) * HOUR
            commit.committed_at = at
            files = random.randrange(50, 90)
            Snapshot.objects.filter(commit=commit).update(files=files, clean=random.randrange(files))
        Commit.objects.bulk_update(commits, ["committed_at"])
    return list(map(history, Repository.objects.select_related("head").order_by("pk")))


@pytest.mark.parametrize("most", [8, 64, 1000])
def test_a_total_adds_the_latest_figures_of_all_once_all_have_begun(
    members: list[History], most: int
) -> None:
    lines = dots(members, most)

    found = totals({"all": members, "two": members[:2], "one": [members[4]]}, most)

    if most == 1000:  # more points than there are, so none is left out
        assert found["all"] == summed([lines[row.repository] for row in members], most)
        assert found["one"] == lines[members[4].repository]
    fewer = dots(members, min(most, max(2, most * most // 8)))
    for name, rows in (("all", members), ("two", members[:2]), ("one", [members[4]])):
        assert found[name] == summed([fewer[row.repository] for row in rows], most), name
        assert len(found[name]) <= most


def test_a_total_with_a_member_without_history_has_no_line(members: list[History]) -> None:
    Snapshot.objects.filter(plan=members[1].plan).delete()

    assert totals({"all": members, "others": [members[0], *members[2:]]}).keys() == {"others"}
    assert totals({}) == totals({"none": []}) == {}


def test_a_higher_percentage_is_drawn_higher() -> None:
    drawn = spark([Dot(NOON, 10, 100), Dot(NOON + DAY, 60, 100), Dot(NOON + 4 * DAY, 35, 100)])

    assert drawn
    places = [tuple(map(float, point.split(","))) for point in drawn.points.split()]
    assert places == [(2.5, 25.5), (31.2, 2.5), (117.5, 14.0)]
    assert drawn.end == (117.5, 14.0)
    assert drawn.words == "From 10.0% on 1 Sep 2025 to 35.0% on 5 Sep 2025"


def test_small_changes_stay_small_and_times_never_run_back() -> None:
    drawn = spark([Dot(NOON, 500, 1000), Dot(NOON + DAY, 505, 1000), Dot(NOON, 500, 1000)])

    assert drawn
    assert drawn.points == "2.5,16.9 117.5,11.1 117.5,16.9"
    assert spark([Dot(NOON, 1, 2)]) is None
    assert spark([Dot(NOON, 0, 0), Dot(NOON, 1, 2)]) is None
