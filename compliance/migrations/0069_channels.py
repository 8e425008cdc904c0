"""Channels: chat rooms, webhooks and e-mail addresses to which the product sends messages, and the index by
which a channel's page finds its messages in the outbox.
"""

import compliance.models.secret
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0068_reasons_of_suppressions"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("url", compliance.models.secret.SecretField()),
                ("secret", compliance.models.secret.SecretField(blank=True, default="")),
                ("former_secret", compliance.models.secret.SecretField(blank=True, default="")),
                ("former_secret_until", models.DateTimeField(blank=True, null=True)),
                ("is_enabled", models.BooleanField(default=True)),
                ("disabled_reason", models.TextField(blank=True, default="")),
                ("revision", models.PositiveIntegerField(default=0)),
                ("last_success_at", models.DateTimeField(blank=True, null=True)),
                ("last_failure_at", models.DateTimeField(blank=True, null=True)),
                ("last_failure", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ChannelEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("is_enabled", models.BooleanField(default=True)),
                ("disabled_reason", models.TextField(blank=True, default="")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("kind", "message")), fields=["target", "-id"], name="messages_of_channels"
            ),
        ),
        migrations.AddField(
            model_name="channel",
            name="repository",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="channels",
                to="compliance.repository",
            ),
        ),
        migrations.AddField(
            model_name="channelevent",
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
            model_name="channelevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="name_kind_repository_is_enabled_disabled_reason_events",
                to="compliance.channel",
            ),
        ),
        migrations.AddField(
            model_name="channelevent",
            name="repository",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="compliance.repository",
            ),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("former_secret", ""), ("former_secret_until__isnull", True)),
                    models.Q(
                        models.Q(("former_secret", ""), _negated=True), ("former_secret_until__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="former_secrets_have_an_end",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="channel",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_channelevent" ("disabled_reason", "is_enabled", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id") VALUES (NEW."disabled_reason", NEW."is_enabled", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id"); RETURN NULL;',
                    hash="70ca838a9ce2e41d65f6301aa9a7a092d3ae16d0",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_08340",
                    table="compliance_channel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="channel",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."is_enabled" IS DISTINCT FROM (NEW."is_enabled") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."repository_id" IS DISTINCT FROM (NEW."repository_id"))',
                    func='INSERT INTO "compliance_channelevent" ("disabled_reason", "is_enabled", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id") VALUES (NEW."disabled_reason", NEW."is_enabled", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id"); RETURN NULL;',
                    hash="ca4084e11bb8c07de876d30cf1599d6eb5139642",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7b9d2",
                    table="compliance_channel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="channel",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_channelevent" ("disabled_reason", "is_enabled", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id") VALUES (OLD."disabled_reason", OLD."is_enabled", OLD."kind", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."repository_id"); RETURN NULL;',
                    hash="e76916d4a53b2ae5b1d108549e9dc9aaf0ec70a0",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2f553",
                    table="compliance_channel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="channelevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="50041854c3d9d601f3f4393da2375d724584a315",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_03ed6",
                    table="compliance_channelevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
