"""Slices into which the trend can be split, with their keys, labels and line styles."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.charts.context import ChartContext
from compliance.models import Risk

DIMENSIONS = ("phase", "issue", "rule", "risk", "category")
MOST = 12
"""Maximum number of lines in a chart. The slices with the most violations left are drawn."""

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
_RISK_SHAPES: dict[str, str] = {
    Risk.CRITICAL: "rectRot",
    Risk.HIGH: "triangle",
    Risk.MEDIUM: "rect",
    Risk.LOW: "circle",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice whose line can be identified by its `dash` and `shape` as well as by its colour.

    `dash` contains the lengths of dashes and gaps in pixels, `shape` is a point style of Chart.js, and `tone`
    names a colour in the stylesheet.
    """

    key: str
    label: str
    dash: tuple[int, ...]
    shape: str
    tone: str


def slices(context: ChartContext, dimension: str) -> tuple[list[Slice], int]:
    """Return the slices of a dimension that are drawn, in plan order, and the total number of slices. A
    `whole` chart has all of them.
    """
    names = _names(context, dimension)
    chosen = list(names)
    if len(chosen) > MOST and not context.whole:
        most = sorted(chosen, key=lambda key: context.left(dimension, key), reverse=True)[:MOST]
        chosen = [key for key in chosen if key in most]
    drawn = [
        Slice(
            key,
            names[key],
            _DASHES[place % MOST],
            _RISK_SHAPES.get(key, "circle") if dimension == "risk" else _SHAPES[place % len(_SHAPES)],
            key if dimension == "risk" and key in Risk.values else f"line-{place % MOST}",
        )
        for place, key in enumerate(chosen)
    ]
    return drawn, len(names)


def _names(context: ChartContext, dimension: str) -> Mapping[str, str]:
    """Return the labels of all slices at the newest commit by their keys, in plan order if the plan defines
    one.
    """
    known = context.snapshot.by.get(dimension, {}) if context.snapshot else {}
    if dimension == "phase":
        shown = [phase for phase in context.phases if phase.key in known]
        # With several issues, titles such as “Week 1” may occur more than once.
        several = len({phase.issue_id for phase in shown}) > 1
        return {phase.key: f"{phase.issue.key} {phase.title}" if several else phase.title for phase in shown}
    if dimension == "issue":
        return {
            issue.key: f"{issue.key} {issue.tracker_title or issue.title}"
            for issue in context.issues
            if issue.key in known
        }
    if dimension == "risk":
        return {risk: risk for risk in Risk.values if risk in known}
    return {key: key for key in sorted(known)}
