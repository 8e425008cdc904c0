"""Adds the checks of pull requests, their findings and the policy that decides on the verdict, and what the checks
need to know about a pull request: its source branch, the address of a fork, and that it is a draft.

The database has the defaults of the new columns, so that processes of the previous release can still insert rows.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0061_outbox_revision"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="pullrequest",
            name="draft",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="listed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=4096),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="source_url",
            field=models.CharField(blank=True, db_default="", default="", max_length=1000),
        ),
        migrations.CreateModel(
            name="GatePolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("block", "Block"), ("warn", "Warn"), ("off", "Off")],
                        default="warn",
                        max_length=5,
                    ),
                ),
                ("by_risk", models.JSONField(blank=True, default=dict)),
                (
                    "suppressions",
                    models.CharField(
                        choices=[("allow", "Allow"), ("warn", "Warn"), ("block", "Block")],
                        default="warn",
                        max_length=5,
                    ),
                ),
                ("locks", models.BooleanField(default=True)),
                ("comments", models.BooleanField(default=True)),
                (
                    "repository",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="gate_policy",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatePolicyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "level",
                    models.CharField(
                        choices=[("block", "Block"), ("warn", "Warn"), ("off", "Off")],
                        default="warn",
                        max_length=5,
                    ),
                ),
                ("by_risk", models.JSONField(blank=True, default=dict)),
                (
                    "suppressions",
                    models.CharField(
                        choices=[("allow", "Allow"), ("warn", "Warn"), ("block", "Block")],
                        default="warn",
                        max_length=5,
                    ),
                ),
                ("locks", models.BooleanField(default=True)),
                ("comments", models.BooleanField(default=True)),
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
                        related_name="events",
                        to="compliance.gatepolicy",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PullRequestCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("merge_group", models.CharField(blank=True, default="", max_length=4096)),
                ("head_sha", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("passed", "Passed"),
                            ("failed", "Failed"),
                            ("error", "Error"),
                        ],
                        default="pending",
                        max_length=7,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("base_sha", models.CharField(blank=True, default="", max_length=64)),
                ("base_reason", models.TextField(blank=True, default="")),
                ("target_sha", models.CharField(blank=True, default="", max_length=64)),
                ("cause", models.TextField(blank=True, default="")),
                ("new", models.PositiveIntegerField(default=0)),
                ("fixed", models.PositiveIntegerField(default=0)),
                ("moved", models.PositiveIntegerField(default=0)),
                ("suppressed", models.PositiveIntegerField(default=0)),
                ("restored", models.PositiveIntegerField(default=0)),
                ("doubts", models.PositiveIntegerField(default=0)),
                ("blocking", models.PositiveIntegerField(default=0)),
                ("clean_before", models.PositiveIntegerField(blank=True, null=True)),
                ("files_before", models.PositiveIntegerField(blank=True, null=True)),
                ("clean_after", models.PositiveIntegerField(blank=True, null=True)),
                ("files_after", models.PositiveIntegerField(blank=True, null=True)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("phases", models.JSONField(blank=True, default=dict)),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                ("override_reason", models.TextField(blank=True, default="")),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                (
                    "overridden_by",
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
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "pull_request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="compliance.pullrequest",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pull_request_checks",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="CheckFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("fixed", "Fixed"),
                            ("moved", "Moved"),
                            ("suppressed", "Suppressed"),
                            ("restored", "Restored"),
                            ("doubt", "Doubt"),
                            ("together", "Together"),
                        ],
                        max_length=10,
                    ),
                ),
                ("path", models.TextField()),
                ("line", models.PositiveIntegerField(default=0)),
                ("column", models.PositiveIntegerField(default=0)),
                ("rule", models.CharField(blank=True, default="", max_length=200)),
                ("role", models.CharField(blank=True, default="", max_length=40)),
                ("symbol", models.TextField(blank=True, default="")),
                ("scope", models.TextField(blank=True, default="")),
                ("snippet", models.TextField(blank=True, default="")),
                ("message", models.TextField(blank=True, default="")),
                (
                    "risk",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("critical", "critical"),
                            ("high", "high"),
                            ("medium", "medium"),
                            ("low", "low"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("category", models.CharField(blank=True, default="", max_length=100)),
                ("phases", models.JSONField(blank=True, default=list)),
                ("issues", models.JSONField(blank=True, default=list)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                ("former_path", models.TextField(blank=True, default="")),
                ("former_line", models.PositiveIntegerField(default=0)),
                ("is_blocking", models.BooleanField(default=False)),
                ("is_locked", models.BooleanField(default=False)),
                ("ran_out", models.BooleanField(default=False)),
                ("patch", models.TextField(blank=True, default="")),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.pullrequest",
                    ),
                ),
                (
                    "waiver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.waiver",
                    ),
                ),
                (
                    "pull_request_check",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="compliance.pullrequestcheck",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatepolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_gatepolicyevent" ("by_risk", "comments", "id", "level", "locks", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "suppressions") VALUES (NEW."by_risk", NEW."comments", NEW."id", NEW."level", NEW."locks", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id", NEW."suppressions"); RETURN NULL;',
                    hash="ee3c83e2301049f5a65dc7552fca8ef5f2d4dcb1",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_073ab",
                    table="compliance_gatepolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatepolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_gatepolicyevent" ("by_risk", "comments", "id", "level", "locks", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "suppressions") VALUES (NEW."by_risk", NEW."comments", NEW."id", NEW."level", NEW."locks", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id", NEW."suppressions"); RETURN NULL;',
                    hash="f54ea24848239b0a13fe6e67dff3adc08882fb7f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b046f",
                    table="compliance_gatepolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatepolicyevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="039a98d1971cc4e3e6f7016c317f19a0611185ca",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4052c",
                    table="compliance_gatepolicyevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="pullrequestcheck",
            index=models.Index(fields=["pull_request", "-id"], name="checks_of_a_pull_request"),
        ),
        migrations.AddIndex(
            model_name="pullrequestcheck",
            index=models.Index(fields=["repository", "-id"], name="checks_of_a_repository"),
        ),
        migrations.AddConstraint(
            model_name="pullrequestcheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("pull_request__isnull", False)),
                fields=("pull_request", "head_sha"),
                name="one_check_per_head",
            ),
        ),
        migrations.AddConstraint(
            model_name="pullrequestcheck",
            constraint=models.UniqueConstraint(
                models.F("repository"),
                django.db.models.functions.text.MD5("merge_group"),
                models.F("head_sha"),
                condition=models.Q(("pull_request__isnull", True)),
                name="one_check_per_merge_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="pullrequestcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merge_group", ""), ("pull_request__isnull", False)),
                    models.Q(("pull_request__isnull", True), models.Q(("merge_group", ""), _negated=True)),
                    _connector="OR",
                ),
                name="checks_are_of_a_pull_request_or_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="pullrequestcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "pending"), ("judged_at__isnull", False), _connector="OR"),
                name="verdicts_say_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="pullrequestcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("overridden_at__isnull", True),
                    models.Q(("override_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="overrides_have_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="checkfinding",
            index=models.Index(fields=["pull_request_check", "kind", "id"], name="findings_of_a_check"),
        ),
    ]
