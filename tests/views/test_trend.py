"""The trend split, cut, marked, compared, drawn: every number from the rows, light for years of history."""

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from compliance.charts import events
from compliance.charts.dimensions import DIMENSIONS, MOST
from compliance.lib.figures import percent
from compliance.models import Commit, PlanVersion, Snapshot
from tests.views.cast import RISKS, World, world
from tests.views.conftest import Counted

CHART = "/repositories/netra/charts/trend.json"
PICTURE = "/repositories/netra/charts/trend.svg"
PAGE = "/repositories/netra/"
SVG = "{http://www.w3.org/2000/svg}"


def trend(client: Client, query: str = "") -> dict[str, Any]:
    return json.loads(client.get(CHART + query).content)  # type: ignore[no-any-return]


def rows() -> list[Snapshot]:
    return list(Snapshot.objects.order_by("commit__position").select_related("commit"))


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize(("measure", "place"), [("violations", 0), ("files", 1)])
def test_each_dimension_has_a_line_for_each_part(
    ada: Client, netra: World, dimension: str, measure: str, place: int
) -> None:
    told = trend(ada, f"?by={dimension}&measure={measure}")

    keys = [line["key"] for line in told["lines"]]
    assert set(keys) == set(rows()[-1].by[dimension])
    for point, row in zip(told["points"], rows(), strict=True):
        assert point[1:-1] == [row.by[dimension][key][place] for key in keys]
        assert point[-1] == row.commit.sha[:12]
    assert told["target"] is None


def test_risks_have_their_own_colours_and_shapes_and_others_take_them_in_turn(
    ada: Client, netra: World
) -> None:
    risks, phases = trend(ada, "?by=risk")["lines"], trend(ada, "?by=phase")["lines"]

    assert [line["tone"] for line in risks] == list(RISKS)
    assert len({line["shape"] for line in risks}) == len(RISKS)
    assert [line["tone"] for line in phases] == ["line-0", "line-1"]
    assert phases[0]["shape"] != phases[1]["shape"]
    assert phases[0]["dash"] != phases[1]["dash"]


def test_the_percentage_of_a_part_is_that_of_files_without_it(ada: Client, netra: World) -> None:
    by_risk, by_category = trend(ada, "?by=risk"), trend(ada, "?by=category")
    for point, row in zip(by_risk["points"], rows(), strict=True):
        assert point[1:-1] == [percent(row.files - row.by["risk"][risk][1], row.files) for risk in RISKS]
    for point, row in zip(by_category["points"], rows(), strict=True):
        whole = row.category_files
        assert point[1:-1] == [
            percent(whole[key] - row.by["category"][key][1], whole[key]) for key in ("production", "unit")
        ]


def test_lines_differ_by_more_than_their_colour(ada: Client, netra: World) -> None:
    for dimension in DIMENSIONS:
        looks = [(tuple(line["dash"]), line["shape"]) for line in trend(ada, f"?by={dimension}")["lines"]]
        assert len(set(looks)) == len(looks)


def test_only_the_lines_with_the_most_violations_left_are_drawn(ada: Client, netra: World) -> None:
    by = {f"rule-{number:02}": [number, 1] for number in range(20)}
    Snapshot.objects.update(by={"rule": by})

    told = trend(ada, "?by=rule&measure=violations")

    assert [line["key"] for line in told["lines"]] == [f"rule-{number:02}" for number in range(8, 20)]
    assert told["lines_in_all"] == 20
    page = ada.get(f"{PAGE}?by=rule").content.decode()
    assert f"Showing the {MOST} with the most violations left, out of 20." in page


def test_days_cut_the_line_and_win_over_the_range(ada: Client, netra: World) -> None:
    chosen = rows()[3:9]
    first, last = (row.commit.committed_at.date() for row in (chosen[0], chosen[-1]))
    wanted = [r.commit.sha[:12] for r in rows() if first <= r.commit.committed_at.date() <= last]

    told = trend(ada, f"?from={first}&to={last}&range=30d")

    assert [point[-1] for point in told["points"]] == wanted
    assert trend(ada, "?to=9999-12-31")["commits"] == 12
    assert trend(ada, "?from=9999-12-31")["points"] == []


