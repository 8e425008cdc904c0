"""Keeps what overrides of verdicts cover, writes each to the audit trail, and counts what is moved out of the
plan's figures.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0062_pull_request_checks"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OverrideEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("head_sha", models.CharField(max_length=64)),
                ("override_reason", models.TextField(blank=True, default="")),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="pullrequestcheck",
            name="moved_out",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="pullrequestcheck",
            name="override_covers",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="checkfinding",
            name="kind",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("fixed", "Fixed"),
                    ("moved", "Moved"),
                    ("moved out", "Moved Out"),
                    ("suppressed", "Suppressed"),
                    ("restored", "Restored"),
                    ("doubt", "Doubt"),
                    ("together", "Together"),
                ],
                max_length=10,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pullrequestcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="given_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."overridden_at" IS DISTINCT FROM (NEW."overridden_at"))',
                    func='INSERT INTO "compliance_overrideevent" ("head_sha", "overridden_at", "overridden_by_id", "override_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pull_request_id", "repository_id") VALUES (NEW."head_sha", NEW."overridden_at", NEW."overridden_by_id", NEW."override_reason", _pgh_attach_context(), NOW(), \'given\', NEW."id", NEW."pull_request_id", NEW."repository_id"); RETURN NULL;',
                    hash="3e05ca373149e2a9397e270c889b6bad4a14091c",
                    operation="UPDATE",
                    pgid="pgtrigger_given_update_6f2ae",
                    table="compliance_pullrequestcheck",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="overrideevent",
            name="overridden_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="overrideevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="overrideevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="override_events",
                to="compliance.pullrequestcheck",
            ),
        ),
        migrations.AddField(
            model_name="overrideevent",
            name="pull_request",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="compliance.pullrequest",
            ),
        ),
        migrations.AddField(
            model_name="overrideevent",
            name="repository",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="compliance.repository",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="overrideevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="599ac382fc49fccb904c417f75364f4a40cd2762",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_dee9e",
                    table="compliance_overrideevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
