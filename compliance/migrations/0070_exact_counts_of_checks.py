"""Stores how many new violations a policy ignores and waivers cover, of which not all findings are stored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0069_channels")]

    operations = [
        migrations.AddField(
            model_name="pullrequestcheck",
            name="uncounted",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="pullrequestcheck",
            name="waived",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
