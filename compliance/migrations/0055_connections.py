"""Connections to forges and issue trackers, and the repositories that are attached to them."""

import compliance.models.repository
import compliance.models.secret
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0054_external_logins"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("webhook_id", models.CharField(blank=True, default="", max_length=200)),
                ("webhook_at", models.DateTimeField(blank=True, null=True)),
                ("webhook_problem", models.TextField(blank=True, default="")),
                (
                    "kind",
                    models.CharField(choices=[("forge", "Forge"), ("tracker", "Tracker")], max_length=7),
                ),
                ("project", models.CharField(blank=True, default="", max_length=400)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("kind", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("webhook_id", models.CharField(blank=True, default="", max_length=200)),
                ("webhook_at", models.DateTimeField(blank=True, null=True)),
                ("webhook_problem", models.TextField(blank=True, default="")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=200)),
                ("provider", models.CharField(max_length=20)),
                ("api_url", models.CharField(max_length=1000)),
                ("account", models.CharField(blank=True, default="", max_length=254)),
                ("token", compliance.models.secret.SecretField(blank=True, default="")),
                ("app_id", models.CharField(blank=True, default="", max_length=40)),
                ("private_key", compliance.models.secret.SecretField(blank=True, default="")),
                (
                    "webhook_secret",
                    compliance.models.secret.SecretField(default=compliance.models.repository.new_secret),
                ),
                ("former_webhook_secret", compliance.models.secret.SecretField(blank=True, default="")),
                (
                    "prefixes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), blank=True, default=list, size=None
                    ),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                ("acts_as", models.CharField(blank=True, default="", max_length=200)),
                ("last_success_at", models.DateTimeField(blank=True, null=True)),
                ("last_failure_at", models.DateTimeField(blank=True, null=True)),
                ("last_failure", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "repositories",
                    models.ManyToManyField(
                        related_name="connections",
                        through="compliance.Attachment",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="AttachmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("project", models.CharField(blank=True, default="", max_length=400)),
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
                        related_name="repository_connection_project_events",
                        to="compliance.attachment",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.repository",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.connection",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="attachment",
            name="connection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attachments",
                to="compliance.connection",
            ),
        ),
        migrations.CreateModel(
            name="ConnectionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("name", models.CharField(max_length=200)),
                ("provider", models.CharField(max_length=20)),
                ("api_url", models.CharField(max_length=1000)),
                (
                    "prefixes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), blank=True, default=list, size=None
                    ),
                ),
                ("app_id", models.CharField(blank=True, default="", max_length=40)),
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
                        related_name="name_provider_api_url_prefixes_app_id_events",
                        to="compliance.connection",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="connection",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_connectionevent" ("api_url", "app_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefixes", "provider") VALUES (NEW."api_url", NEW."app_id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prefixes", NEW."provider"); RETURN NULL;',
                    hash="94c6429df20912cb678285fcbcef64f256bbab5a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e54c1",
                    table="compliance_connection",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="connection",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."api_url" IS DISTINCT FROM (NEW."api_url") OR OLD."app_id" IS DISTINCT FROM (NEW."app_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."prefixes" IS DISTINCT FROM (NEW."prefixes"))',
                    func='INSERT INTO "compliance_connectionevent" ("api_url", "app_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefixes", "provider") VALUES (NEW."api_url", NEW."app_id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prefixes", NEW."provider"); RETURN NULL;',
                    hash="6816ceaba58fbd734625a13d05f006502daae839",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5b664",
                    table="compliance_connection",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="connection",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_connectionevent" ("api_url", "app_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefixes", "provider") VALUES (OLD."api_url", OLD."app_id", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."prefixes", OLD."provider"); RETURN NULL;',
                    hash="5c14f1a25b3ffda5ca27bb12af486e2745a15f46",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6e50e",
                    table="compliance_connection",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachmentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e0ee084603879862cd1fe38d49477e252d2d23c3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_28a5c",
                    table="compliance_attachmentevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                fields=("connection", "repository"), name="connections_attach_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "forge")), fields=("repository",), name="one_forge_per_repository"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_attachmentevent" ("connection_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project", "repository_id") VALUES (NEW."connection_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."project", NEW."repository_id"); RETURN NULL;',
                    hash="41825a8f83da6e6beb41a5ea4853da62a37082d9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_05d47",
                    table="compliance_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."project" IS DISTINCT FROM (NEW."project"))',
                    func='INSERT INTO "compliance_attachmentevent" ("connection_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project", "repository_id") VALUES (NEW."connection_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."project", NEW."repository_id"); RETURN NULL;',
                    hash="5b72dc38e2b873c2fe41094c29fd3c0b9b1d6c6b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_809b0",
                    table="compliance_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_attachmentevent" ("connection_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project", "repository_id") VALUES (OLD."connection_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."project", OLD."repository_id"); RETURN NULL;',
                    hash="813237548d35db984e19c62cd56596c1aed223e5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fddd6",
                    table="compliance_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="connectionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="be8a588d8ac04b582849f8e61358a7abae7b9c71",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8916b",
                    table="compliance_connectionevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
