"""Move e-mails and digests to the outbox, which keeps everything that leaves the product in one table, with its
attempts.
"""

import compliance.models.secret
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


CONVERT = """
INSERT INTO compliance_outboxitem (
    id, kind, channel, repository_id, target, key, host, detail, secret, state, attempts, max_attempts,
    next_at, worker, outcome, may_have_arrived, remote_id, log, created_at, sent_at)
SELECT id, CASE WHEN is_digest THEN 'digest' ELSE 'letter' END, channel, repository_id,
    CASE WHEN is_digest AND starts_with(key, prefix) THEN substr(key, length(prefix) + 1)
         ELSE left(coalesce(detail ->> 'to', ''), 300) END,
    CASE WHEN is_digest AND starts_with(key, prefix) THEN rtrim(prefix) ELSE key END,
    '', detail - 'given_up', '',
    CASE WHEN sent_at IS NOT NULL THEN 'sent'
         WHEN detail ? 'given_up' THEN 'given up'
         WHEN created_at > now() - CASE WHEN is_digest AND NOT starts_with(prefix, 'digest test ')
                                        THEN interval '7 days' ELSE interval '1 day' END THEN 'waiting'
         WHEN error <> '' THEN 'failed'
         ELSE 'given up' END,
    CASE WHEN error <> '' OR sent_at IS NOT NULL THEN 1 ELSE 0 END, 15, now(), '',
    CASE WHEN error <> '' THEN error
         WHEN sent_at IS NULL AND created_at <= now() - interval '1 day'
         THEN 'An earlier release did not send it in time.' ELSE '' END,
    false, '',
    CASE WHEN error <> '' THEN jsonb_build_array(jsonb_build_object(
        'attempt', 1, 'at', created_at, 'outcome', error)) ELSE '[]'::jsonb END,
    created_at, sent_at
FROM (
    SELECT *, coalesce(detail ->> 'about' = 'digest', false) AS is_digest,
        'digest ' || coalesce(detail ->> 'week', '') || ' ' AS prefix
    FROM compliance_notice) AS notice;
SELECT setval(pg_get_serial_sequence('compliance_outboxitem', 'id'),
              nextval(pg_get_serial_sequence('compliance_notice', 'id')));
"""
"""E-mails that are too old to be of use are not sent, but shown with a button. Rows keep their ids, of which the
Message-ID is made.
"""

BACK = """
INSERT INTO compliance_notice (id, repository_id, channel, key, detail, sent_at, error, created_at)
SELECT id, repository_id, channel, CASE WHEN kind = 'digest' THEN left(key || ' ' || target, 300) ELSE key END,
    CASE WHEN state IN ('failed', 'given up') THEN detail || '{"given_up": true}' ELSE detail END,
    sent_at, CASE WHEN sent_at IS NULL THEN outcome ELSE '' END, created_at
FROM compliance_outboxitem WHERE kind IN ('digest', 'letter') AND repository_id IS NOT NULL
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('compliance_notice', 'id'),
              nextval(pg_get_serial_sequence('compliance_outboxitem', 'id')));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0055_connections"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboxItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("channel", models.CharField(max_length=20)),
                ("target", models.CharField(blank=True, max_length=300)),
                ("key", models.CharField(max_length=300)),
                ("host", models.CharField(blank=True, max_length=255)),
                ("detail", models.JSONField(default=dict)),
                ("secret", compliance.models.secret.SecretField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("given up", "Given Up"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("max_attempts", models.PositiveSmallIntegerField(default=15)),
                ("next_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("worker", models.CharField(blank=True, max_length=200)),
                ("outcome", models.TextField(blank=True)),
                ("may_have_arrived", models.BooleanField(default=False)),
                ("remote_id", models.CharField(blank=True, max_length=200)),
                ("log", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outbox_items",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["next_at"], name="items_to_send"
            ),
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("state", "sending")), fields=["host"], name="items_being_sent"
            ),
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(fields=["created_at"], name="items_by_age"),
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("state", "sent"), _negated=True),
                fields=["repository", "-id"],
                name="items_not_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxitem",
            constraint=models.UniqueConstraint(
                fields=("repository", "channel", "target", "key"),
                name="one_row_per_outbox_item",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                    _connector="OR",
                ),
                name="sent_items_say_when",
            ),
        ),
        migrations.RunSQL(CONVERT, BACK),
        migrations.DeleteModel(
            name="Notice",
        ),
    ]
