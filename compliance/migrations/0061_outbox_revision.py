"""Adds the number of times that an item of the outbox was requested again, so that a comment that changes
while it is being sent is sent once more.

The database has the default, so that processes of the previous release can still insert rows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("compliance", "0060_read_by_other_machines"),)

    operations = (
        migrations.AddField(
            model_name="outboxitem",
            name="revision",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    )
