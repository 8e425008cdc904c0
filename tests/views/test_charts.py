"""The charts' numbers: the rows', thinned without losing what matters."""

import json
import random
from datetime import timedelta
from itertools import pairwise

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.charts import CHARTS as CHARTS_BY_NAME
from compliance.charts.series import read
from compliance.lib.figures import percent
from compliance.models import Repository, Snapshot
from tests.views.cast import World, world
from tests.views.conftest import Counted
from tests.work.factories import waive

CHARTS = "/repositories/netra/charts/"


def data(client: Client, name: str, query: str = "") -> dict[str, object]:
    return json.loads(client.get(f"{CHARTS}{name}.json{query}").content)  # type: ignore[no-any-return]


def test_the_trend_has_one_point_for_each_commit(ada: Client, netra: World) -> None:
    rows = Snapshot.objects.order_by("commit__position").select_related("commit")
    expected = [
        [int(s.commit.committed_at.timestamp()), percent(s.clean, s.files), s.commit.sha[:12]] for s in rows
    ]

    trend = data(ada, "trend")

    assert trend["points"] == expected
    assert trend["target"] == 95.0


def test_other_measures_have_no_target(ada: Client, netra: World) -> None:
    rows = Snapshot.objects.order_by("commit__position")
    for measure, values in (
        ("violations", [s.violations for s in rows]),
        ("files", [s.files - s.clean for s in rows]),
        ("sites", [s.old_sites for s in rows]),
    ):
        trend = data(ada, "trend", f"?measure={measure}")
        assert [point[1] for point in trend["points"]] == values  # type: ignore[attr-defined]
        assert trend["target"] is None


def test_a_range_keeps_the_newest(ada: Client) -> None:
    world(commits=60)

    points = data(ada, "trend", "?range=30d")["points"]

    assert 30 < len(points) < 40  # type: ignore[arg-type]
    assert data(ada, "trend", "?range=nonsense")["commits"] == 60


def test_times_never_run_backwards_along_the_line(ada: Client, netra: World) -> None:
    netra.repository.commits.filter(position=5).update(committed_at=timezone.now())

    times = [point[0] for point in data(ada, "trend")["points"]]  # type: ignore[attr-defined]

    assert times == sorted(times)


def test_the_weeks_add_up_to_what_the_commits_did(ada: Client, netra: World) -> None:
    points = data(ada, "movement")["points"]
    rows = Snapshot.objects.filter(commit__position__gt=1)

    assert sum(point[1] for point in points) == sum(s.fixed for s in rows)  # type: ignore[attr-defined]
    assert sum(point[2] for point in points) == sum(s.new for s in rows)  # type: ignore[attr-defined]


def test_weeks_without_commits_are_drawn_unless_they_last_for_years(ada: Client, netra: World) -> None:
    week = timedelta(days=7)
    newest = Snapshot.objects.select_related("commit").order_by("-commit__position")
    head, before = newest[0].commit, newest[1].commit
    head.committed_at = before.committed_at + 5 * week
    head.save(update_fields=["committed_at"])
    mondays = [point[0] for point in data(ada, "movement")["points"]]  # type: ignore[attr-defined]
    steps = {later - earlier for earlier, later in pairwise(mondays)}
    assert (len(mondays) >= 6, steps) == (True, {week.total_seconds()})

    for commit in netra.repository.commits.exclude(pk=head.pk):
        commit.committed_at -= 110 * week
        commit.save(update_fields=["committed_at"])
    mondays = [point[0] for point in data(ada, "movement", "?range=all")["points"]]  # type: ignore[attr-defined]
    assert max(later - earlier for earlier, later in pairwise(mondays)) > 110 * week.total_seconds()


def test_a_repository_without_figures_has_no_weeks(ada: Client, netra: World) -> None:
    Snapshot.objects.all().delete()
    assert data(ada, "movement")["points"] == []


