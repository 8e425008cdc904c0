"""Print the constants, and every method's figures, each repository judged by what others teach."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.backtest.learning import learn, usable
from bench.backtest.lines import Line, read_history, read_lines
from bench.backtest.methods import (
    Method,
    forecast,
    forecast_always,
    monte_carlo,
    one_range,
    release,
    with_constants,
)
from bench.backtest.questions import Question, questions
from bench.backtest.scores import Judged, Score, easiest, judge, score, too_early
from compliance.progress.forecast.completion import LEARNED, WEEK, WINDOW

METHODS: Mapping[str, Method] = {
    "the forecast": forecast,
    "the same, always a date": forecast_always,
    "the forecast before it": release,
    "Monte Carlo of the last 12 weeks": monte_carlo(12),
    "Monte Carlo of the last 52 weeks": monte_carlo(52),
    "one range for everything": one_range,
}
COLUMNS = ("questions", "dated", "inside", "sooner", "later", "width", "50 %", "95 %")


def show(title: str, figures: Score) -> None:
    """Print one row of a table."""
    shares = [figures.dated, figures.inside, figures.sooner, figures.later]
    cells = [f"{figures.questions}", *map(_percent, shares)]
    cells += ["" if figures.width is None else f"{figures.width:.2f}"]
    cells += [_percent(figures.half), _percent(figures.most)]
    print(f"{title:<36}" + "".join(f"{cell:>10}" for cell in cells))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def head(title: str) -> None:
    """Print the head of a table."""
    print(f"\n{title}\n{'':<36}" + "".join(f"{column:>10}" for column in COLUMNS))


def compare(found: Sequence[Question]) -> Sequence[Judged]:
    """Print every method's figures, over all questions and over the easiest quarter. Return the forecast's
    answers.
    """
    judged = {name: judge(method, found) for name, method in METHODS.items()}
    quarter = easiest(found)
    head("All questions whose goal was reached (ranges of 80 %; no repository judged by itself)")
    for name, answers in judged.items():
        show(name, score(answers))
    head("The quarter with the shortest time at the net pace")
    for name, answers in judged.items():
        show(name, score(pair for pair in answers if id(pair[0]) in quarter))
    print("\nGoals that were never reached")
    for name, answers in judged.items():
        never, dated, early = too_early(answers)
        print(f"{name:<36}{never:>10} questions, {dated} dated, {early} of them too early")
    ours = judged["the forecast"]
    by("By repository", ours, lambda question: question.line.repository)
    by("By time at the net pace", ours, _time_at_pace)
    return ours


def by(title: str, judged: Sequence[Judged], key: Callable[[Question], str]) -> None:
    """Print the forecast's figures by a property of the questions."""
    head(title)
    for name in sorted({key(question) for question, _ in judged}):
        show(f"  {name}", score(pair for pair in judged if key(pair[0]) == name))


def _time_at_pace(question: Question) -> str:
    if question.rate <= 0:
        return "no progress"
    weeks = 1 / question.rate
    bounds = (13, 26, 52, 104, 208, 416)
    return next((f"up to {bound:>3} weeks" for bound in bounds if weeks <= bound), "over 416 weeks")


def sensitivity(found: Sequence[Question], judged: Sequence[Judged]) -> None:
    """Print the figures with other values of the base and for other choices of questions."""
    head("With another base, in weeks (the other two constants are learned)")
    for base in (10.0, 15.0, 20.0, 30.0, 50.0):
        show(f"  {base:g}", score(judge(partial(forecast, base=base), found)))
    head("With the net pace over other periods, in weeks (all constants are learned)")
    for weeks in (13, 26, 52, 104):
        asked = questions(read_lines(), window=weeks * WEEK)
        show(f"  {weeks}", score(judge(forecast, asked)))
    head("For other choices of questions")
    show("  from the peak on", score(judge(forecast, [q for q in found if q.day >= q.line.peak])))
    names = sorted({question.line.name for question in found})
    for start in range(4):
        part = names[start::4]
        show(f"  every 4th line, {start + 1}", score(pair for pair in judged if pair[0].line.name in part))


def constants(found: Sequence[Question]) -> None:
    """Print the constants learned from all lines, beside those of the product."""
    learned = learn(usable(found))
    print(f"pace over {WINDOW / WEEK:g} weeks")
    for name, new, used in zip(LEARNED._fields, learned, LEARNED, strict=True):
        print(f"{name:<8}{new:>9.3f} (in the product {used:g})")


def other_goals(found: Sequence[Question]) -> None:
    """Print how what was learned from violations does on the last violation, and on files."""
    head("The last violation, with constants learned from the other goals")
    _learned_elsewhere(questions(read_lines(), [0.0]), found)
    head("Files with violations, with constants learned from violations")
    _learned_elsewhere(questions(read_lines(unit="files")), found)


def _learned_elsewhere(asked: Sequence[Question], known: Sequence[Question]) -> None:
    judged, quarter = judge(forecast, asked, known), easiest(asked)
    show("the forecast", score(judged))
    show("  the easiest quarter", score(pair for pair in judged if id(pair[0]) in quarter))
    _show_early(judged)


def main(paths: Sequence[str]) -> None:
    """Print every table for the lines of the folder, or judge the lines of given folders and histories."""
    if paths:
        compare_with_product([line for path in paths for line in _lines(Path(path))])
        return
    found = questions(read_lines())
    constants(found)
    sensitivity(found, compare(found))
    other_goals(found)


def _lines(path: Path) -> list[Line]:
    return read_lines(path) if path.is_dir() else list(read_history(path))


def compare_with_product(lines: Sequence[Line]) -> None:
    """Print the figures of the product's own constants for lines that they weren't learned from."""
    found = questions(lines)
    judged, quarter = judge(with_constants(LEARNED), found), easiest(found)
    head(f"{len(lines)} lines, judged with the product's constants")
    show("the forecast", score(judged))
    show("  the easiest quarter", score(pair for pair in judged if id(pair[0]) in quarter))
    for name in [line.name for line in lines]:
        show(f"  {name}"[:35], score(pair for pair in judged if pair[0].line.name == name))
    _show_early(judged)


def _show_early(judged: Sequence[Judged]) -> None:
    never, dated, early = too_early(judged)
    print(f"  never reached: {never} questions, {dated} dated, {early} of them too early")


if __name__ == "__main__":
    main(sys.argv[1:])
