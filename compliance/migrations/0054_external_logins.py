"""A person's sign-in provider is an external login, because a connection is one to a forge or a tracker.

The audit trail's table is renamed with its rows; the triggers that fill it name the table, so they are made
anew.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# The names of the next migration's new tables, which the indexes and the sequence of the old one would take.
_RENAME = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT part.relname, part.relkind FROM pg_class AS part
        WHERE part.relname LIKE 'compliance\\_{old}event\\_%'
            AND (part.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '{table}'::regclass)
                OR part.oid IN (SELECT objid FROM pg_depend
                    WHERE refobjid = '{table}'::regclass AND deptype = 'i' AND classid = 'pg_class'::regclass))
    LOOP
        EXECUTE format('ALTER %s %I RENAME TO %I',
            CASE found.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END,
            found.relname,
            left(replace(found.relname, 'compliance_{old}event_', 'compliance_{new}event_'), 63));
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0053_lists_by_index")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="connection", name="insert_insert"),
        pgtrigger.migrations.RemoveTrigger(model_name="connection", name="delete_delete"),
        pgtrigger.migrations.RemoveTrigger(model_name="connectionevent", name="append_only"),
        migrations.CreateModel(
            name="ExternalLogin",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("socialaccount.socialaccount",),
        ),
        migrations.RenameModel("ConnectionEvent", "ExternalLoginEvent"),
        migrations.AlterField(
            "externalloginevent",
            "pgh_obj",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="user_provider_events",
                to="compliance.externallogin",
            ),
        ),
        migrations.DeleteModel("Connection"),
        migrations.RunSQL(
            _RENAME.format(table="compliance_externalloginevent", old="connection", new="externallogin"),
            _RENAME.format(table="compliance_externalloginevent", old="externallogin", new="connection"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="externallogin",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_externalloginevent" ("pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider", "user_id") VALUES (_pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."provider", NEW."user_id"); RETURN NULL;',
                    hash="e1116c36842f2408546fdf166dfeef760cd9c4ca",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5941c",
                    table="socialaccount_socialaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="externallogin",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_externalloginevent" ("pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider", "user_id") VALUES (_pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."provider", OLD."user_id"); RETURN NULL;',
                    hash="6105dfdcd140d8f9f8170c91f9f8c1d15e88afb5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0d820",
                    table="socialaccount_socialaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="externalloginevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="19b690ecd143dcfd308a03575f6e5ba7dff1b9ec",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6afc6",
                    table="compliance_externalloginevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
