"""Names of branches may be as long as git allows, and pull requests keep their target branch and own state."""

from django.db import migrations, models

_LONGEST = 4096


class Migration(migrations.Migration):
    dependencies = [("compliance", "0036_identities")]

    operations = [
        migrations.AlterField(
            model_name="repository",
            name="branch",
            field=models.CharField(blank=True, max_length=_LONGEST),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="base",
            field=models.CharField(blank=True, db_default="", default="", max_length=_LONGEST),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="forge_state",
            field=models.CharField(blank=True, db_default="", default="", max_length=6),
        ),
    ]
