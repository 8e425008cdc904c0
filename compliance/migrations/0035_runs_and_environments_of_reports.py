"""Reports name their run and their environment; equal content of another run is a report of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0034_renames"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="testrun",
            name="one_row_per_test_report",
        ),
        migrations.AddField(
            model_name="suiteresult",
            name="cells",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="testcase",
            name="mixed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="testrun",
            name="environment",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="testrun",
            name="run",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="testrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("run", ""), _negated=True),
                fields=("repository", "sha", "environment", "run", "digest"),
                name="one_row_per_report_of_a_run",
            ),
        ),
    ]
