"""The verdict in words: made from the rows, never claiming more than they say."""

from dataclasses import asdict, fields
from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.lib.figures import percent
from compliance.models import Repository, Snapshot
from compliance.progress.summary import Figures, Summary, missing_files, summaries
from tests.views.cast import World


def snapshot(clean: int, files: int) -> Snapshot:
    return Snapshot(clean=clean, files=files)


def told(repository: Repository) -> Summary:
    rows = list(Repository.objects.select_related("plan", "head").filter(pk=repository.pk))
    return summaries(rows)[repository.pk]


def test_the_headline_shows_the_figure_in_the_required_format() -> None:
    verdict = Summary(target=95.0, snapshot=snapshot(804, 922))

    assert verdict.headline == "87.2%, 804 of 922 files; 72 more files to 95%."


def test_the_percentage_is_rounded_down() -> None:
    assert percent(9499, 10000) == 94.9
    assert percent(2, 3) == 66.6


@pytest.mark.parametrize(("clean", "files", "target"), [(804, 922, 95.0), (0, 7, 33.3), (949, 1000, 95.0)])
def test_the_files_still_missing_are_exactly_enough(clean: int, files: int, target: float) -> None:
    missing = missing_files(clean, files, target)

    assert (percent(clean + missing, files) or 0) >= target
    assert (percent(clean + missing - 1, files) or 0) < target


def test_one_file_is_one_file() -> None:
    assert "1 more file to 95%" in Summary(target=95.0, snapshot=snapshot(94, 100)).headline


def test_a_target_is_reached_only_where_the_shown_figure_shows_it() -> None:
    assert Summary(target=95.0, snapshot=snapshot(9499, 10000)).state == "under way"
    reached = Summary(target=95.0, snapshot=snapshot(95, 100))
    assert reached.state == "reached"
    assert reached.headline == "95.0%, 95 of 100 files; the target of 95% is reached."


def test_without_files_there_is_no_percentage() -> None:
    verdict = Summary(target=95.0, snapshot=snapshot(0, 0))

    assert verdict.state == "no files"
    assert verdict.headline.startswith("n/a")
    assert verdict.movement == ""


def test_without_a_snapshot_nothing_is_claimed() -> None:
    verdict = Summary(target=95.0)

    assert (verdict.state, verdict.headline, verdict.movement) == (
        "unknown",
        "Nothing has been recorded yet.",
        "",
    )


def test_a_loss_is_called_going_backwards() -> None:
    verdict = Summary(95.0, snapshot(800, 1000), snapshot(812, 1000), timezone.now())

    assert verdict.state == "backwards"
    assert verdict.movement == "Down 1.2 points since last week."


@pytest.mark.parametrize(
    ("now", "past", "words"),
    [
        ((700, 800), (712, 812), "Down 0.1 points since last week: 12 fewer clean files"),
        ((6, 7), (7, 8), "Down 1.8 points since last week: 1 fewer clean file"),
    ],
)
def test_the_removal_of_clean_files_is_no_regression(
    now: tuple[int, int], past: tuple[int, int], words: str
) -> None:
    verdict = Summary(95.0, snapshot(*now), snapshot(*past), timezone.now())

    assert verdict.state == "under way"
    assert verdict.movement == f"{words}, and no more files that aren't clean."


def test_a_loss_with_more_files_to_fix_is_going_backwards_even_if_clean_files_were_removed() -> None:
    verdict = Summary(95.0, snapshot(700, 801), snapshot(712, 812), timezone.now())

    assert verdict.state == "backwards"


def test_a_gain_too_small_to_show_is_not_called_unchanged() -> None:
    verdict = Summary(95.0, snapshot(80001, 100000), snapshot(80000, 100000), timezone.now())

    assert verdict.movement == "Changed by less than 0.1 points since last week."


def test_an_old_repository_is_compared_over_the_week_before_its_newest_commit() -> None:
    until = timezone.now() - timedelta(days=400)
    verdict = Summary(95.0, snapshot(900, 1000), snapshot(880, 1000), until)

    assert verdict.movement == f"Up 2.0 points in the week to the latest commit, {until:%-d %b %Y}."


def test_the_week_is_read_from_the_rows(netra: World) -> None:
    old = Snapshot.objects.filter(commit__committed_at__lte=timezone.now() - timedelta(days=7))
    newest_old = old.order_by("-commit__position")[:1].get()
    now = Snapshot.objects.get(commit=netra.head)

    verdict = told(netra.repository)

    assert isinstance(verdict.past, Figures)
    assert asdict(verdict.past) == {each.name: getattr(newest_old, each.name) for each in fields(Figures)}
    assert verdict.change == round(
        (percent(now.clean, now.files) or 0) - (percent(newest_old.clean, newest_old.files) or 0), 1
    )


def test_without_a_commit_of_a_week_ago_no_movement_is_claimed(netra: World) -> None:
    netra.repository.commits.update(committed_at=timezone.now())

    assert told(netra.repository).movement == "No earlier figure to compare with yet."
