"""Stores what breaks only together with newer commits of the target, and which pull request causes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0064_known_issues")]

    operations = [
        migrations.AddField(
            model_name="checkfinding",
            name="cause_sha",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="checkfinding",
            name="in_other",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="pullrequestcheck",
            name="merge_note",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="pullrequestcheck",
            name="together",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
