"""Find the newest delivery of a repository by an index, because every open page asks for it. The index is made
while the table is in use.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("compliance", "0057_ci_results_and_rejected_deliveries")]

    operations = [
        AddIndexConcurrently(
            "delivery",
            models.Index(fields=["repository", "-received_at"], name="deliveries_by_arrival"),
        ),
    ]
