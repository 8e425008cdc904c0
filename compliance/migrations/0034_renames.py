"""Renames get rows of their own, from which a file's `renamed_to` is derived.

A force push or a path that came back lost them, so records written commit by commit differed from a cold scan.
What is known of earlier renames is kept: a gone file was renamed when its last state ended.
"""

import django.db.models.deletion
from django.db import migrations, models


KNOWN = """
INSERT INTO compliance_rename (plan_id, old_id, new_id, position)
SELECT said.plan_id, file.id, file.renamed_to_id, max(said.last) + 1
FROM compliance_file AS file JOIN compliance_filestate AS said ON said.file_id = file.id
WHERE file.renamed_to_id IS NOT NULL
GROUP BY said.plan_id, file.id HAVING bool_and(said.last IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0033_baselines"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rename",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "new",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.file"
                    ),
                ),
                (
                    "old",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.file"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "old", "position"), name="one_rename_per_file_and_commit"
                    )
                ],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
