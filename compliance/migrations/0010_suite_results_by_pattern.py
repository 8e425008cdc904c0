import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table was made by 0005 and never written."""

    dependencies = [
        ("compliance", "0009_public_links_and_digests"),
    ]

    operations = [
        migrations.DeleteModel(name="SuiteResult"),
        migrations.CreateModel(
            name="SuiteResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("sha", models.CharField(max_length=64)),
                ("suite", models.CharField(max_length=200)),
                ("passed", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField()),
                ("errors", models.PositiveIntegerField()),
                ("skipped", models.PositiveIntegerField()),
                ("passing", models.JSONField(default=list)),
                ("failing", models.JSONField(default=list)),
                ("received_at", models.DateTimeField()),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="suite_results",
                        to="compliance.commit",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suite_results",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("repository", "digest", "sha"), name="one_result_per_suite_and_commit"
                    )
                ],
            },
        ),
    ]
