"""Finds what is reported about pull requests that have been closed, without reading all findings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0066_ref_of_heads")]

    operations = [
        migrations.AddIndex(
            model_name="checkfinding",
            index=models.Index(
                fields=["other"], condition=models.Q(in_other=True), name="findings_in_others"
            ),
        ),
    ]
