"""Whatever a plan file holds, the answer is a plan or a PlanError with places, never another error."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.plan import Plan
from scanner.planfile import PlanError, read_plan

pytestmark = pytest.mark.slow

EXAMPLE = (Path(__file__).parent / "plans" / "example.yaml").read_text()
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=8),
    st.sampled_from(["a.b", "**/*.py", "[", "critical", "pattern", "singleton", "violations", "call", "#1"]),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


def answer(text: str | bytes) -> Plan | PlanError:
    try:
        return read_plan(text, "plan.yaml")
    except PlanError as error:
        refused = error
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    lines = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", words))  # what YAML calls a line
    assert refused.problems
    for problem in refused.problems:
        assert problem.file == "plan.yaml"
        assert 1 <= problem.line <= lines
        assert problem.message.strip()
    return refused


@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    assert isinstance(answer(text), PlanError)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(st.integers(0, len(EXAMPLE) - 1), st.integers(0, 30), st.text(max_size=12))
def test_the_example_with_any_stretch_replaced(start: int, length: int, text: str) -> None:
    answer(EXAMPLE[:start] + text + EXAMPLE[start + length :])


def places(value: object, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [way] if way else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, inner in items for place in places(inner, (*way, key))]


PLACES = places(yaml.safe_load(EXAMPLE))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), TREES)
def test_the_example_with_anything_at_any_key(place: tuple[str | int, ...], tree: object) -> None:
    plan = yaml.safe_load(EXAMPLE)
    inner = plan
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = tree
    answer(yaml.safe_dump(plan, allow_unicode=True))
