"""Notifications: events, rules, preferences, inbox entries, and what waits for a digest."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0070_exact_counts_of_checks"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NotificationEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("happened_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "phases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "owners",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
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
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("email", models.CharField(blank=True, default="", max_length=300)),
                ("detail", models.JSONField(blank=True, default=dict)),
                ("routed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_events",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="InboxEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inbox",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inbox_entries",
                        to="compliance.notificationevent",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="NotificationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "phases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                (
                    "owners",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), blank=True, default=list, size=None
                    ),
                ),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("critical", "critical"),
                                ("high", "high"),
                                ("medium", "medium"),
                                ("low", "low"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "cadence",
                    models.CharField(
                        choices=[("at once", "at once"), ("daily", "once a day"), ("weekly", "once a week")],
                        default="at once",
                        max_length=8,
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="compliance.channel",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_rules",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("channel", "pk"),
            },
        ),
        migrations.CreateModel(
            name="DigestEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cadence",
                    models.CharField(
                        choices=[("at once", "at once"), ("daily", "once a day"), ("weekly", "once a week")],
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("collected_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digest_entries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digest_entries",
                        to="compliance.notificationevent",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digest_entries",
                        to="compliance.notificationrule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NotificationRuleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "phases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                (
                    "owners",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), blank=True, default=list, size=None
                    ),
                ),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("critical", "critical"),
                                ("high", "high"),
                                ("medium", "medium"),
                                ("low", "low"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "cadence",
                    models.CharField(
                        choices=[("at once", "at once"), ("daily", "once a day"), ("weekly", "once a week")],
                        default="at once",
                        max_length=8,
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True)),
                (
                    "channel",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.channel",
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
                        related_name="events",
                        to="compliance.notificationrule",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
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
            name="NotificationSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("time_zone", models.CharField(blank=True, default="", max_length=64)),
                ("quiet_from", models.TimeField(blank=True, null=True)),
                ("quiet_until", models.TimeField(blank=True, null=True)),
                ("quiet_weekends", models.BooleanField(default=False)),
                ("muted_until", models.DateTimeField(blank=True, null=True)),
                (
                    "digest_hour",
                    models.PositiveSmallIntegerField(
                        default=8, validators=[django.core.validators.MaxValueValidator(23)]
                    ),
                ),
                (
                    "digest_day",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(6)]
                    ),
                ),
                ("is_mailed", models.BooleanField(default=True)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_settings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RepositoryWatch",
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
                        choices=[
                            ("watching", "Watching"),
                            ("participating", "Participating"),
                            ("ignoring", "Ignoring"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="repository_watches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TopicPreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(blank=True, default="", max_length=300)),
                ("topic", models.CharField(max_length=40)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("at once", "e-mail at once"),
                            ("daily", "in a daily e-mail"),
                            ("weekly", "in a weekly e-mail"),
                            ("inbox", "in the inbox only"),
                            ("off", "not at all"),
                        ],
                        max_length=8,
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_preferences",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="notificationevent",
            index=models.Index(
                condition=models.Q(("routed_at", None)), fields=["id"], name="events_to_route"
            ),
        ),
        migrations.AddIndex(
            model_name="notificationevent",
            index=models.Index(fields=["recorded_at"], name="events_by_age"),
        ),
        migrations.AddConstraint(
            model_name="notificationevent",
            constraint=models.UniqueConstraint(
                fields=("repository", "topic", "key"), name="one_event_per_key", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="inboxentry",
            index=models.Index(fields=["person", "-id"], name="inbox_entries_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="inboxentry",
            index=models.Index(
                condition=models.Q(("read_at", None)), fields=["person"], name="unread_inbox_entries"
            ),
        ),
        migrations.AddIndex(
            model_name="inboxentry",
            index=models.Index(
                condition=models.Q(("read_at__isnull", False)), fields=["read_at"], name="read_inbox_entries"
            ),
        ),
        migrations.AddConstraint(
            model_name="inboxentry",
            constraint=models.UniqueConstraint(fields=("person", "event"), name="one_inbox_entry_per_event"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notificationrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_notificationruleevent" ("cadence", "channel_id", "id", "is_enabled", "owners", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phases", "repository_id", "risks", "topics") VALUES (NEW."cadence", NEW."channel_id", NEW."id", NEW."is_enabled", NEW."owners", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phases", NEW."repository_id", NEW."risks", NEW."topics"); RETURN NULL;',
                    hash="21355876b4c3506d9e0a0d41c37f604ac63f7375",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4db64",
                    table="compliance_notificationrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notificationrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."cadence" IS DISTINCT FROM (NEW."cadence") OR OLD."channel_id" IS DISTINCT FROM (NEW."channel_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_enabled" IS DISTINCT FROM (NEW."is_enabled") OR OLD."owners" IS DISTINCT FROM (NEW."owners") OR OLD."phases" IS DISTINCT FROM (NEW."phases") OR OLD."repository_id" IS DISTINCT FROM (NEW."repository_id") OR OLD."risks" IS DISTINCT FROM (NEW."risks") OR OLD."topics" IS DISTINCT FROM (NEW."topics"))',
                    func='INSERT INTO "compliance_notificationruleevent" ("cadence", "channel_id", "id", "is_enabled", "owners", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phases", "repository_id", "risks", "topics") VALUES (NEW."cadence", NEW."channel_id", NEW."id", NEW."is_enabled", NEW."owners", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phases", NEW."repository_id", NEW."risks", NEW."topics"); RETURN NULL;',
                    hash="ee75e5150ac5b567d895476bfe9cd6c79cf3d763",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9784c",
                    table="compliance_notificationrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notificationrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_notificationruleevent" ("cadence", "channel_id", "id", "is_enabled", "owners", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phases", "repository_id", "risks", "topics") VALUES (OLD."cadence", OLD."channel_id", OLD."id", OLD."is_enabled", OLD."owners", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phases", OLD."repository_id", OLD."risks", OLD."topics"); RETURN NULL;',
                    hash="c2a45fe5342caa0503368f1b040ccbd3f99820b3",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9dc71",
                    table="compliance_notificationrule",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="digestentry",
            index=models.Index(
                condition=models.Q(("collected_at", None)), fields=["due_at"], name="digest_entries_to_send"
            ),
        ),
        migrations.AddConstraint(
            model_name="digestentry",
            constraint=models.UniqueConstraint(
                fields=("person", "rule", "event"), name="one_digest_entry_per_event", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="digestentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("rule", None)),
                    models.Q(("person", None), ("rule__isnull", False)),
                    _connector="OR",
                ),
                name="digest_entries_are_for_a_person_or_a_rule",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notificationruleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="213d43d7b0904050a92a756671b3a28207164b30",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5a92e",
                    table="compliance_notificationruleevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from", None), ("quiet_until", None)),
                    models.Q(("quiet_from__isnull", False), ("quiet_until__isnull", False)),
                    _connector="OR",
                ),
                name="quiet_hours_have_two_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_day__lte", 6), ("digest_hour__lte", 23)),
                name="digests_have_a_time_of_the_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="repositorywatch",
            constraint=models.UniqueConstraint(
                fields=("person", "repository"), name="one_watch_per_repository"
            ),
        ),
        migrations.AddConstraint(
            model_name="topicpreference",
            constraint=models.UniqueConstraint(
                fields=("person", "email", "topic", "repository"),
                name="one_preference_per_topic",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="topicpreference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("email", ""), ("person__isnull", False)),
                    models.Q(("person", None), models.Q(("email", ""), _negated=True)),
                    _connector="OR",
                ),
                name="preferences_are_of_a_person_or_an_address",
            ),
        ),
    ]
