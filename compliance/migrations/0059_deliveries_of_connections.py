"""Let deliveries belong to a tracker's connection, and keep the state of each subtask of an issue.

The webhooks of a tracker are verified with its connection's secret and concern every repository that uses it.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0058_deliveries_by_arrival"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="connection",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="compliance.connection",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="repository",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="compliance.repository",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("connection", "source", "delivery_id"),
                condition=Q(connection__isnull=False),
                name="one_row_per_tracker_delivery",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=Q(repository__isnull=True) ^ Q(connection__isnull=True),
                name="deliveries_have_one_receiver",
            ),
        ),
        migrations.AddField(
            model_name="rejectedwebhook",
            name="connection",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rejected_webhooks",
                to="compliance.connection",
            ),
        ),
        migrations.AddField(
            model_name="rejecteddelivery",
            name="connection",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rejected_deliveries",
                to="compliance.connection",
            ),
        ),
        migrations.RemoveConstraint(model_name="rejectedwebhook", name="one_row_per_reason"),
        migrations.AddConstraint(
            model_name="rejectedwebhook",
            constraint=models.UniqueConstraint(
                fields=("repository", "connection", "reason"),
                name="one_row_per_reason",
                nulls_distinct=False,
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="subtasks",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="issue", name="heard_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
