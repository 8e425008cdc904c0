"""The parts that a line can be split into: which there are, what they are called, how each is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.charts.context import ChartContext

DIMENSIONS = ("phase", "issue", "rule", "risk", "category")
MOST = 12
"""More lines than this no reader tells apart; those with the most left are drawn."""

_DASHES = (
    (),
    (7, 3),
    (2, 2),
    (10, 3, 2, 3),
    (5, 5),
    (1, 3),
    (12, 4),
    (6, 2, 1, 2),
    (3, 1),
    (9, 6),
    (4, 2),
    (1, 1),
)
_SHAPES = ("circle", "rect", "triangle", "rectRot", "cross", "star")
_RISKS = {"critical": "rectRot", "high": "triangle", "medium": "rect", "low": "circle"}


@dataclass(frozen=True, slots=True)
class Slice:
    """One part. Its line is told by `dash` (lengths of stroke and gap, pixels) and `shape` as by its colour.

    `shape` is one of Chart.js' point styles; `tone` names a colour of the page's style.
    """

    key: str
    label: str
    dash: tuple[int, ...]
    shape: str
    tone: str


def slices(context: ChartContext, dimension: str) -> tuple[list[Slice], int]:
    """The parts of a dimension to draw, in the plan's order, and how many there are."""
    names = _names(context, dimension)
    chosen = list(names)
    if len(chosen) > MOST:
        most = sorted(chosen, key=lambda key: context.left(dimension, key), reverse=True)[:MOST]
        chosen = [key for key in chosen if key in most]
    drawn = [
        Slice(
            key,
            names[key],
            _DASHES[place],
            _RISKS.get(key, "circle") if dimension == "risk" else _SHAPES[place % len(_SHAPES)],
            key if dimension == "risk" and key in _RISKS else f"line-{place}",
        )
        for place, key in enumerate(chosen)
    ]
    return drawn, len(names)


def _names(context: ChartContext, dimension: str) -> Mapping[str, str]:
    """Key -> label of every part that the newest commit knows, in the plan's order where there is one."""
    known = context.snapshot.by.get(dimension, {}) if context.snapshot else {}
    if dimension == "phase":
        shown = [phase for phase in context.phases if phase.key in known]
        several = len({phase.issue_id for phase in shown}) > 1  # then two may well have a “Week 1”
        return {phase.key: f"{phase.issue.key} {phase.title}" if several else phase.title for phase in shown}
    if dimension == "issue":
        return {
            issue.key: f"{issue.key} {issue.tracker_title or issue.title}"
            for issue in context.issues
            if issue.key in known
        }
    if dimension == "risk":
        return {risk: risk for risk in _RISKS if risk in known}
    return {key: key for key in sorted(known)}
