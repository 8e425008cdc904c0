"""The indexes by which the lists of files and of violations are sorted and filtered, made while the tables are
in use.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Left


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("compliance", "0052_paths_of_violations")]

    operations = [
        AddIndexConcurrently(
            "file",
            models.Index(
                models.F("repository"),
                CombinedExpression(models.Value(0), "-", models.F("violations")),
                Left("path", 500),
                models.F("id"),
                condition=models.Q(("status", "gone"), _negated=True),
                name="files_by_violations",
            ),
        ),
        AddIndexConcurrently(
            "violation",
            models.Index(
                models.F("plan"),
                models.Case(
                    models.When(risk="critical", then=models.Value(0)),
                    models.When(risk="high", then=models.Value(1)),
                    models.When(risk="medium", then=models.Value(2)),
                    models.When(risk="low", then=models.Value(3)),
                    default=models.Value(4),
                    output_field=models.IntegerField(),
                ),
                models.F("path_key"),
                models.F("line"),
                models.F("id"),
                condition=models.Q(("last__isnull", True), ("suppressed", False)),
                name="open_violations_by_risk",
            ),
        ),
        AddIndexConcurrently(
            "violation",
            GinIndex(
                fields=["phases", "issues"],
                opclasses=("jsonb_path_ops", "jsonb_path_ops"),
                condition=models.Q(("last__isnull", True), ("suppressed", False)),
                name="open_violations_by_slice",
            ),
        ),
        AddIndexConcurrently(
            "violation",
            models.Index(
                condition=models.Q(
                    ("last__isnull", True),
                    models.Q(("suppressed", True), ("waiver__isnull", False), _connector="OR"),
                ),
                fields=["plan", "suppressed"],
                name="accepted_violations",
            ),
        ),
    ]
