"""A public link says if its page shows the subjects and authors of commits, which may name people or internal
matters. Links that were created before show neither from now on.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0044_causes_of_steps"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="publiclink",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="publiclink",
            name="update_update",
        ),
        migrations.AddField(
            model_name="publiclink",
            name="show_commits",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="publiclinkevent",
            name="show_commits",
            field=models.BooleanField(db_default=False, default=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publiclink",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_publiclinkevent" ("created_at", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "revoked_at", "show_commits", "until") VALUES (NEW."created_at", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id", NEW."revoked_at", NEW."show_commits", NEW."until"); RETURN NULL;',
                    hash="48d3cc2e2f9d6a334f19e6ec1f784bf4d88214db",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0ee44",
                    table="compliance_publiclink",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publiclink",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."repository_id" IS DISTINCT FROM (NEW."repository_id") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."show_commits" IS DISTINCT FROM (NEW."show_commits") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func='INSERT INTO "compliance_publiclinkevent" ("created_at", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "revoked_at", "show_commits", "until") VALUES (NEW."created_at", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id", NEW."revoked_at", NEW."show_commits", NEW."until"); RETURN NULL;',
                    hash="e6c2a8f98cc337df50532d88874a2b0858ba4749",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_23748",
                    table="compliance_publiclink",
                    when="AFTER",
                ),
            ),
        ),
    ]
