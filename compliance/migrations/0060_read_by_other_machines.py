"""Let machines read for each other: ranges of files to read, and the reports on them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0059_deliveries_of_connections"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedReport",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("stored_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("key",),
                "indexes": [models.Index(fields=["stored_at"], name="shared_reports_by_age")],
            },
        ),
        migrations.CreateModel(
            name="ReadingRange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=16)),
                ("sha", models.CharField(max_length=64)),
                ("is_tree", models.BooleanField()),
                ("first", models.PositiveIntegerField(default=0)),
                ("count", models.PositiveIntegerField()),
                ("taken_until", models.DateTimeField(blank=True, null=True)),
                ("is_read", models.BooleanField(default=False)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reading_ranges",
                        to="compliance.planversion",
                    ),
                ),
            ],
            options={
                "ordering": ("plan", "pk"),
                "indexes": [models.Index(fields=["plan", "id"], name="reading_ranges_in_order")],
            },
        ),
    ]
