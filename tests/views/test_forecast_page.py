"""The forecast page: dates for every goal, what-if, burn-up and past forecasts."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from compliance.charts.context import chart_context
from compliance.models import Patch, Phase, Repository
from compliance.progress.forecast.reached import reached_since
from compliance.progress.forecast.recording import record_forecasts
from compliance.progress.forecast.records import forecasts
from compliance.progress.forecast.track_record import PastForecast, track_record
from compliance.queries.what_if import WhatIf, answer
from compliance.views.forecast_rows import record_sentence, week_rows
from tests.views.cast import World
from tests.views.conftest import Counted
from tests.views.factories import DAY, PAGE, line, page_text

FORECAST = f"{PAGE}forecast/"
API = f"/api/v1{PAGE}forecast/"


@pytest.fixture
def moving(netra: World) -> World:
    """A repository whose files and phases become fewer at an even pace."""
    line(netra, list(range(160, 60, -1)))
    Repository.objects.update(history_done=True)
    Phase.objects.update(due=timezone.localdate() + 120 * DAY)
    return netra


def read(netra: World) -> Repository:
    return Repository.objects.select_related("plan", "head", "line_plan").get(pk=netra.repository.pk)


def ask(client: Client, query: str) -> Any:
    return client.get(f"{API}what-if?{query}")


def options(query: str) -> WhatIf:
    return WhatIf.read(QueryDict(query))


def test_the_page_has_three_ranges_and_the_chance_for_each_goal(ada: Client, moving: World) -> None:
    told = forecasts([read(moving)])[moving.repository.pk]

    words = page_text(ada, FORECAST)

    for outlook in (told.target, *told.phases.values()):
        for _, high in outlook.ranges.values():
            assert f"{high:%-d %b %Y}" in words
    assert "The range is based on the net pace" in words
    assert "of 10 reached their goal within the range" in words
    for title in Phase.objects.values_list("title", flat=True):
        assert title in words


def test_without_any_option_nothing_is_compared(ada: Client, moving: World) -> None:
    assert "Forecasts now and under these assumptions" not in page_text(ada, FORECAST)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("pace=abc", "“abc” is not a number greater than 0 and at most 100,000, such as 2.5."),
        ("pace=0", "“0” is not a number greater than 0"),
        ("pace=nan", "“nan” is not a number greater than 0"),
        (
            "pace=0.005",
            "At 0.005 per week, what is left would take more than 100 years. Enter a higher pace.",
        ),
        ("people=-1", "“-1” is not a number greater than 0 and at most 100, such as 1.5."),
        ("target=101", "“101” is not a percentage from 0 to 100, such as 95 or 99.5."),
        ("without=nothing", "“nothing” is not an open phase of the active plan."),
        ("draft=7", "There is no draft 7; drafts are kept for 30 days."),
        ("draft=x", "“x” is not the number of a draft."),
        ("patches=some", "“some” is not a valid value; use applied."),
        ("phase=cleanup&pace=3&without=cleanup", "A phase that is left out has no forecast."),
        ("phase=cleanup&target=90", "The target is for all files; a phase is about its last violation."),
    ],
)
def test_a_bad_value_is_explained_at_its_field_and_in_the_api(
    ada: Client, moving: World, query: str, words: str
) -> None:
    page = ada.get(f"{FORECAST}?{query}")
    body = page.content.decode()
    name = query.rsplit("&", maxsplit=1)[-1].partition("=")[0]

    assert page.status_code == 200
    assert words in body
    assert f'id="{name}-problem"' in body
    assert f'aria-describedby="{name}-problem"' in body
    assert "Nothing was computed. Correct the marked fields." in body
    refused = ask(ada, query)
    assert refused.status_code == 422
    assert words.rpartition("” ")[2].rstrip(".") in str(refused.json())


def test_the_typed_value_stays_in_the_form(ada: Client, moving: World) -> None:
    body = ada.get(f"{FORECAST}?pace=abc&people=1.5&without=cleanup").content.decode()

    assert 'value="abc"' in body
    assert 'value="1.5"' in body
    assert body.partition("<main")[2].partition("</main>")[0].count("checked") == 1


def test_more_people_make_every_pace_proportionally_higher(ada: Client, moving: World) -> None:
    told = ask(ada, "people=2").json()

    for each in (told["whole"], *told["phases"]):
        assert each["after"]["pace"] == pytest.approx(2 * each["before"]["pace"], abs=0.011)
        assert each["after"]["left"] == each["before"]["left"]
        assert each["after"]["chance"] > each["before"]["chance"]
        for before, after in zip(each["before"]["ranges"], each["after"]["ranges"], strict=True):
            assert after["earliest"] <= before["earliest"]
            assert after["latest"] < before["latest"]
    assert "every pace is 2 times as high" in told["assumptions"][0]
    words = page_text(ada, f"{FORECAST}?people=2")
    assert "Real teams often gain less from more people." in words
    assert "Forecasts now and under these assumptions" in words


def test_another_pace_is_for_the_whole_or_for_one_phase(ada: Client, moving: World) -> None:
    whole, one = ask(ada, "pace=20").json(), ask(ada, "pace=20&phase=cleanup").json()

    assert whole["whole"]["after"]["pace"] == 20
    day = timezone.localdate() + 51 * 7 / 20 * DAY
    assert abs(date.fromisoformat(whole["whole"]["after"]["median"]) - day) <= DAY
    assert "At a steady 20 files per week, 51 files left take until " in whole["assumptions"][1]
    assert all(each["before"] == each["after"] for each in whole["phases"])
    assert one["whole"]["before"] == one["whole"]["after"]
    assert {e["phase"]: e["after"]["pace"] for e in one["phases"]}["cleanup"] == 20
    assert "instead of" in one["assumptions"][0]


def test_another_target_changes_only_the_whole(ada: Client, moving: World) -> None:
    told = ask(ada, "target=69").json()

    assert told["whole"]["after"]["left"] == 0
    assert told["whole"]["after"]["state"] == "reached"
    assert ask(ada, "target=100").json()["whole"]["after"]["left"] == 61
    assert all(each["before"] == each["after"] for each in told["phases"])


def test_a_target_can_be_raised_after_it_was_reached(ada: Client, netra: World) -> None:
    line(netra, list(range(100, 5, -1)))

    told = ask(ada, "target=100").json()["whole"]

    assert told["before"]["state"] == "reached"
    assert told["after"]["state"] == "under way"
    assert told["after"]["left"] == 6


def test_the_query_string_of_the_form_works_in_the_api(ada: Client, moving: World) -> None:
    sent = ask(ada, "phase=&pace=&people=2&target=&draft=")

    assert sent.status_code == 200
    assert sent.json() == ask(ada, "people=2").json()


def test_the_target_that_is_named_is_the_one_that_is_computed(ada: Client, moving: World) -> None:
    finer, plain = ask(ada, "target=69.54").json(), ask(ada, "target=69.5").json()

    assert finer == plain
    assert finer["assumptions"] == ["The target is 69.5%."]


def test_a_phase_that_is_given_twice_is_left_out_once(ada: Client, moving: World) -> None:
    twice, once = ask(ada, "without=cleanup&without=cleanup"), ask(ada, "without=cleanup")

    assert twice.json() == once.json()


def test_without_a_phase_its_violations_leave_the_scope(ada: Client, netra: World) -> None:
    repository = read(netra)
    scene = chart_context(repository)
    gone = set(
        netra.plan.violations.filter(last=None, phases__contains=["golden-path"]).values_list("pk", flat=True)
    )
    here = netra.plan.violations.filter(last=None, suppressed=False)
    files = {v.file_id for v in here if v.counted}
    cleaned = files - {v.file_id for v in here if v.counted and v.pk not in gone}

    assert scene.prospect
    found = answer(scene, scene.prospect, options("without=golden-path"))

    whole, *phases = found.comparisons
    assert gone
    assert cleaned
    assert whole.before
    assert whole.after
    assert whole.before.outlook.left - whole.after.outlook.left == min(
        len(cleaned), whole.before.outlook.left
    )
    assert {each.key: each.after for each in phases}["golden-path"] is None
    others = [each for each in phases if each.key != "golden-path"]
    for each in others:
        shared = sum(v.pk in gone for v in here if each.key in v.phases)
        assert each.before
        assert each.after
        assert each.before.outlook.left - each.after.outlook.left == shared


def test_all_patches_applied_fix_what_each_patch_says(ada: Client, netra: World) -> None:
    repository = read(netra)
    here = list(netra.plan.violations.filter(last=None, suppressed=False, counted=True).order_by("pk"))
    fixed = here[:3]
    for file in {v.file for v in fixed}:
        Patch.objects.create(
            file=file,
            commit=netra.head,
            plan=netra.plan,
            text=b"diff",
            fixed=1,
            refused=[],
            guides=[],
            fixes=[v.fingerprint for v in fixed if v.file_id == file.pk],
        )
    left = {v.file_id for v in here if v not in fixed}
    cleaned = {v.file_id for v in fixed} - left

    scene = chart_context(repository)
    assert scene.prospect
    found = answer(scene, scene.prospect, options("patches=applied"))

    whole, *phases = found.comparisons
    assert whole.before
    assert whole.after
    assert whole.before.outlook.left - whole.after.outlook.left == min(
        len(cleaned), whole.before.outlook.left
    )
    for each in phases:
        assert each.before
        assert each.after
        gone = sum(each.key in v.phases for v in fixed)
        assert each.before.outlook.left - each.after.outlook.left == gone
    assert f"in {len({v.file_id for v in fixed}):,} of " in found.assumptions[0]


def test_nothing_is_stored(ada: Client, moving: World, counted: Counted) -> None:
    with counted() as queries:
        assert ada.get(f"{FORECAST}?people=2&without=cleanup&patches=applied&target=99").status_code == 200

    assert not [
        q["sql"] for q in queries.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    ]


def test_past_forecasts_stand_beside_what_came(ada: Client, netra: World) -> None:
    line(netra, [*range(160, 5, -1), 4])
    Repository.objects.update(history_done=True)
    record_forecasts()

    words = page_text(ada, FORECAST)

    assert "Past forecasts and outcomes" in words
    assert "reached on " in words
    assert (
        "If they had been shown: Counting ranges with a final result, the goal was reached within " in words
    )
    first = timezone.localdate() - 6 * DAY  # ten files left, then 9, 8, 7, 6 and 4, until yesterday
    assert f"The target has been reached since {first:%-d %b %Y} ." in words
    assert f"Target reached since {first:%-d %b %Y}" in " ".join(page_text(ada, PAGE).split())
    assert reached_since(read(netra), 6) is None
    assert reached_since(read(netra), 7) == first
    assert re.search(r"Nobody was shown a forecast in \d+ earlier weeks?, marked \*", words)
    rows = ada.get(f"{API}weeks").json()["items"]
    assert rows
    assert {row["result"] for row in rows} <= {"inside the range", "sooner", "later", "no date"}
    sheet = b"".join(ada.get(f"{PAGE}forecast.csv")).decode().splitlines()
    assert len(sheet) == len(rows) + 1


def test_the_past_of_a_phase_can_be_chosen(ada: Client, moving: World) -> None:
    rows = ada.get(f"{API}weeks?phase=cleanup").json()["items"]
    assert rows
    assert ada.get(f"{API}weeks?phase=nothing").status_code == 404
    assert "is not a phase of the active plan" in page_text(ada, f"{FORECAST}?phase=nothing")
    assert ada.get(f"{PAGE}forecast.csv?phase=nothing").status_code == 422


def test_the_burn_up_reaches_the_scope_on_the_due_date_along_the_ideal_line(
    ada: Client, moving: World
) -> None:
    Phase.objects.update(due=timezone.localdate() + 20 * DAY)
    whole = ada.get(f"{PAGE}charts/burnup.json").json()
    told = forecasts([read(moving)])[moving.repository.pk]

    assert whole["columns"] == ["When", "Clean files", "Needed for 95%", "Commit"]
    assert [row[1] for row in whole["points"]][-1] == 139
    assert {row[2] for row in whole["points"]} == {190}
    end = timezone.localdate() + 21 * DAY
    assert whole["ideal"]["points"][0] == [whole["points"][0][0], whole["points"][0][1]]
    assert whole["ideal"]["points"][1][1] == 190
    assert datetime.fromtimestamp(whole["due"]["at"], UTC) == datetime.combine(end, time(), UTC)
    assert whole["forecast"]["points"][0][1:] == [139, 139]
    assert told.target.left == 190 - 139
    assert "due " in whole["description"]
    Phase.objects.update(due=timezone.localdate() + timedelta(weeks=300))
    cache.clear()
    far = ada.get(f"{PAGE}charts/burnup.json").json()
    assert far["due"] is None
    assert any("is beyond the chart" in note for note in far["notes"])


def test_weeks_in_a_row_with_the_same_forecast_are_one_row() -> None:
    def week(number: int, left: int) -> PastForecast:
        day = date(2026, 11, 30) - timedelta(weeks=number)
        return PastForecast(
            *(day, day, False, 1, "no progress", left, 0.0, {}, None, None, None, None),
            today=date(2026, 12, 1),
        )

    rows = list(week_rows([week(0, 4), week(1, 4), week(2, 4), week(3, 5)]))
    assert [(row.weeks, row.past.left) for row in rows] == [(3, 4), (1, 5)]
    assert (rows[0].first.week, rows[0].past.week) == (date(2026, 11, 16), date(2026, 11, 30))


def test_a_range_that_has_not_ended_is_not_missed() -> None:
    def week(latest: tuple[date, date, date], reached: date | None = None) -> PastForecast:
        ranges = {level: (date(2026, 3, 2), end) for level, end in zip((50, 80, 95), latest, strict=True)}
        day = date(2026, 1, 5)
        return PastForecast(
            *(day, day, False, 1, "under way", 4, 1.0, ranges, ranges[50][1], None, None, reached),
            today=date(2026, 12, 1),
        )

    ended, ahead = date(2026, 11, 30), date(2027, 12, 27)
    missed, open_ = week((ended, ended, ahead)), week((ended, ahead, ahead))
    found = track_record([missed, missed, open_])
    assert found.final == {50: 3, 80: 2, 95: 0}
    assert record_sentence(found) == (
        "Counting ranges with a final result, the goal was reached within that of 50% in 0 of 3 weeks and "
        "that of 80% in 0 of 2 weeks. No range of 95% is final yet. 0 were sooner than the range of 80% and "
        "2 later. As the goal hasn't been reached since, only ranges that were missed are final so far. "
        "Weeks of one goal have the same outcome, so they are not independent."
    )
    assert [row.outcome for row in week_rows([missed, open_])] == [
        "not reached by 30 Nov 2026; the range of 95% goes on",
        "not reached yet",
    ]
    reached = record_sentence(track_record([week((ended, ended, ended), date(2026, 11, 30))]))
    assert (
        "within that of 50% in 1 of 1 week, that of 80% in 1 of 1 week and that of 95% in 1 of 1 week."
        in reached
    )
    assert "hasn't" not in reached
    assert record_sentence(track_record([week((ahead, ahead, ahead))])).startswith("No recorded forecast has")


def test_a_date_beside_next_to_no_pace_says_what_the_pace_alone_would_take(ada: Client, netra: World) -> None:
    line(netra, [161, *[160] * 60])
    Repository.objects.update(history_done=True)
    words = "more than ten years at this pace alone"
    told = forecasts([read(netra)])[netra.repository.pk]

    assert told.target.latest
    assert all(outlook.latest for outlook in told.phases.values())
    assert page_text(ada, FORECAST).count(words) == 1 + len(told.phases)
    assert page_text(ada, PAGE).count(words) >= len(told.phases)


def test_without_a_recorded_forecast_the_page_says_so_and_folds_the_computed_ones(
    ada: Client, netra: World
) -> None:
    line(netra, list(range(190, 40, -1)))
    Repository.objects.update(history_done=True)
    page = ada.get(f"{PAGE}forecast/").content.decode()
    weeks = page.split('id="weeks"')[1]
    assert "No forecast has been recorded yet. From now on, one is recorded each week." in weeks
    assert '<details class="card-body-next folded" id="computed-weeks">' in weeks
