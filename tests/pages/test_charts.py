"""The charts' numbers: the rows', thinned without losing what matters."""

import json
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from compliance.charts.line import MOST, keep
from compliance.models import Snapshot
from compliance.verdict import percent
from tests.pages.cast import World, world
from tests.pages.conftest import Counted

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


def test_thinning_keeps_ends_and_extremes() -> None:
    values: list[float | None] = [float(second % 97) for second in range(14_000)]
    values[5000], values[6000], values[7000] = 1000.0, -5.0, None

    kept = keep(values)

    assert len(kept) <= MOST + 1
    assert {0, 5000, 6000, 13_999} <= set(kept)
    assert kept == sorted(set(kept))


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=400), st.integers(3, 120))
def test_what_thinning_keeps_is_in_order_and_no_more_than_asked(
    values: list[float | None], most: int
) -> None:
    kept = keep(values, most)

    assert kept == sorted(set(kept))
    assert {0, len(values) - 1} <= set(kept)
    assert len(kept) <= most + 3
    known = [value for value in values if value is not None]
    if known:
        shown = [values[place] for place in kept if values[place] is not None]
        assert (min(shown), max(shown)) == (min(known), max(known))  # type: ignore[type-var]


def test_unchanged_numbers_are_not_sent_twice(ada: Client, netra: World) -> None:
    first = ada.get(f"{CHARTS}trend.json")
    again = ada.get(f"{CHARTS}trend.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304

    netra.commit("One more", fix=1)

    changed = ada.get(f"{CHARTS}trend.json", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


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


def test_what_the_repository_began_with_is_no_movement(ada: Client, netra: World) -> None:
    Snapshot.objects.filter(commit__position=1).update(new=333)

    assert sum(point[2] for point in data(ada, "movement")["points"]) == 1  # type: ignore[attr-defined]
