"""Save what walkers know, so that a push reads only changed files, and drop counts that nothing reads."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0047_indexes_of_jobs"),
    ]

    operations = [
        migrations.CreateModel(
            name="WalkPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=16)),
                ("sha", models.CharField(max_length=64)),
                ("is_full", models.BooleanField()),
                ("rows_agree", models.BooleanField(default=True)),
                ("size", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="walk_parts",
                        to="compliance.planversion",
                    ),
                ),
            ],
            options={
                "ordering": ("plan", "pk"),
            },
        ),
        migrations.DeleteModel(
            name="Repair",
        ),
        migrations.AddIndex(
            model_name="walkpart",
            index=models.Index(fields=["plan", "id"], name="walk_parts_in_order"),
        ),
    ]
