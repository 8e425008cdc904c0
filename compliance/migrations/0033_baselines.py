"""The baseline of a plan version is stored, so that later commits cannot move it.

The tip of the time at which a version became active is in the trail of the repository. The next scan chooses
the commit.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


TIPS = """
INSERT INTO compliance_baseline (plan_id, tip)
SELECT plan.id, coalesce(max(line.position) FILTER (WHERE line.recorded_at <= active.since), max(line.position))
FROM compliance_planversion AS plan
JOIN compliance_repository AS repository ON repository.id = plan.repository_id
JOIN compliance_commit AS line ON line.repository_id = plan.repository_id AND line.position IS NOT NULL
LEFT JOIN (
    SELECT plan_id, min(pgh_created_at) AS since FROM compliance_planchoiceevent GROUP BY plan_id
) AS active ON active.plan_id = plan.id
WHERE active.plan_id IS NOT NULL OR repository.plan_id = plan.id
GROUP BY plan.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0032_commits_by_date"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Baseline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tip", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="baselines",
                        to="compliance.commit",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="baseline",
                        to="compliance.planversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BaselineEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.commit",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="plan_commit_person_events",
                        to="compliance.baseline",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.planversion",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="baseline",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."person_id" IS NOT NULL AND OLD."commit_id" IS DISTINCT FROM (NEW."commit_id"))',
                    func='INSERT INTO "compliance_baselineevent" ("commit_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id") VALUES (NEW."commit_id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plan_id"); RETURN NULL;',
                    hash="8e90baf23b297fa0d10eccc74490bb8806577e3d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9519b",
                    table="compliance_baseline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="baselineevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fbeb18cfc35eb055fb982e745b69b685ce9dba8d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_01891",
                    table="compliance_baselineevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(TIPS, migrations.RunSQL.noop),
    ]
