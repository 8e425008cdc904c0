"""Three more kinds of problem; only Django's own record of the choices changes, no table is written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0028_failed_jobs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="repository",
            name="trouble_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unreachable", "The repository cannot be reached"),
                    ("refused", "The repository refuses access"),
                    ("owner", "The repository belongs to another user"),
                    ("not found", "The repository was not found"),
                    ("moved", "The repository has moved"),
                    ("no answer", "The repository timed out"),
                    ("address", "The repository's address is not allowed"),
                    ("empty", "The repository has no commit yet"),
                    ("branch", "The tracked branch no longer exists"),
                    ("shallow", "The repository is a shallow clone"),
                    ("unsafe", "The repository has unsafe objects"),
                    ("damaged", "The repository is damaged"),
                    ("no plan", "There is no plan"),
                    ("plan", "The plan has errors"),
                    ("disk full", "The disk is full"),
                    ("failed", "A job failed unexpectedly"),
                    ("other", "The repository cannot be read"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
    ]
