"""What a row is called in logs and error reports."""

import pytest
from django.db.models import Model

from compliance.models import Issue, Phase, Step


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Issue(key="#7", title="Own factories"), "#7 Own factories"),
        (Phase(title="Golden path"), "Golden path"),
        (Step(title="Write the factory"), "Write the factory"),
    ],
)
def test_a_row_of_the_plan_is_called_by_its_title(row: Model, name: str) -> None:
    assert str(row) == name
