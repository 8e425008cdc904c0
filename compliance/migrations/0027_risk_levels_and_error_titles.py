"""Give risk columns their choices and reword error titles; only the model state changes, no data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0026_kinds_of_trouble"),
    ]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="risk",
            field=models.CharField(
                choices=[("critical", "critical"), ("high", "high"), ("medium", "medium"), ("low", "low")],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="file",
            name="worst_risk",
            field=models.CharField(
                blank=True,
                choices=[("critical", "critical"), ("high", "high"), ("medium", "medium"), ("low", "low")],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="repository",
            name="trouble_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unreachable", "The repository cannot be reached"),
                    ("refused", "The repository refuses access"),
                    ("not found", "The repository was not found"),
                    ("no answer", "The repository timed out"),
                    ("address", "The repository's address is not allowed"),
                    ("empty", "The repository has no commit yet"),
                    ("branch", "The tracked branch no longer exists"),
                    ("shallow", "The repository is a shallow clone"),
                    ("damaged", "The repository is damaged"),
                    ("no plan", "There is no plan"),
                    ("plan", "The plan has errors"),
                    ("disk full", "The disk is full"),
                    ("other", "The repository cannot be read"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="violation",
            name="risk",
            field=models.CharField(
                choices=[("critical", "critical"), ("high", "high"), ("medium", "medium"), ("low", "low")],
                max_length=8,
            ),
        ),
    ]
