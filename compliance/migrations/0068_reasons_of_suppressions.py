"""Stores the reason in the comment by which a pull request suppresses a violation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0067_findings_in_others")]

    operations = [
        migrations.AddField(
            model_name="checkfinding",
            name="reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
