"""How good the answers of a method are: shares of dates, ranges that held, and their widths."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from bench.backtest.methods import Answer, Method
from bench.backtest.questions import Question


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of some answers. Shares are of the dates given, except `dated`, which is of the questions.

    `inside`, `sooner` and `later` compare the real date with the range of 80 %. `width` is the median of that
    range's length over the time that really remained. `half` and `most` are the shares inside the ranges of
    50 and 95 %. All but `dated` are None without a date, and the last two if the method has no such ranges.
    """

    questions: int
    dated: float
    inside: float | None = None
    sooner: float | None = None
    later: float | None = None
    width: float | None = None
    half: float | None = None
    most: float | None = None


Judged = tuple[Question, Answer]


def judge(method: Method, found: Sequence[Question], known: Sequence[Question] = ()) -> list[Judged]:
    """Return the method's answers, each learned only from other repositories' lines.

    It learns from the questions `known` or, without any, from the others of those it is asked.
    """
    judged: list[Judged] = []
    for repository in sorted({question.line.repository for question in found}):
        answer = method([q for q in known or found if q.line.repository != repository])
        judged += [(q, answer(q)) for q in found if q.line.repository == repository]
    return judged


def score(judged: Iterable[Judged]) -> Score:
    """Return the figures for the questions whose goal was reached."""
    told = [(question, answer) for question, answer in judged if question.reached]
    dated = [(question.weeks, answer) for question, answer in told if answer]
    share = len(dated) / len(told) if told else 0.0
    if not dated:
        return Score(len(told), share)
    return Score(
        len(told),
        share,
        _held(dated, 80),
        mean(weeks < answer[80][0] for weeks, answer in dated),
        mean(weeks > answer[80][1] for weeks, answer in dated),
        median((answer[80][1] - answer[80][0]) / weeks for weeks, answer in dated),
        _held(dated, 50),
        _held(dated, 95),
    )


def _held(dated: Sequence[tuple[float, Mapping[int, tuple[float, float]]]], level: int) -> float | None:
    """Return the share of times inside the ranges of a level, or None if there are none."""
    if any(level not in answer for _, answer in dated):
        return None
    return mean(answer[level][0] <= weeks <= answer[level][1] for weeks, answer in dated)


def easiest(found: Sequence[Question]) -> set[int]:
    """Return the ids of the quarter of the reached questions with the shortest time at the net pace."""
    told = sorted((q for q in found if q.reached), key=lambda q: -q.rate)
    return {id(question) for question in told[: len(told) // 4]}


def too_early(judged: Iterable[Judged]) -> tuple[int, int, int]:
    """Return, for goals that were never reached, the number of questions, of those with a date, and of those
    whose range of 80 % was over before the line ended.
    """
    never = [(question, answer) for question, answer in judged if not question.reached]
    dated = [(question.weeks, answer) for question, answer in never if answer]
    return len(never), len(dated), sum(answer[80][1] < weeks for weeks, answer in dated)
