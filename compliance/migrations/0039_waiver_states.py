"""Waivers are requested, approved or rejected, and ended or expire, and each leaves marks on the trend.

Those of earlier releases counted as soon as somebody had made them, so they become approved ones, made and
approved at the same time, and approved by nobody. They are converted while the table has no triggers: the
audit trail contains what people did.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


APPROVED = """
UPDATE compliance_waiver SET
    decided_at = created_at,
    comment = 'Made before waivers were approved.',
    state = CASE
        WHEN ended_at IS NULL THEN 'approved'
        WHEN until IS NOT NULL AND (ended_at AT TIME ZONE %(zone)s)::date > until THEN 'expired'
        ELSE 'ended'
    END
"""
MARKED = """
INSERT INTO compliance_marker (repository_id, kind, at, commit_id, text, person_id)
SELECT waiver.repository_id, mark.kind, mark.at, (
        SELECT line.id FROM compliance_commit AS line
        WHERE line.repository_id = waiver.repository_id AND line.position IS NOT NULL
            AND line.recorded_at <= mark.at
        ORDER BY line.position DESC LIMIT 1
    ), mark.text || ': ' || waiver.reason, mark.person
FROM compliance_waiver AS waiver
CROSS JOIN LATERAL (VALUES
    ('waived', waiver.created_at, waiver.glob || ' waived', waiver.person_id),
    ('waiver over', waiver.ended_at, 'The waiver for ' || waiver.glob || ' ' || waiver.state, NULL)
) AS mark(kind, at, text, person)
WHERE mark.at IS NOT NULL
ORDER BY mark.at
"""


def convert(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(APPROVED, {"zone": settings.TIME_ZONE})
        cursor.execute(MARKED)
        # Deferred checks of these rows would keep the rest of this migration from changing the table.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0038_teams_leave_a_trail"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="waiver",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="waiver",
            name="update_update",
        ),
        migrations.AddField(
            model_name="waiver",
            name="comment",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="waiver",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="waiver",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("ended", "Ended"),
                    ("expired", "Expired"),
                ],
                default="approved",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="waiver",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("ended", "Ended"),
                    ("expired", "Expired"),
                ],
                default="requested",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="waiverevent",
            name="comment",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="waiverevent",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="waiverevent",
            name="decided_by",
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
            model_name="waiverevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("ended", "Ended"),
                    ("expired", "Expired"),
                ],
                default="approved",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="waiverevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("ended", "Ended"),
                    ("expired", "Expired"),
                ],
                default="requested",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="marker",
            name="kind",
            field=models.CharField(
                choices=[
                    ("phase closed", "Closed"),
                    ("phase reopened", "Reopened"),
                    ("plan changed", "Plan"),
                    ("tag", "Tag"),
                    ("note", "Note"),
                    ("waived", "Waived"),
                    ("waiver over", "Waiver Over"),
                ],
                max_length=14,
            ),
        ),
        migrations.RunPython(convert, migrations.RunPython.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="waiver",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_waiverevent" ("comment", "created_at", "decided_at", "decided_by_id", "ended_at", "fingerprint", "glob", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "repository_id", "rule", "state", "until") VALUES (NEW."comment", NEW."created_at", NEW."decided_at", NEW."decided_by_id", NEW."ended_at", NEW."fingerprint", NEW."glob", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."repository_id", NEW."rule", NEW."state", NEW."until"); RETURN NULL;',
                    hash="abf944a72cc18034c4466943c2d88771018c98e9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_77142",
                    table="compliance_waiver",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waiver",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_waiverevent" ("comment", "created_at", "decided_at", "decided_by_id", "ended_at", "fingerprint", "glob", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "repository_id", "rule", "state", "until") VALUES (NEW."comment", NEW."created_at", NEW."decided_at", NEW."decided_by_id", NEW."ended_at", NEW."fingerprint", NEW."glob", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."repository_id", NEW."rule", NEW."state", NEW."until"); RETURN NULL;',
                    hash="ca50420769d7314761c0f2e9a0b37deb0f1cfdf8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0b47a",
                    table="compliance_waiver",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ("ended", "expired"))),
                    models.Q(
                        ("ended_at__isnull", True), ("state__in", ("requested", "approved", "rejected"))
                    ),
                    _connector="OR",
                ),
                name="over_waivers_say_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("approved", "rejected")), _negated=True),
                    ("decided_at__isnull", False),
                    _connector="OR",
                ),
                name="decided_waivers_say_when",
            ),
        ),
    ]
