"""A line that is kept between drawings is what a drawing from all rows shows, whatever happens in between."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.charts import CHARTS, burndown, burnup, kept_line, trend
from compliance.charts.context import chart_context
from compliance.charts.series import LEFT, read
from compliance.charts.trend import CHOSEN_BY
from compliance.models import Baseline, Commit, Phase, Repository, Snapshot
from compliance.views.charts_ahead import draw_ahead
from tests.views.cast import World, world

COMMITS = 40
MANY = 10**9
_OF_TODAY = ("forecast", "ideal", "due")
"""What depends on the time of the drawing."""


@pytest.fixture
def long(db: None) -> Iterator[World]:
    """A complete history of which every figure differs from commit to commit."""
    cache.clear()
    made = world(commits=COMMITS)
    Repository.objects.update(history_done=True)
    made.repository.refresh_from_db()
    chance = random.Random(5)
    for snapshot in Snapshot.objects.all():
        vary(snapshot, chance)
    yield made
    cache.clear()


def vary(snapshot: Snapshot, chance: random.Random) -> None:
    snapshot.clean = chance.randrange(snapshot.files)
    snapshot.files_with_violations = snapshot.files - snapshot.clean
    snapshot.violations = snapshot.files_with_violations + chance.randrange(30)
    snapshot.by["phase"]["cleanup"] = [chance.randrange(20), 1]
    snapshot.newly_suppressed, snapshot.moved_in = chance.randrange(4), chance.randrange(4)
    snapshot.save()


def rewrite(snapshot: Snapshot) -> None:
    """Record a commit anew, as the writer does: the former row is replaced."""
    snapshot.delete()
    snapshot.pk = None
    snapshot.violations, snapshot.by["phase"]["cleanup"] = 7777, [88, 2]
    snapshot.save()


def push(made: World) -> None:
    made.commit("Migrate", fix=2)


def push_many(made: World) -> None:
    for number in range(7):
        made.commit(f"Migrate {number}", fix=1)


def record_the_middle_anew(_: World) -> None:
    rewrite(Snapshot.objects.get(commit__position=COMMITS // 2))


def record_the_newest_anew(made: World) -> None:
    rewrite(Snapshot.objects.get(commit=made.head))


def push_by_force(made: World) -> None:
    Commit.objects.filter(position__gte=COMMITS - 3).update(position=None)
    made.position = COMMITS - 4
    made.repository.slug = "netra-2"  # from which the cast makes the SHAs
    for number in range(6):
        made.commit(f"Another way {number}")
    Repository.objects.update(slug="netra")


def drop_the_newest(made: World) -> None:
    Commit.objects.filter(position=COMMITS).update(position=None)
    made.repository.head = Commit.objects.get(position=COMMITS - 1)
    made.repository.line_length = COMMITS - 1
    made.repository.save()


def date_otherwise(_: World) -> None:
    commit = Commit.objects.get(position=9)
    Commit.objects.filter(pk=commit.pk).update(placed_at=commit.committed_at + timedelta(days=30))


EVENTS = [
    push,
    push_many,
    record_the_middle_anew,
    record_the_newest_anew,
    push_by_force,
    drop_the_newest,
    date_otherwise,
]


def drawn(least: int, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return what charts show if lines of so many commits and more are kept."""
    monkeypatch.setattr(kept_line, "LEAST", least)
    repository = Repository.objects.select_related("plan", "line_plan", "head").get()
    names = {"dimension": "phase", "key": "cleanup"}
    lines = [
        read(repository, {}, value=value, names=of, most=most, first=first)[:3]
        for value, of in ((LEFT, names), *((measure, {}) for measure in CHOSEN_BY.values()))
        for most in (9, 20, 1000)
        for first in (0, 1, 2, 17)
    ]
    charts = [
        trend.draw(chart_context(repository)),
        trend.draw(chart_context(repository, {"by": "phase", "measure": "violations"})),
        burndown.draw(chart_context(repository, {"phase": "cleanup"})),
        burnup.draw(chart_context(repository, {"phase": "cleanup"})),
    ]
    return [*lines, *({name: chart[name] for name in chart if name not in _OF_TODAY} for chart in charts)]


@pytest.mark.parametrize("event", EVENTS)
def test_a_kept_line_shows_what_all_rows_show(
    long: World, event: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    Baseline.objects.get_or_create(plan=long.plan, defaults={"commit": Commit.objects.get(position=3)})
    for _ in range(2):
        assert drawn(2, monkeypatch) == drawn(MANY, monkeypatch)
    before = drawn(MANY, monkeypatch)

    event(long)

    kept = drawn(2, monkeypatch)
    assert kept == drawn(MANY, monkeypatch)
    assert kept != before


def test_after_a_push_only_the_new_commits_are_read(long: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(2, monkeypatch)
    push(long)

    with CaptureQueriesContext(connection) as queries:
        drawn(2, monkeypatch)

    assert_only_new_commits_are_read(queries)


def test_a_new_web_process_reads_the_lines_that_pages_show_before_anybody_asks(
    long: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_line, "LEAST", 2)
    phases = Phase.objects.filter(in_plan=True, closed_at__isnull=True).values_list("key", flat=True)
    pages: list[tuple[str, dict[str, str]]] = [("burndown", {"phase": key}) for key in phases]
    pages += [("trend", {}), ("trend", {"by": "phase", "measure": "violations"}), ("burnup", {})]

    assert draw_ahead() == len(pages) > 3
    push(long)

    repository = Repository.objects.select_related("plan", "line_plan", "head").get()
    with CaptureQueriesContext(connection) as queries:
        for name, query in pages:
            CHARTS[name].draw(chart_context(repository, query))
    assert_only_new_commits_are_read(queries)


def assert_only_new_commits_are_read(queries: CaptureQueriesContext) -> None:
    told = " ".join(query["sql"] for query in queries.captured_queries)
    assert "s.id = " in told  # the newer commits are asked for
    assert "array_agg" not in told
    assert "WITH judged" not in told


def test_a_history_that_is_incomplete_is_not_kept(long: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Snapshot.objects.filter(commit__position__lte=5).delete()

    assert drawn(2, monkeypatch) == drawn(MANY, monkeypatch)


def test_values_that_some_commits_lack_are_left_out_of_the_choice() -> None:
    assert kept_line.chosen_places([None, 5, None, 1, 9, None, None, None], 6) == [0, 1, 3, 4, 7]
    assert kept_line.chosen_places([None, None, None], 1) == [0, 2]
    assert kept_line.chosen_places([], 5) == []
