"""The schedule of periodic tasks in Postgres, and the state of a process beside its heartbeat.

A schedule in a file waited for an old time after the clock was corrected, broke when it was damaged, and
allowed one beat only.
"""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0029_more_kinds_of_trouble"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScheduledTask",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="heartbeat",
            name="state",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