@pytest.mark.parametrize("day", ["2025-13-45", "yesterday", "2025-1-1", "<b>", "2025-W01-1"])
def test_an_invalid_date_is_reported_and_ignored(ada: Client, netra: World, day: str) -> None:
    assert trend(ada, f"?from={day}")["commits"] == 12

    assert "is not a valid date (YYYY-MM-DD)" in " ".join(
        ada.get(PAGE, {"from": day}).content.decode().split()
    )


def test_regressions_are_marked_where_they_happened(ada: Client, netra: World) -> None:
    (mark,) = trend(ada)["marks"]

    assert mark["kind"] == "regression"
    assert mark["commit"] == netra.head.sha[:12]
    assert mark["at"] == int(netra.head.committed_at.timestamp())
    assert mark["text"] == "1 violation introduced in 1 file: Bring the cache back"
    day_before = (netra.head.committed_at - timedelta(days=1)).date()
    assert trend(ada, f"?to={day_before}")["marks"] == []


def test_more_regressions_than_marks_share_marks_that_say_how_many(
    ada: Client, netra: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = rows()[-1]
    worse = [row for row in rows() if row.commit.position and row.commit.position > 1]
    Snapshot.objects.filter(pk__in=[row.pk for row in worse]).update(new=1)
    whole = trend(ada)
    alone = [mark for mark in whole["marks"] if mark["kind"] == "regression"]
    assert len(alone) == whole["mark_counts"]["regression"] > 4

    monkeypatch.setattr(events, "MOST", 3)
    told = trend(ada, "?measure=violations")  # the data of the other chart is kept in the process

    marks = [mark for mark in told["marks"] if mark["kind"] == "regression"]
    assert len(marks) <= 3
    assert sum(mark.get("count", 1) for mark in marks) == len(alone) == told["mark_counts"]["regression"]
    assert all(mark["since"] < mark["at"] for mark in marks if "since" in mark)
    assert min(mark.get("since", mark["at"]) for mark in marks) == min(mark["at"] for mark in alone)
    assert max(mark["at"] for mark in marks) == int(newest.commit.committed_at.timestamp())
    assert not any("newest are drawn" in note for note in told["notes"])


def test_the_trend_of_an_earlier_plan_is_shown_beside_the_active_one(ada: Client, netra: World) -> None:
    old = PlanVersion.objects.create(
        repository=netra.repository, number=2, digest="0" * 64, name="old", text="", target_percent="90.0"
    )
    for row in rows():
        row.pk, row.plan, row.clean = None, old, row.clean - 3
        row.save()

    told = trend(ada, "?ghost=2")

    mine = [row for row in rows() if row.plan_id == netra.plan.pk]
    assert [value for _, value in told["ghost"]["points"]] == [percent(r.clean - 3, r.files) for r in mine]
    assert [point[1] for point in told["points"]] == [percent(r.clean, r.files) for r in mine]
    assert "plan version 2" in ada.get(PAGE).content.decode()
    for nobody in ("", "1", "7", "x", "²", "9" * 40):
        assert trend(ada, f"?ghost={nobody}")["ghost"] is None


COMMITS = """
    INSERT INTO compliance_commit (repository_id, sha, parents, position, author_name, author_email,
        authored_at, committed_at, subject)
    SELECT %(repository)s, lpad(to_hex(number), 40, '0'), '[]', number, 'Ada', 'ada@example.org', %(begin)s,
        %(begin)s + number * interval '37 minutes', 'One of many'
    FROM generate_series(13, 5000) AS number"""


def test_years_of_history_stay_light(ada: Client, netra: World, counted: Counted) -> None:
    by = {name: {f"{name}-{key}": [key * 100, key] for key in range(MOST)} for name in DIMENSIONS}
    columns = [str(field.column) for field in Snapshot._meta.concrete_fields if field.name != "id"]
    own = {"commit_id": "made.id", "violations": "100000 + made.position %% 977", "by": "%(by)s"}
    chosen = ", ".join(own.get(name, f"old.{name}") for name in columns)
    values: dict[str, Any] = {
        "repository": netra.repository.pk,
        "begin": netra.head.committed_at,
        "by": json.dumps(by),
    }
    with connection.cursor() as cursor:
        cursor.execute(COMMITS, values)
        cursor.execute(
            f"""INSERT INTO compliance_snapshot ({", ".join(columns)}) SELECT {chosen}
            FROM compliance_commit AS made JOIN compliance_snapshot AS old ON old.commit_id = %(head)s
            WHERE made.position > 12""",
            {**values, "head": netra.head.pk},
        )
    netra.repository.head = Commit.objects.get(position=5_000)
    netra.repository.save()
    for query in ("?measure=violations", "?measure=violations&by=rule", "?by=category"):
        with counted() as queries:
            answer = ada.get(CHART + query)
        assert len(answer.content) <= 100_000, query
        assert json.loads(answer.content)["commits"] == 5_000
        assert len(queries) <= 15, len(queries)


@pytest.mark.parametrize("query", ["", "?by=phase", "?by=risk&measure=files", "?from=9999-01-01"])
def test_the_picture_can_be_read_alone(ada: Client, netra: World, query: str) -> None:
    answer = ada.get(PICTURE + query)
    assert answer.headers["Content-Type"].startswith("image/svg+xml")

    drawn = ET.fromstring(answer.content.decode())
    words = [element.text for element in drawn.iter(f"{SVG}text")]
    title = drawn.find(f"{SVG}title")
    assert title is not None
    assert (title.text or "").endswith(": Netra agents")
    told = trend(ada, query)
    if not told["points"]:
        assert "No commits in this range." in words
        return
    assert ("target 95%" in words) == (told["target"] is not None)
    if len(told["lines"]) > 1:
        assert {line["label"] for line in told["lines"]} <= set(words)
    # every line goes through as many places as it has values
    lengths = sorted(path.get("d", "").count("L") for path in drawn.iter(f"{SVG}path"))
    assert lengths.count(len(told["points"]) - 1) >= len(told["lines"])


def test_text_in_the_svg_is_escaped(ada: Client, netra: World) -> None:
    netra.repository.name = "<script>alert(1)</script>\x07&"
    netra.repository.save()
    Commit.objects.update(subject="]]></title><script>alert(2)</script>")

    answer = ada.get(f"{PICTURE}?download=1")

    drawn = ET.fromstring(answer.content.decode())
    assert not [element for element in drawn.iter() if element.tag.endswith("script")]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_controls_show_the_selected_options(ada: Client, netra: World) -> None:
    page = ada.get(f"{PAGE}?by=risk&measure=sites&from=2025-08-01").content.decode()

    assert re.search(r'<option value="risk"\s+selected>', page)
    assert "Call sites are counted in total, not per risk" in page
    assert 'value="2025-08-01"' in page
    assert "charts/trend.json?measure=sites&amp;by=risk&amp;from=2025-08-01" in page


def test_without_another_version_no_other_line_is_offered(ada: Client, netra: World) -> None:
    assert "no other line" not in ada.get(PAGE).content.decode()


def test_a_split_costs_the_page_no_more_than_it_may(ada: Client, netra: World, counted: Counted) -> None:
    for dimension in DIMENSIONS:
        with counted() as queries:
            ada.get(f"{PAGE}?by={dimension}")
        assert len(queries) <= 17, len(queries)


def test_the_forecast_begins_where_the_line_ends_and_leads_to_the_target(ada: Client, db: None) -> None:
    large = world("netra", files=400, commits=3)
    for _ in range(20):
        large.at += timedelta(days=2)
        large.commit("Migrate", fix=6)
    Commit.objects.update(committed_at=F("committed_at") - (large.at - timezone.now()))
    last = rows()[-1]
    for query, value in (("", 100 * last.clean / last.files), ("?measure=files", last.files - last.clean)):
        told = trend(ada, query)
        points = told["forecast"]["points"]

        assert points[0][1:] == [pytest.approx(value, abs=0.006)] * 2
        assert all(low <= high for _, low, high in points)
        assert [at for at, *_ in points] == sorted(at for at, *_ in points)
        assert told["forecast"]["words"].endswith(" (80% range)")
    assert b"(80% range)" in ada.get(PICTURE).content
    for without in ("?by=risk", "?measure=violations", f"?to={rows()[3].commit.committed_at.date()}"):
        assert trend(ada, without)["forecast"] is None


def test_no_band_is_drawn_where_nothing_can_be_foreseen(ada: Client, netra: World) -> None:
    Snapshot.objects.filter(commit__position__lt=12).delete()

    assert trend(ada)["forecast"] is None
