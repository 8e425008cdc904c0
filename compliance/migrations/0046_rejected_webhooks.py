"""Count rejected webhooks for each repository and reason, so that the scans page can show them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0045_public_links_show_commits"),
    ]

    operations = [
        migrations.CreateModel(
            name="RejectedWebhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            (
                                "provider",
                                "The webhook's URL names an unknown provider. Copy the URL from Settings.",
                            ),
                            (
                                "signature",
                                "The signature is missing or wrong. Copy the secret from Settings to the webhook.",
                            ),
                        ],
                        max_length=9,
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=1)),
                ("first_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_webhooks",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-last_at",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("repository", "reason"), name="one_row_per_reason", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
