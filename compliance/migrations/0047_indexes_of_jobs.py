"""The indexes by which open pages and queue maintenance find jobs, made while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("compliance", "0046_rejected_webhooks")]

    operations = [
        AddIndexConcurrently("job", models.Index(fields=["repository", "-id"], name="jobs_of_a_repository")),
        AddIndexConcurrently(
            "job",
            models.Index(
                condition=models.Q(finished_at__isnull=False),
                fields=["repository", "-finished_at"],
                name="jobs_by_end",
            ),
        ),
        AddIndexConcurrently(
            "job",
            models.Index(
                condition=models.Q(state__in=("done", "replaced")),
                fields=["finished_at"],
                name="jobs_to_delete",
            ),
        ),
    ]
