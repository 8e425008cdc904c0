"""What a row is called in logs and error reports."""

import pytest
from django.db.models import Model

from compliance.models import Issue, Phase, Step, WalkPart


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Issue(key="#7", title="Own factories"), "#7 Own factories"),
        (Phase(title="Golden path"), "Golden path"),
        (Step(title="Write the factory"), "Write the factory"),
        (WalkPart(sha="b" * 40, is_full=True, size=12_345), "everything at bbbbbbbbbb, 12,345 bytes"),
        (WalkPart(sha="c" * 40, is_full=False, size=0), "step at cccccccccc, 0 bytes"),
    ],
)
def test_a_row_is_called_by_what_it_holds(row: Model, name: str) -> None:
    assert str(row) == name
