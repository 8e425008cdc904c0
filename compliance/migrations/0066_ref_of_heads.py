"""Adds the name of the ref under which the forge has the head of a pull request, so that heads in forks are fetched,
and the time at which a repository's pull requests were listed.

The database has the default, so that processes of the previous release can still insert rows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0065_breaks_together"),
    ]

    operations = [
        migrations.AddField(
            model_name="pullrequest",
            name="head_ref",
            field=models.CharField(blank=True, db_default="", default="", max_length=4096),
        ),
        migrations.AddField(
            model_name="repository",
            name="pulls_listed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
