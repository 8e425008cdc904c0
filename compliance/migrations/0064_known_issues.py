"""Adds the states of issues that no plan references, so that a plan that references an issue after its last
event has a state.

The table is empty at first: the events of before were not kept. Processes of the previous release don't use it.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = (("compliance", "0063_overrides_and_moves_out"),)

    operations = (
        migrations.CreateModel(
            name="KnownIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("parent", models.CharField(blank=True, default="", max_length=200)),
                ("state", models.CharField(max_length=40)),
                ("updated_at", models.DateTimeField()),
                ("listed_at", models.DateTimeField()),
                ("news", models.JSONField()),
                ("heard_at", models.DateTimeField(db_default=Now())),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_issues",
                        to="compliance.connection",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_issues",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["repository", "-heard_at"], name="known_issues_of_repository"),
                    models.Index(fields=["connection", "-heard_at"], name="known_issues_of_connection"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("repository", "connection", "key"),
                        name="one_row_per_known_issue",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(repository__isnull=True) ^ Q(connection__isnull=True),
                        name="known_issues_have_one_source",
                    ),
                ],
            },
        ),
    )
