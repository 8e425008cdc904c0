"""Give each job a queue, so that urgent jobs don't wait for scans, and a text about what it is doing.

Jobs that are waiting during the upgrade stay with the scans, which every worker reads by default.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0050_recorded_forecasts"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="queue",
            field=models.CharField(db_default="scans", default="scans", max_length=12),
        ),
        migrations.AddField(
            model_name="job",
            name="doing",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
