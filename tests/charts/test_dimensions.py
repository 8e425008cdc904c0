"""The lines of a chart can be told apart without colour, and a risk looks the same in every chart."""

from types import SimpleNamespace
from typing import cast

import pytest

from compliance.charts.context import ChartContext
from compliance.charts.dimensions import MOST, Slice, slices
from compliance.models import Snapshot


def drawn(dimension: str, keys: list[str]) -> list[Slice]:
    snapshot = Snapshot(by={dimension: {key: [1, 1] for key in keys}})
    context = SimpleNamespace(
        snapshot=snapshot, whole=True, phases=(), issues=(), left=ChartContext.left, rules=()
    )
    return slices(cast("ChartContext", context), dimension)[0]


def test_risks_have_shapes_of_their_own_and_others_those_of_their_place() -> None:
    risks = {one.key: one.shape for one in drawn("risk", ["critical", "high", "medium", "low"])}
    assert risks == {"critical": "rectRot", "high": "triangle", "medium": "rect", "low": "circle"}
    categories = [one.shape for one in drawn("category", ["low", "b", "c", "d", "e", "f", "g"])]
    assert categories == ["circle", "rect", "triangle", "rectRot", "cross", "star", "circle"]


@pytest.mark.parametrize("dimension", ["category", "rule"])
def test_twelve_lines_differ_in_dashes_and_tones(dimension: str) -> None:
    found = drawn(dimension, [f"line {number:02}" for number in range(MOST)])
    assert len({one.dash for one in found}) == len({one.tone for one in found}) == MOST
    assert found[0].dash == ()
    assert all(sum(one.dash) <= 22 for one in found)
