"""The audit trail: written by triggers, and by nothing else."""

import pytest
from django.db import ProgrammingError, connection, transaction

from compliance.models import PlanVersion, Repository

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_audit_trail_is_append_only() -> None:
    repository = Repository.objects.create(slug="r", name="R", url="/srv/r.git")
    version = PlanVersion.objects.create(
        repository=repository,
        number=1,
        digest="a" * 64,
        name="Plan",
        text="",
        target_percent=95,
        source="given",
    )
    PlanVersion.objects.filter(pk=version.pk).update(name="Another plan")
    table = "compliance_planversionevent"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM {table} ORDER BY pgh_id")
        assert [name for (name,) in cursor.fetchall()] == ["Plan", "Another plan"]
        for statement in (f"UPDATE {table} SET name = 'Nothing'", f"DELETE FROM {table}"):
            with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
                cursor.execute(statement)
    repository.delete()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (2,)
