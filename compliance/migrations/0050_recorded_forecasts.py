"""Record forecasts week by week, so that they can be compared with what came, and say which violations a
patch fixes, so that a forecast can be computed as if all patches were applied.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0049_many_machines"),
    ]

    operations = [
        migrations.AddField(
            model_name="patch",
            name="fixes",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="RecordedForecast",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.DateField()),
                ("phase", models.CharField(blank=True, max_length=200)),
                ("as_of", models.DateTimeField()),
                ("state", models.CharField(max_length=20)),
                ("target", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("left", models.PositiveIntegerField()),
                ("pace", models.FloatField(blank=True, null=True)),
                ("due", models.DateField(blank=True, null=True)),
                ("chance", models.FloatField(blank=True, null=True)),
                ("earliest_95", models.DateField(blank=True, null=True)),
                ("earliest_80", models.DateField(blank=True, null=True)),
                ("earliest_50", models.DateField(blank=True, null=True)),
                ("median", models.DateField(blank=True, null=True)),
                ("latest_50", models.DateField(blank=True, null=True)),
                ("latest_80", models.DateField(blank=True, null=True)),
                ("latest_95", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recorded_forecasts",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-week", "phase"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("repository", "phase", "week"), name="one_forecast_per_week_and_phase"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("earliest_95__isnull", True),
                            models.Q(
                                ("earliest_50__lte", models.F("median")),
                                ("earliest_80__lte", models.F("earliest_50")),
                                ("earliest_95__lte", models.F("earliest_80")),
                                ("latest_50__lte", models.F("latest_80")),
                                ("latest_80__lte", models.F("latest_95")),
                                ("median__lte", models.F("latest_50")),
                            ),
                            _connector="OR",
                        ),
                        name="recorded_ranges_nest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("chance__isnull", True),
                            models.Q(("chance__gte", 0), ("chance__lte", 1)),
                            _connector="OR",
                        ),
                        name="recorded_chances_are_probabilities",
                    ),
                ],
            },
        ),
    ]
