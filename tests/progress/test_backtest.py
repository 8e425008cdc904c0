"""The back-test on the sixteen lines: its figures are what docs/forecast.md promises."""

from collections.abc import Sequence

import pytest

from bench.backtest.learning import learn, usable
from bench.backtest.lines import read_lines
from bench.backtest.methods import forecast
from bench.backtest.questions import Question, questions
from bench.backtest.scores import Judged, easiest, judge, score, too_early
from compliance.progress.forecast.completion import LEARNED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> Sequence[Question]:
    return questions(read_lines())


@pytest.fixture(scope="module")
def judged(found: Sequence[Question]) -> Sequence[Judged]:
    return judge(forecast, found)


def test_the_constants_are_those_that_the_lines_teach(found: Sequence[Question]) -> None:
    assert learn(usable(found)) == pytest.approx(LEARNED, rel=1e-3)


def test_ranges_hold_as_often_as_they_say(judged: Sequence[Judged]) -> None:
    figures = score(judged)

    assert figures.questions == 2629
    assert figures.dated >= 0.25
    assert figures.inside is not None
    assert 0.75 <= figures.inside <= 0.85
    assert figures.width is not None
    assert figures.width <= 2.4
    assert figures.half is not None
    assert 0.4 <= figures.half <= 0.6
    assert figures.most is not None
    assert figures.most >= 0.9


def test_the_easiest_quarter_holds_as_well(found: Sequence[Question], judged: Sequence[Judged]) -> None:
    quarter = easiest(found)

    figures = score(pair for pair in judged if id(pair[0]) in quarter)

    assert figures.inside is not None
    assert 0.75 <= figures.inside <= 0.85
    assert figures.width is not None
    assert figures.width <= 2.4


def test_few_dates_of_stalled_migrations_were_too_early(judged: Sequence[Judged]) -> None:
    never, dated, early = too_early(judged)

    assert (never, dated, early) == (186, 138, 26)