def kept(values: list[int | None], most: int) -> list[int]:
    """The law of thinning: the first place, and of each stretch the lowest, highest and last."""
    if len(values) <= most:
        return list(range(len(values)))
    places = {0}
    step = -(-3 * len(values) // most)
    for start in range(0, len(values), step):
        stretch = range(start, min(start + step, len(values)))
        valued = [place for place in stretch if values[place] is not None] or list(stretch)
        lowest, highest = (end(valued, key=lambda place: values[place] or 0) for end in (min, max))
        places |= {lowest, highest, stretch[-1]}
    return sorted(places)


def test_each_chart_is_drawn_before_a_plan_is_active(ada: Client) -> None:
    Repository.objects.create(slug="netra", name="Netra", url="/srv/netra")
    for name in CHARTS_BY_NAME:
        for file in (f"{name}.json", f"{name}.csv"):
            assert ada.get(f"{CHARTS}{file}").status_code == 200, file
    assert ada.get(f"{CHARTS}trend.svg").status_code == 200


def test_charts_say_how_many_older_commits_they_lack(ada: Client, netra: World) -> None:
    whole = ada.get(f"{CHARTS}trend.csv")
    assert data(ada, "phases")["unread_commits"] == data(ada, "trend")["unread_commits"] == 0
    Repository.objects.update(history_floor=1201)
    part = ada.get(f"{CHARTS}trend.csv")

    assert data(ada, "phases")["unread_commits"] == data(ada, "trend")["unread_commits"] == 1200
    assert 'filename="netra-trend.csv"' in whole["Content-Disposition"]
    assert 'filename="netra-trend-without-1200-older-commits.csv"' in part["Content-Disposition"]
    assert part.getvalue() == whole.getvalue()


def test_thinning_keeps_ends_and_extremes(ada: Client) -> None:
    repository = world(commits=60).repository
    chance = random.Random(7)
    for most in (3, 6, 7, 20, 59, 60, 61):
        for snapshot in Snapshot.objects.all():
            snapshot.new_sites = chance.randrange(5)
            snapshot.save(update_fields=["new_sites"])
        rows = Snapshot.objects.order_by("commit__position").values_list("commit__position", "new_sites")
        values = [sites or None for _, sites in rows]

        line = read(repository, {}, value="nullif(s.new_sites, 0)", most=most)

        places = kept(values, most)
        assert [point.position for point in line.points] == [rows[place][0] for place in places]
        assert line.values == [values[place] for place in places]
        assert line.commits == 60


def test_unchanged_numbers_are_not_sent_twice(ada: Client, netra: World) -> None:
    first = ada.get(f"{CHARTS}trend.json")
    again = ada.get(f"{CHARTS}trend.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304

    netra.commit("One more", fix=1)

    changed = ada.get(f"{CHARTS}trend.json", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_drawing_is_made_once_for_all_readers(
    ada: Client, ben: Client, netra: World, counted: Counted
) -> None:
    for address in (f"{CHARTS}trend.json?by=phase", f"{CHARTS}trend.svg"):
        with counted() as first:
            drawn = ada.get(address)
        with counted() as second:
            kept = ben.get(address)

        assert (kept.content, kept.headers["Content-Type"]) == (drawn.content, drawn.headers["Content-Type"])
        assert len(second) < len(first)
        assert kept.headers["ETag"] == drawn.headers["ETag"]


def test_a_waiver_is_seen_at_once(ada: Client, netra: World) -> None:
    address = f"{CHARTS}trend.json?measure=violations"
    before = ada.get(address)

    waive(netra.repository, User.objects.get(username="ada"), "Until spring", None, glob="netra/**")

    after = ada.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.json()["points"] == before.json()["points"]
    (mark,) = [mark for mark in after.json()["marks"] if mark not in before.json()["marks"]]
    assert (mark["kind"], mark["commit"]) == ("waived", netra.head.sha[:12])
    assert mark["text"].endswith("violations in netra/** waived: Until spring")


def test_an_unknown_chart_is_not_found(ada: Client, netra: World) -> None:
    assert ada.get(f"{CHARTS}nobody.json").status_code == 404


def test_every_chart_has_its_csv(ada: Client, netra: World) -> None:
    for name in ("trend", "movement", "phases", "issues", "risks"):
        answer = ada.get(f"{CHARTS}{name}.csv")
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert len(b"".join(answer.streaming_content).splitlines()) > 1  # type: ignore[attr-defined]


def test_a_chart_costs_the_same_queries_for_any_history(ada: Client, netra: World, counted: Counted) -> None:
    world("large", files=100, commits=60)
    with counted() as small:
        ada.get(f"{CHARTS}trend.json")
    with counted() as large:
        ada.get("/repositories/large/charts/trend.json")

    assert len(small) == len(large) <= 15


def test_a_line_that_rests_still_shows_its_last_stretch(ada: Client, netra: World) -> None:
    for commit in netra.repository.commits.all():
        commit.committed_at -= timedelta(days=400)
        commit.save()

    assert data(ada, "trend", "?range=30d")["commits"] == 12


def test_the_first_commit_is_not_counted_as_movement(ada: Client, netra: World) -> None:
    Snapshot.objects.filter(commit__position=1).update(new=333)

    assert sum(point[2] for point in data(ada, "movement")["points"]) == 1  # type: ignore[attr-defined]
