"""The index by which periods of a branch are found, made while the table is in use."""

import django.db.models.functions.comparison
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("compliance", "0031_readable_dates")]

    operations = [
        AddIndexConcurrently(
            "commit",
            models.Index(
                models.F("repository"),
                django.db.models.functions.comparison.Coalesce("placed_at", "committed_at"),
                name="commits_by_date",
            ),
        ),
        AddIndexConcurrently(
            "commit",
            models.Index(
                fields=["repository"],
                condition=models.Q(placed_at__isnull=False),
                name="commits_dated_otherwise",
            ),
        ),
        RemoveIndexConcurrently("commit", "commits_by_time"),
    ]
