"""What a repository says about the plan versions that it has."""

import pytest

from compliance.models import Repository


@pytest.mark.parametrize(
    ("plan", "drawn", "expected"),
    [(2, 1, True), (2, 2, False), (2, None, False), (None, 1, False), (None, None, False)],
)
def test_history_is_evaluated_again_while_the_trend_shows_another_version(
    plan: int | None, drawn: int | None, *, expected: bool
) -> None:
    assert Repository(plan_id=plan, line_plan_id=drawn).rejudging is expected
