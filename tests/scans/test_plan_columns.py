"""What `plan check` accepts, the dashboard's columns hold."""

import pytest
from django.db.models import CharField

from compliance.models import Approval, Issue, Phase, PlanVersion, Step, Violation
from scanner.planfile import fields


@pytest.mark.parametrize(
    ("model", "column", "limit"),
    [
        (Issue, "key", fields.KEY),
        (Issue, "url", fields.URL),
        (Issue, "priority", fields.PRIORITY),
        (Phase, "key", 100),
        (Step, "risk", fields.ROLE),
        (Approval, "role", fields.ROLE),
        (PlanVersion, "name", fields.NAME),
        (Violation, "rule", 100),
        (Violation, "category", 100),
    ],
)
def test_no_value_of_a_plan_is_longer_than_its_column(model: type, column: str, limit: int) -> None:
    found = model._meta.get_field(column)  # type: ignore[attr-defined]
    assert isinstance(found, CharField)
    assert found.max_length is not None
    assert found.max_length >= limit
