"""Stores how many suppressed findings and the like a policy ignores, of which not all are stored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0072_alerts")]

    operations = [
        migrations.AddField(
            model_name="pullrequestcheck",
            name="ignored",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
