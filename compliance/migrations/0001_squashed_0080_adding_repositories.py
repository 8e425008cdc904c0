"""All migrations up to 0080 as one, for new databases.

Those that convert data are left out, because a new database has none. tests/embedded/test_upgrade.py compares
the schema with the one that the migrations themselves make.
"""

import compliance.models.path_words
import compliance.models.repository
import compliance.models.secret
import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from compliance.migrations._at_once import CreateAtOnce


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("compliance", "0001_initial"),
        ("compliance", "0002_paths_of_any_length"),
        ("compliance", "0003_keep_the_audit_trail"),
        ("compliance", "0004_keep_counts"),
        ("compliance", "0005_evidence_tokens_markers"),
        ("compliance", "0006_claims_and_waivers_in_full"),
        ("compliance", "0007_plan_in_force_and_line_drawn"),
        ("compliance", "0008_draw_the_plans_in_force"),
        ("compliance", "0009_public_links_and_digests"),
        ("compliance", "0010_suite_results_by_pattern"),
        ("compliance", "0011_tags_and_their_digest"),
        ("compliance", "0012_what_phases_select"),
        ("compliance", "0013_patches"),
        ("compliance", "0014_source_of_suite_results"),
        ("compliance", "0015_plan_drafts"),
        ("compliance", "0016_pull_requests"),
        ("compliance", "0017_people_and_their_trail"),
        ("compliance", "0018_commits_by_time"),
        ("compliance", "0019_what_tokens_may_still_call"),
        ("compliance", "0020_notes_leave_a_trail"),
        ("compliance", "0021_ways_in_and_reset_links"),
        ("compliance", "0022_snapshots_by_arrival"),
        ("compliance", "0023_access_apart_from_the_address"),
        ("compliance", "0024_engines_judge_versions"),
        ("compliance", "0025_suppressed_is_not_fixed"),
        ("compliance", "0026_kinds_of_trouble"),
        ("compliance", "0027_risk_levels_and_error_titles"),
        ("compliance", "0028_failed_jobs"),
        ("compliance", "0029_more_kinds_of_trouble"),
        ("compliance", "0030_schedule_and_states_of_processes"),
        ("compliance", "0031_readable_dates"),
        ("compliance", "0032_commits_by_date"),
        ("compliance", "0033_baselines"),
        ("compliance", "0034_renames"),
        ("compliance", "0035_runs_and_environments_of_reports"),
        ("compliance", "0036_identities"),
        ("compliance", "0037_longer_branches_and_targets"),
        ("compliance", "0038_teams_leave_a_trail"),
        ("compliance", "0039_waiver_states"),
        ("compliance", "0040_figures_to_convert"),
        ("compliance", "0041_figures_include_what_is_waived"),
        ("compliance", "0042_figures_are_converted"),
        ("compliance", "0043_suppressions_that_ran_out"),
        ("compliance", "0044_causes_of_steps"),
        ("compliance", "0045_public_links_show_commits"),
        ("compliance", "0046_rejected_webhooks"),
        ("compliance", "0047_indexes_of_jobs"),
        ("compliance", "0048_saved_walks"),
        ("compliance", "0049_many_machines"),
        ("compliance", "0050_recorded_forecasts"),
        ("compliance", "0051_queues_of_jobs"),
        ("compliance", "0052_paths_of_violations"),
        ("compliance", "0053_lists_by_index"),
        ("compliance", "0054_external_logins"),
        ("compliance", "0055_connections"),
        ("compliance", "0056_outbox"),
        ("compliance", "0057_ci_results_and_rejected_deliveries"),
        ("compliance", "0058_deliveries_by_arrival"),
        ("compliance", "0059_deliveries_of_connections"),
        ("compliance", "0060_read_by_other_machines"),
        ("compliance", "0061_outbox_revision"),
        ("compliance", "0062_pull_request_checks"),
        ("compliance", "0063_overrides_and_moves_out"),
        ("compliance", "0064_known_issues"),
        ("compliance", "0065_breaks_together"),
        ("compliance", "0066_ref_of_heads"),
        ("compliance", "0067_findings_in_others"),
        ("compliance", "0068_reasons_of_suppressions"),
        ("compliance", "0069_channels"),
        ("compliance", "0070_exact_counts_of_checks"),
        ("compliance", "0071_notifications"),
        ("compliance", "0072_alerts"),
        ("compliance", "0073_ignored_findings"),
        ("compliance", "0074_announced_waivers"),
        ("compliance", "0075_notes_on_issues"),
        ("compliance", "0076_count_ended_jobs"),
        ("compliance", "0077_plan_proposals"),
        ("compliance", "0078_search"),
        ("compliance", "0079_plan_trials"),
        ("compliance", "0080_adding_repositories"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
        ),
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
            name="Commit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha", models.CharField(max_length=64)),
                ("parents", models.JSONField(default=list)),
                ("position", models.PositiveIntegerField(blank=True, null=True)),
                ("author_name", models.TextField()),
                ("author_email", models.TextField()),
                ("authored_at", models.DateTimeField()),
                ("committed_at", models.DateTimeField()),
                ("placed_at", models.DateTimeField(blank=True, null=True)),
                ("subject", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("repository", "-position"),
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
            ],
            options={
                "ordering": ("name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="EngineRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=16, unique=True)),
                ("number", models.PositiveIntegerField(unique=True)),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("number",),
            },
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
            ],
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("state", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("engine", models.CharField(blank=True, db_default="", default="", max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name="Issue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("title", models.TextField()),
                ("url", models.CharField(blank=True, max_length=1000)),
                ("priority", models.CharField(blank=True, max_length=40)),
                ("order", models.PositiveIntegerField()),
                ("in_plan", models.BooleanField(default=True)),
                ("selects", models.JSONField(default=dict)),
                ("tracker_state", models.CharField(blank=True, max_length=40)),
                ("tracker_title", models.TextField(blank=True)),
                ("labels", models.JSONField(default=list)),
                ("checklist", models.JSONField(default=list)),
                ("subtasks", models.JSONField(blank=True, db_default={}, default=dict)),
                ("tracker_updated_at", models.DateTimeField(blank=True, null=True)),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("repository", "order"),
            },
        ),
        migrations.CreateModel(
            name="IssueNotePolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_enabled", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="ScheduledTask",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.user_groups",),
        ),
        migrations.CreateModel(
            name="ExternalLogin",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("socialaccount.socialaccount",),
        ),
        migrations.CreateModel(
            name="Account",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.user",),
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(max_length=40)),
                ("comment", models.TextField(blank=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.commit",
                    ),
                ),
            ],
        ),
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
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="baselines",
                        to="compliance.commit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("completed", "Completed"),
                            ("released", "Released"),
                            ("expired", "Expired"),
                        ],
                        default="active",
                        max_length=9,
                    ),
                ),
                ("until", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "offered_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="offers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "completed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="completions",
                        to="compliance.commit",
                    ),
                ),
                (
                    "renewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="renewals",
                        to="compliance.commit",
                    ),
                ),
            ],
        ),
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
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="compliance.connection",
                    ),
                ),
            ],
            options={
                "ordering": ("kind", "pk"),
            },
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
        migrations.CreateModel(
            name="ExternalLoginEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("provider", models.CharField(max_length=200, verbose_name="provider")),
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
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("clean", "Clean"),
                            ("open", "Open"),
                            ("claimed", "Claimed"),
                            ("in progress", "In Progress"),
                            ("migrated", "Migrated"),
                            ("regressed", "Regressed"),
                            ("waived", "Waived"),
                            ("suppressed", "Suppressed"),
                            ("gone", "Gone"),
                        ],
                        default="clean",
                        max_length=12,
                    ),
                ),
                ("category", models.CharField(blank=True, max_length=100)),
                ("violations", models.PositiveIntegerField(default=0)),
                ("suppressed", models.PositiveIntegerField(default=0)),
                ("waived", models.PositiveIntegerField(default=0)),
                (
                    "worst_risk",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("critical", "critical"),
                            ("high", "high"),
                            ("medium", "medium"),
                            ("low", "low"),
                        ],
                        max_length=8,
                    ),
                ),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "renamed_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="renamed_from",
                        to="compliance.file",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClaimEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("completed", "Completed"),
                            ("released", "Released"),
                            ("expired", "Expired"),
                        ],
                        default="active",
                        max_length=9,
                    ),
                ),
                ("until", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "offered_to",
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
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
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
                        related_name="events",
                        to="compliance.claim",
                    ),
                ),
                (
                    "completed_by",
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
                    "renewed_by",
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
                    "file",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.file",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="claims", to="compliance.file"
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "viewer"),
                            ("engineer", "engineer"),
                            ("manager", "manager"),
                            ("administrator", "administrator"),
                        ],
                        max_length=13,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "accepted_by",
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
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="InvitationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "viewer"),
                            ("engineer", "engineer"),
                            ("manager", "manager"),
                            ("administrator", "administrator"),
                        ],
                        max_length=13,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "accepted_by",
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
                    "person",
                    models.ForeignKey(
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
                        related_name="events",
                        to="compliance.invitation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="IssueNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figures", models.CharField(blank=True, default="", max_length=64)),
                ("text", models.CharField(blank=True, default="", max_length=64)),
                ("written_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_reason", models.TextField(blank=True, default="")),
                ("compared_at", models.DateTimeField(blank=True, null=True)),
                ("disagreement", models.CharField(blank=True, default="", max_length=20)),
                ("disagrees_since", models.DateTimeField(blank=True, null=True)),
                ("disagreement_told", models.BooleanField(default=False)),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.connection",
                    ),
                ),
                (
                    "issue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="note",
                        to="compliance.issue",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JobTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=8)),
                ("stripe", models.PositiveSmallIntegerField()),
                ("count", models.PositiveBigIntegerField(default=0)),
                ("seconds", models.FloatField(default=0)),
                (
                    "durations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveBigIntegerField(), size=8
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "state", "stripe"), name="one_job_total_per_stripe"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyFingerprint",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("stored_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_secret_key")],
            },
        ),
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
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                (
                    "account",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Handle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "forge",
                    models.CharField(
                        choices=[("github", "GitHub"), ("gitlab", "GitLab"), ("gitea", "Gitea or Forgejo")],
                        max_length=6,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handles",
                        to="compliance.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AddressEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                        to="compliance.address",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="address",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="compliance.person"
            ),
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("title", models.TextField()),
                ("order", models.PositiveIntegerField()),
                ("start", models.DateField(blank=True, null=True)),
                ("due", models.DateField(blank=True, null=True)),
                ("selects", models.JSONField(default=dict)),
                ("criteria", models.JSONField(default=list)),
                ("in_plan", models.BooleanField(default=True)),
                ("touched", models.PositiveIntegerField(default=0)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.commit",
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phases",
                        to="compliance.issue",
                    ),
                ),
            ],
            options={
                "ordering": ("issue__order", "order"),
            },
        ),
        migrations.CreateModel(
            name="Marker",
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
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
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
                    "phase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="markers",
                        to="compliance.phase",
                    ),
                ),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ApprovalEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("role", models.CharField(max_length=40)),
                ("comment", models.TextField(blank=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
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
                        related_name="events",
                        to="compliance.approval",
                    ),
                ),
                (
                    "withdrawn_by",
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
                    "phase",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.phase",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="approval",
            name="phase",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="compliance.phase"
            ),
        ),
        migrations.CreateModel(
            name="PhaseIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(blank=True, max_length=50)),
                ("kind", models.CharField(blank=True, max_length=60)),
                ("number", models.PositiveIntegerField(default=1)),
                ("title", models.TextField()),
                ("key", models.CharField(blank=True, default="", max_length=200)),
                ("url", models.CharField(blank=True, default="", max_length=1000)),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.connection",
                    ),
                ),
                (
                    "phase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="created_issues",
                        to="compliance.phase",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("engine", models.CharField(blank=True, default="", max_length=16)),
                ("name", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("counted", models.JSONField(default=list)),
                ("target_percent", models.DecimalField(decimal_places=1, max_digits=4)),
                ("suites", models.JSONField(default=dict)),
                ("source", models.CharField(max_length=1100)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("repository", "number"),
            },
        ),
        migrations.CreateModel(
            name="Patch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.BinaryField()),
                ("fixed", models.PositiveIntegerField()),
                ("fixes", models.JSONField(blank=True, null=True)),
                ("refused", models.JSONField()),
                ("guides", models.JSONField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.commit"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="patches",
                        to="compliance.file",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FileState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.PositiveIntegerField(blank=True, null=True)),
                ("last", models.PositiveIntegerField(blank=True, null=True)),
                ("category", models.CharField(max_length=100)),
                ("violations", models.PositiveIntegerField(default=0)),
                ("suppressed", models.PositiveIntegerField(default=0)),
                ("old_sites", models.PositiveIntegerField(default=0)),
                ("new_sites", models.PositiveIntegerField(default=0)),
                ("tainted", models.BooleanField(default=False)),
                ("unparsed", models.TextField(blank=True)),
                ("unparsed_line", models.PositiveIntegerField(default=0)),
                ("skipped", models.TextField(blank=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="compliance.file",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="file_states",
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
        migrations.AddField(
            model_name="baseline",
            name="plan",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="baseline",
                to="compliance.planversion",
            ),
        ),
        migrations.CreateModel(
            name="PublicLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100)),
                ("key", compliance.models.secret.SecretField()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("until", models.DateField(blank=True, null=True)),
                ("show_commits", models.BooleanField(db_default=False, default=False)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="PullRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.TextField()),
                ("url", models.CharField(max_length=1000)),
                ("author", models.CharField(max_length=200)),
                ("state", models.CharField(max_length=6)),
                ("base", models.CharField(blank=True, db_default="", default="", max_length=4096)),
                ("forge_state", models.CharField(blank=True, db_default="", default="", max_length=6)),
                ("head_sha", models.CharField(max_length=64)),
                ("source", models.CharField(blank=True, db_default="", default="", max_length=4096)),
                ("source_url", models.CharField(blank=True, db_default="", default="", max_length=1000)),
                ("head_ref", models.CharField(blank=True, db_default="", default="", max_length=4096)),
                ("draft", models.BooleanField(db_default=False, default=False)),
                ("listed_at", models.DateTimeField(blank=True, null=True)),
                ("updated_at", models.DateTimeField()),
                ("files", models.ManyToManyField(related_name="pull_requests", to="compliance.file")),
            ],
        ),
        migrations.CreateModel(
            name="ReadingRange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=16)),
                ("sha", models.CharField(max_length=64)),
                ("is_tree", models.BooleanField()),
                ("first", models.PositiveIntegerField(default=0)),
                ("count", models.PositiveIntegerField()),
                ("taken_until", models.DateTimeField(blank=True, null=True)),
                ("is_read", models.BooleanField(default=False)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reading_ranges",
                        to="compliance.planversion",
                    ),
                ),
            ],
            options={
                "ordering": ("plan", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Rename",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "new",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.file"
                    ),
                ),
                (
                    "old",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.file"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Repository",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=200)),
                ("url", models.CharField(max_length=1000)),
                ("access", compliance.models.secret.SecretField(blank=True, default="")),
                ("uses_connection", models.BooleanField(db_default=False, default=False)),
                ("is_confined", models.BooleanField(db_default=False, default=False)),
                ("web_url", models.CharField(blank=True, max_length=1000)),
                ("branch", models.CharField(blank=True, max_length=4096)),
                ("default_branch", models.CharField(blank=True, db_default="", default="", max_length=4096)),
                (
                    "missing_on",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("engine_release", models.PositiveIntegerField(db_default=0, default=0)),
                ("owners_digest", models.CharField(blank=True, db_default="", default="", max_length=64)),
                (
                    "webhook_secret",
                    compliance.models.secret.SecretField(default=compliance.models.repository.new_secret),
                ),
                ("former_webhook_secret", compliance.models.secret.SecretField(blank=True, default="")),
                ("plan_path", models.CharField(blank=True, default="ssot-plan.yaml", max_length=1000)),
                ("history_done", models.BooleanField(default=False)),
                ("line_length", models.PositiveIntegerField(default=0)),
                ("poll", models.BooleanField(default=True)),
                ("poll_failures", models.PositiveSmallIntegerField(default=0)),
                ("tags_digest", models.CharField(blank=True, default="", max_length=64)),
                ("polled_at", models.DateTimeField(blank=True, null=True)),
                ("hooked_at", models.DateTimeField(blank=True, null=True)),
                ("pulls_listed_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.TextField(blank=True)),
                (
                    "trouble_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unreachable", "The repository cannot be reached"),
                            ("refused", "The repository refuses access"),
                            ("host key", "The server's ssh key is not the accepted one"),
                            ("owner", "The repository belongs to another user"),
                            ("not found", "The repository was not found"),
                            ("moved", "The repository has moved"),
                            ("no answer", "The repository timed out"),
                            ("address", "The repository's address is not allowed"),
                            ("empty", "The repository has no commit yet"),
                            ("branch", "The tracked branch no longer exists"),
                            ("shallow", "The repository is a shallow clone"),
                            ("unsafe", "The repository has unsafe objects"),
                            ("damaged", "The repository is damaged"),
                            ("no plan", "There is no plan"),
                            ("plan", "The plan has errors"),
                            ("disk full", "The disk is full"),
                            ("failed", "A job failed unexpectedly"),
                            ("other", "The repository cannot be read"),
                        ],
                        db_default="",
                        default="",
                        max_length=12,
                    ),
                ),
                ("trouble_job", models.CharField(blank=True, db_default="", default="", max_length=20)),
                ("claim_days", models.PositiveSmallIntegerField(default=14)),
                ("claim_limit", models.PositiveSmallIntegerField(default=10)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "chosen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chosen_plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="chosen_for",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.commit",
                    ),
                ),
                (
                    "line_plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.planversion",
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
            ],
            options={
                "verbose_name_plural": "repositories",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="RejectedWebhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            (
                                "provider",
                                "The webhook's URL names an unknown provider. Copy the URL from Settings.",
                            ),
                            (
                                "signature",
                                "The signature is missing or wrong. Copy the secret from Settings to the webhook.",
                            ),
                        ],
                        max_length=9,
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=1)),
                ("first_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_webhooks",
                        to="compliance.connection",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_webhooks",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-last_at",),
            },
        ),
        migrations.CreateModel(
            name="RejectedDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=50)),
                ("address", models.CharField(max_length=300)),
                ("status", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_deliveries",
                        to="compliance.connection",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_deliveries",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "rejected deliveries",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="RecordedForecast",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.DateField()),
                ("phase", models.CharField(blank=True, max_length=200)),
                ("as_of", models.DateTimeField()),
                ("state", models.CharField(max_length=20)),
                ("target", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("left", models.PositiveIntegerField()),
                ("pace", models.FloatField(blank=True, null=True)),
                ("due", models.DateField(blank=True, null=True)),
                ("chance", models.FloatField(blank=True, null=True)),
                ("earliest_95", models.DateField(blank=True, null=True)),
                ("earliest_80", models.DateField(blank=True, null=True)),
                ("earliest_50", models.DateField(blank=True, null=True)),
                ("median", models.DateField(blank=True, null=True)),
                ("latest_50", models.DateField(blank=True, null=True)),
                ("latest_80", models.DateField(blank=True, null=True)),
                ("latest_95", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recorded_forecasts",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-week", "phase"),
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
                ("moved_out", models.PositiveIntegerField(db_default=0, default=0)),
                ("suppressed", models.PositiveIntegerField(default=0)),
                ("restored", models.PositiveIntegerField(default=0)),
                ("doubts", models.PositiveIntegerField(default=0)),
                ("together", models.PositiveIntegerField(db_default=0, default=0)),
                ("blocking", models.PositiveIntegerField(default=0)),
                ("uncounted", models.PositiveIntegerField(db_default=0, default=0)),
                ("waived", models.PositiveIntegerField(db_default=0, default=0)),
                ("ignored", models.JSONField(blank=True, db_default={}, default=dict)),
                ("clean_before", models.PositiveIntegerField(blank=True, null=True)),
                ("files_before", models.PositiveIntegerField(blank=True, null=True)),
                ("clean_after", models.PositiveIntegerField(blank=True, null=True)),
                ("files_after", models.PositiveIntegerField(blank=True, null=True)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("merge_note", models.TextField(blank=True, db_default="", default="")),
                ("phases", models.JSONField(blank=True, default=dict)),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                ("override_reason", models.TextField(blank=True, default="")),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                ("override_covers", models.JSONField(blank=True, db_default={}, default=dict)),
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
        migrations.AddField(
            model_name="pullrequest",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pull_requests",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="PublicLinkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(blank=True, max_length=100)),
                ("until", models.DateField(blank=True, null=True)),
                ("show_commits", models.BooleanField(db_default=False, default=False)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
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
                        related_name="events",
                        to="compliance.publiclink",
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
        migrations.AddField(
            model_name="publiclink",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="public_links",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="PlanVersionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("engine", models.CharField(blank=True, default="", max_length=16)),
                ("name", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("counted", models.JSONField(default=list)),
                ("target_percent", models.DecimalField(decimal_places=1, max_digits=4)),
                ("suites", models.JSONField(default=dict)),
                ("source", models.CharField(max_length=1100)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "author",
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
                        related_name="events",
                        to="compliance.planversion",
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
        migrations.AddField(
            model_name="planversion",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="plans", to="compliance.repository"
            ),
        ),
        migrations.CreateModel(
            name="PlanTrial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("rule", models.CharField(max_length=100)),
                ("outcome", models.JSONField(blank=True, null=True)),
                ("trouble", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trials",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="PlanProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha", models.CharField(blank=True, max_length=64)),
                ("head", models.JSONField(default=list)),
                ("candidates", models.JSONField(default=list)),
                ("trouble", models.TextField(blank=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposal",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="PlanDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("outcome", models.JSONField(blank=True, null=True)),
                ("files", models.JSONField(default=list)),
                ("trouble", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="PlanChoiceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("plan_path", models.CharField(blank=True, default="ssot-plan.yaml", max_length=1000)),
                (
                    "chosen_by",
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
                    "chosen_plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="plan_path_plan_chosen_plan_chosen_by_events",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OwnersFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("texts", models.JSONField(default=dict)),
                (
                    "repository",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owners_file",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OverrideEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("head_sha", models.CharField(max_length=64)),
                ("override_reason", models.TextField(blank=True, default="")),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                (
                    "overridden_by",
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
                    "pull_request",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.pullrequest",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="override_events",
                        to="compliance.pullrequestcheck",
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
                ("revision", models.PositiveIntegerField(db_default=0, default=0)),
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
        migrations.AddField(
            model_name="notificationrule",
            name="repository",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notification_rules",
                to="compliance.repository",
            ),
        ),
        migrations.AddField(
            model_name="notificationevent",
            name="repository",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notification_events",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="MarkerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("text", models.TextField()),
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
                        related_name="repository_commit_text_events",
                        to="compliance.marker",
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
        migrations.AddField(
            model_name="marker",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="markers",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="KnownIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("parent", models.CharField(blank=True, default="", max_length=200)),
                ("state", models.CharField(max_length=40)),
                ("updated_at", models.DateTimeField()),
                ("listed_at", models.DateTimeField()),
                ("news", models.JSONField()),
                ("heard_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_issues",
                        to="compliance.connection",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_issues",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(blank=True, max_length=200)),
                ("detail", models.JSONField(default=dict)),
                ("queue", models.CharField(db_default="scans", default="scans", max_length=12)),
                ("priority", models.SmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("buried", "Buried"),
                            ("replaced", "Replaced"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("max_attempts", models.PositiveSmallIntegerField(default=5)),
                ("merged", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("worker", models.CharField(blank=True, max_length=200)),
                ("done_steps", models.PositiveIntegerField(default=0)),
                ("total_steps", models.PositiveIntegerField(default=0)),
                ("doing", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("error", models.TextField(blank=True)),
                ("cause", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
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
                        related_name="jobs",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-priority", "due_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="IssueNotePolicyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("is_enabled", models.BooleanField(default=False)),
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
                        to="compliance.issuenotepolicy",
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
        migrations.AddField(
            model_name="issuenotepolicy",
            name="repository",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="issue_note_policy",
                to="compliance.repository",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="issues", to="compliance.repository"
            ),
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
        migrations.AddField(
            model_name="gatepolicy",
            name="repository",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="gate_policy",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_slugs",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("slug",),
            },
        ),
        migrations.AddField(
            model_name="file",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="compliance.repository"
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                ("delivery_id", models.CharField(max_length=200)),
                ("event", models.CharField(max_length=60)),
                ("outcome", models.TextField(blank=True)),
                ("payload", models.JSONField(default=dict)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("repeats", models.PositiveIntegerField(default=0)),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="compliance.connection",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deliveries",
                        to="compliance.job",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ("-received_at",),
            },
        ),
        migrations.AddField(
            model_name="connection",
            name="repositories",
            field=models.ManyToManyField(
                related_name="connections", through="compliance.Attachment", to="compliance.repository"
            ),
        ),
        migrations.AddField(
            model_name="commit",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="commits",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="CheckResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "running"),
                            ("passed", "passed"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=9,
                    ),
                ),
                ("url", models.CharField(blank=True, default="", max_length=1000)),
                ("updated_at", models.DateTimeField()),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_results",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "key"),
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
                        related_name="name_kind_repository_is_enabled_disabled_reason_events",
                        to="compliance.channel",
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
                    "connection",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.connection",
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
        migrations.AddField(
            model_name="attachment",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attachments",
                to="compliance.repository",
            ),
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=200)),
                ("began_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("fired_at", models.DateTimeField(blank=True, null=True)),
                ("detail", models.JSONField(blank=True, default=dict)),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="RepositoryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("name", models.CharField(max_length=200)),
                ("slug", models.SlugField(db_index=False)),
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
                        related_name="name_slug_events",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RepositorySetup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=1000)),
                ("access", compliance.models.secret.SecretField(blank=True, default="")),
                ("is_confined", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Checking"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("added", "Added"),
                        ],
                        default="checking",
                        max_length=8,
                    ),
                ),
                ("trouble", models.TextField(blank=True, default="")),
                (
                    "trouble_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unreachable", "The repository cannot be reached"),
                            ("refused", "The repository refuses access"),
                            ("host key", "The server's ssh key is not the accepted one"),
                            ("owner", "The repository belongs to another user"),
                            ("not found", "The repository was not found"),
                            ("moved", "The repository has moved"),
                            ("no answer", "The repository timed out"),
                            ("address", "The repository's address is not allowed"),
                            ("empty", "The repository has no commit yet"),
                            ("branch", "The tracked branch no longer exists"),
                            ("shallow", "The repository is a shallow clone"),
                            ("unsafe", "The repository has unsafe objects"),
                            ("damaged", "The repository is damaged"),
                            ("no plan", "There is no plan"),
                            ("plan", "The plan has errors"),
                            ("disk full", "The disk is full"),
                            ("failed", "A job failed unexpectedly"),
                            ("other", "The repository cannot be read"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("branches", models.JSONField(default=list)),
                ("branch_count", models.PositiveIntegerField(default=0)),
                ("default_branch", models.CharField(blank=True, default="", max_length=4096)),
                ("estimate", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.connection",
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
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.repository",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
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
            name="SharedReport",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("stored_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("key",),
                "indexes": [models.Index(fields=["stored_at"], name="shared_reports_by_age")],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("files", models.PositiveIntegerField()),
                ("clean", models.PositiveIntegerField()),
                ("violations", models.PositiveIntegerField()),
                ("files_with_violations", models.PositiveIntegerField()),
                ("old_sites", models.PositiveIntegerField()),
                ("new_sites", models.PositiveIntegerField()),
                ("suppressed", models.PositiveIntegerField()),
                ("unparsed", models.PositiveIntegerField()),
                ("skipped", models.PositiveIntegerField()),
                ("new", models.PositiveIntegerField()),
                ("fixed", models.PositiveIntegerField()),
                ("newly_suppressed", models.PositiveIntegerField(db_default=0, default=0)),
                ("restored", models.PositiveIntegerField(db_default=0, default=0)),
                ("moved", models.PositiveIntegerField()),
                ("moved_in", models.PositiveIntegerField(db_default=0, default=0)),
                ("moved_out", models.PositiveIntegerField(db_default=0, default=0)),
                ("files_added", models.PositiveIntegerField()),
                ("files_gone", models.PositiveIntegerField()),
                ("files_renamed", models.PositiveIntegerField(db_default=0, default=0)),
                ("clean_added", models.PositiveIntegerField(db_default=0, default=0)),
                ("clean_gone", models.PositiveIntegerField(db_default=0, default=0)),
                ("became_clean", models.PositiveIntegerField(db_default=0, default=0)),
                ("became_unclean", models.PositiveIntegerField(db_default=0, default=0)),
                ("outside", models.JSONField(db_default={}, default=dict)),
                ("by", models.JSONField()),
                ("category_files", models.JSONField()),
                ("waived", models.JSONField(default=dict)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snapshots",
                        to="compliance.commit",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snapshots",
                        to="compliance.planversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(null=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.commit"
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source",
                        to="compliance.file",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveIntegerField()),
                ("title", models.TextField()),
                ("risk", models.CharField(blank=True, max_length=40)),
                ("defines", models.TextField(blank=True)),
                ("clean", models.JSONField(default=list)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.commit",
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="compliance.issue",
                    ),
                ),
            ],
            options={
                "ordering": ("issue__order", "order"),
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SuiteResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("sha", models.CharField(max_length=64)),
                ("suite", models.CharField(max_length=200)),
                ("passed", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField()),
                ("errors", models.PositiveIntegerField()),
                ("skipped", models.PositiveIntegerField()),
                ("cells", models.JSONField(default=list)),
                ("passing", models.JSONField(default=list)),
                ("failing", models.JSONField(default=list)),
                ("source", models.CharField(blank=True, max_length=300)),
                ("received_at", models.DateTimeField()),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="suite_results",
                        to="compliance.commit",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suite_results",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("members", models.ManyToManyField(blank=True, related_name="teams", to="compliance.person")),
            ],
        ),
        migrations.CreateModel(
            name="HandleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "forge",
                    models.CharField(
                        choices=[("github", "GitHub"), ("gitlab", "GitLab"), ("gitea", "Gitea or Forgejo")],
                        max_length=6,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                        to="compliance.handle",
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
                        to="compliance.person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="handle",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="handles",
                to="compliance.team",
            ),
        ),
        migrations.CreateModel(
            name="TeamEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
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
                        to="compliance.team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TeamMemberEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.person",
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
                    "team",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="compliance.team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TestRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("name", models.TextField(blank=True)),
                ("environment", models.CharField(blank=True, db_default="", default="", max_length=100)),
                ("run", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="test_runs",
                        to="compliance.commit",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="test_runs",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TestCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.TextField(blank=True)),
                ("class_name", models.TextField(blank=True)),
                ("name", models.TextField()),
                ("outcome", models.CharField(max_length=7)),
                ("seconds", models.FloatField(default=0)),
                ("message", models.TextField(blank=True)),
                ("mixed", models.BooleanField(db_default=False, default=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="compliance.testrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("read", "read"),
                            ("evidence", "send evidence"),
                            ("write", "read and write everything"),
                        ],
                        max_length=8,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("hint", models.CharField(max_length=12)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="compliance.repository",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="testrun",
            name="token",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="compliance.token",
            ),
        ),
        migrations.CreateModel(
            name="Measurement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("value", models.FloatField()),
                ("unit", models.CharField(blank=True, max_length=40)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="measurements",
                        to="compliance.commit",
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measurements",
                        to="compliance.repository",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="compliance.token",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TokenEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=100)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("read", "read"),
                            ("evidence", "send evidence"),
                            ("write", "read and write everything"),
                        ],
                        max_length=8,
                    ),
                ),
                ("hint", models.CharField(max_length=12)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
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
                        related_name="events",
                        to="compliance.token",
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
                (
                    "revoked_by",
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
            ],
            options={
                "abstract": False,
            },
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
        migrations.CreateModel(
            name="Violation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.PositiveIntegerField(blank=True, null=True)),
                ("last", models.PositiveIntegerField(blank=True, null=True)),
                ("rule", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=40)),
                ("symbol", models.TextField(blank=True)),
                ("scope", models.TextField(blank=True)),
                (
                    "risk",
                    models.CharField(
                        choices=[
                            ("critical", "critical"),
                            ("high", "high"),
                            ("medium", "medium"),
                            ("low", "low"),
                        ],
                        max_length=8,
                    ),
                ),
                ("category", models.CharField(max_length=100)),
                ("message", models.TextField(blank=True)),
                ("snippet", models.TextField(blank=True)),
                ("line", models.PositiveIntegerField()),
                ("column", models.PositiveIntegerField()),
                ("end_line", models.PositiveIntegerField()),
                ("end_column", models.PositiveIntegerField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("origin_path", models.TextField()),
                ("origin_fingerprint", models.CharField(max_length=64)),
                ("issues", models.JSONField(default=list)),
                ("phases", models.JSONField(default=list)),
                ("counted", models.BooleanField()),
                ("suppressed", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True)),
                ("silenced", models.BooleanField(db_default=False, default=False)),
                ("restored", models.BooleanField(db_default=False, default=False)),
                ("ran_out", models.BooleanField(db_default=False, default=False)),
                ("thread", models.UUIDField(blank=True, null=True)),
                ("path_key", models.TextField(blank=True, db_default="", default="")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="violations_rows",
                        to="compliance.file",
                    ),
                ),
                (
                    "introduced",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="introductions",
                        to="compliance.commit",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="violations",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "resolved",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="resolutions",
                        to="compliance.commit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Change",
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
                            ("restored", "Counts again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("rung", models.CharField(blank=True, max_length=12)),
                ("rule", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=40)),
                ("symbol", models.TextField(blank=True)),
                (
                    "risk",
                    models.CharField(
                        choices=[
                            ("critical", "critical"),
                            ("high", "high"),
                            ("medium", "medium"),
                            ("low", "low"),
                        ],
                        max_length=8,
                    ),
                ),
                ("category", models.CharField(max_length=100)),
                ("counted", models.BooleanField()),
                ("path", models.TextField()),
                ("line", models.PositiveIntegerField()),
                ("snippet", models.TextField(blank=True)),
                ("old_path", models.TextField(blank=True)),
                ("old_line", models.PositiveIntegerField(blank=True, null=True)),
                ("old_snippet", models.TextField(blank=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("old_fingerprint", models.CharField(blank=True, max_length=64)),
                ("regression", models.BooleanField(default=False)),
                ("ran_out", models.BooleanField(db_default=False, default=False)),
                (
                    "commit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="compliance.commit",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.planversion",
                    ),
                ),
                (
                    "violation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="changes",
                        to="compliance.violation",
                    ),
                ),
            ],
            options={
                "ordering": ("commit", "kind", "path", "line"),
            },
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(blank=True, max_length=200)),
                ("glob", models.TextField(blank=True)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                ("reason", models.TextField()),
                ("until", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "state",
                    models.CharField(
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
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("comment", models.TextField(blank=True, db_default="", default="")),
                (
                    "decided_by",
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
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waivers",
                        to="compliance.repository",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="violation",
            name="waiver",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="violations",
                to="compliance.waiver",
            ),
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
                            ("moved out", "Moved Out"),
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
                ("reason", models.TextField(blank=True, db_default="", default="")),
                ("cause_sha", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("in_other", models.BooleanField(db_default=False, default=False)),
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
                    "pull_request_check",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="compliance.pullrequestcheck",
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
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="WaiverEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("rule", models.CharField(blank=True, max_length=200)),
                ("glob", models.TextField(blank=True)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                ("reason", models.TextField()),
                ("until", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "state",
                    models.CharField(
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
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("comment", models.TextField(blank=True, db_default="", default="")),
                (
                    "decided_by",
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
                    "person",
                    models.ForeignKey(
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
                        related_name="events",
                        to="compliance.waiver",
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
            name="WalkPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=16)),
                ("sha", models.CharField(max_length=64)),
                ("is_full", models.BooleanField()),
                ("rows_agree", models.BooleanField(default=True)),
                ("size", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="walk_parts",
                        to="compliance.planversion",
                    ),
                ),
            ],
            options={
                "ordering": ("plan", "pk"),
            },
        ),
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.IntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="auth.group",
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
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="compliance.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_membershipevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."group_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."user_id"); RETURN NULL;',
                    hash="b413e6891023ee6fc8fb423cf717a28f1c0bbea2",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_731d0",
                    table="auth_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_membershipevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (OLD."group_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."user_id"); RETURN NULL;',
                    hash="adb255b9cfa59d186cd1711e8577c62437a80321",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c9b1e",
                    table="auth_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="externalloginevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="user_provider_events",
                to="compliance.externallogin",
            ),
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
        migrations.AddField(
            model_name="accountevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="username_is_active_is_staff_is_superuser_events",
                to="compliance.account",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_accountevent" ("is_active", "is_staff", "is_superuser", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."is_active", NEW."is_staff", NEW."is_superuser", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="22ecd4e9d036cf730ab71266ea25682010f961c6",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_184a7",
                    table="auth_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser"))',
                    func='INSERT INTO "compliance_accountevent" ("is_active", "is_staff", "is_superuser", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."is_active", NEW."is_staff", NEW."is_superuser", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="62be47683b72000fbc8275265f6b0c42e3fc5fcb",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c5dad",
                    table="auth_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="signed_in_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."last_login" IS DISTINCT FROM (NEW."last_login"))',
                    func='INSERT INTO "compliance_accountevent" ("is_active", "is_staff", "is_superuser", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."is_active", NEW."is_staff", NEW."is_superuser", _pgh_attach_context(), NOW(), \'signed in\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="d8782167f017a64aecb878b4627b29f2b077987d",
                    operation="UPDATE",
                    pgid="pgtrigger_signed_in_update_2d1da",
                    table="auth_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="password_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."password" IS DISTINCT FROM (NEW."password"))',
                    func='INSERT INTO "compliance_accountevent" ("is_active", "is_staff", "is_superuser", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."is_active", NEW."is_staff", NEW."is_superuser", _pgh_attach_context(), NOW(), \'password\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="846127339bf566c8789c10af5fe727ec76794844",
                    operation="UPDATE",
                    pgid="pgtrigger_password_update_5f784",
                    table="auth_user",
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
        pgtrigger.migrations.AddTrigger(
            model_name="claimevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1e870d7ad0bb93558ff17e605124358c927608cf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_14bda",
                    table="compliance_claimevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "active")), fields=("file",), name="one_active_claim_per_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("created_at"))), name="claims_run_forward"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_claimevent" ("completed_by_id", "created_at", "ended_at", "file_id", "id", "note", "offered_to_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reminded_at", "renewed_by_id", "state", "until") VALUES (NEW."completed_by_id", NEW."created_at", NEW."ended_at", NEW."file_id", NEW."id", NEW."note", NEW."offered_to_id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reminded_at", NEW."renewed_by_id", NEW."state", NEW."until"); RETURN NULL;',
                    hash="bdcb417bc7a08c63f65c6ea7dfd100a2adf8492c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3c07d",
                    table="compliance_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_claimevent" ("completed_by_id", "created_at", "ended_at", "file_id", "id", "note", "offered_to_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reminded_at", "renewed_by_id", "state", "until") VALUES (NEW."completed_by_id", NEW."created_at", NEW."ended_at", NEW."file_id", NEW."id", NEW."note", NEW."offered_to_id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reminded_at", NEW."renewed_by_id", NEW."state", NEW."until"); RETURN NULL;',
                    hash="caf263413f22c593b54ed907dc58706064fc0ac7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6a4e9",
                    table="compliance_claim",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ("viewer", "engineer", "manager", "administrator"))),
                name="invitations_give_a_known_role",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_invitationevent" ("accepted_at", "accepted_by_id", "created_at", "expires_at", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role") VALUES (NEW."accepted_at", NEW."accepted_by_id", NEW."created_at", NEW."expires_at", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."role"); RETURN NULL;',
                    hash="f85c4904b689e361fd2b693b08551f5a9e5c5c91",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_08120",
                    table="compliance_invitation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."accepted_at" IS DISTINCT FROM (NEW."accepted_at") OR OLD."accepted_by_id" IS DISTINCT FROM (NEW."accepted_by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."role" IS DISTINCT FROM (NEW."role"))',
                    func='INSERT INTO "compliance_invitationevent" ("accepted_at", "accepted_by_id", "created_at", "expires_at", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role") VALUES (NEW."accepted_at", NEW."accepted_by_id", NEW."created_at", NEW."expires_at", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."role"); RETURN NULL;',
                    hash="75d0fe203f95699b9b1b07d00dafdcefe20a476d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9e4c5",
                    table="compliance_invitation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="239b259061ebcdf6f113ed2edfe536b351fc943d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_30f99",
                    table="compliance_invitationevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="issuenote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stopped_at__isnull", True), ("stopped_reason", "")),
                    models.Q(("stopped_at__isnull", False), models.Q(("stopped_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="stopped_notes_have_a_reason",
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
        pgtrigger.migrations.AddTrigger(
            model_name="addressevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5a3cd88e40429726f1137ad4ccdadf407313577e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_032be",
                    table="compliance_addressevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="one_person_per_address"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="address",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_addressevent" ("created_at", "email", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."email", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="bbfec0f72042134d3244cc2930fadcb8e56dae16",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_11680",
                    table="compliance_address",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="address",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_addressevent" ("created_at", "email", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."created_at", OLD."email", OLD."id", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="f6c7877a6365f88bea5cd6db9948a7702bbaf640",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_eb877",
                    table="compliance_address",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("issue", "key"), name="one_row_per_phase"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approvalevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4a1a71e1eb0697fb9fef36384757666fa3cec998",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2b283",
                    table="compliance_approvalevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_approvalevent" ("comment", "commit_id", "created_at", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phase_id", "role", "withdrawn_at", "withdrawn_by_id") VALUES (NEW."comment", NEW."commit_id", NEW."created_at", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phase_id", NEW."role", NEW."withdrawn_at", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="f4f1b639f0a963000da6bcfeb982a881e0861f0b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0e8df",
                    table="compliance_approval",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_approvalevent" ("comment", "commit_id", "created_at", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phase_id", "role", "withdrawn_at", "withdrawn_by_id") VALUES (NEW."comment", NEW."commit_id", NEW."created_at", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phase_id", NEW."role", NEW."withdrawn_at", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="36beb488dbcbb14f7b89a3873773b10094557d32",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_957a5",
                    table="compliance_approval",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="phaseissue",
            constraint=models.UniqueConstraint(
                fields=("phase", "number"), name="one_created_issue_per_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="patch",
            constraint=models.UniqueConstraint(
                fields=("file", "commit", "plan"), name="one_patch_per_file_and_commit"
            ),
        ),
        migrations.AddIndex(
            model_name="filestate",
            index=models.Index(fields=["plan", "first"], name="file_states_by_start"),
        ),
        migrations.AddIndex(
            model_name="filestate",
            index=models.Index(fields=["plan", "last"], name="file_states_by_end"),
        ),
        migrations.AddIndex(
            model_name="filestate",
            index=models.Index(
                condition=models.Q(
                    models.Q(("unparsed", ""), _negated=True),
                    models.Q(("skipped", ""), _negated=True),
                    _connector="OR",
                ),
                fields=["plan"],
                name="file_states_with_faults",
            ),
        ),
        migrations.AddConstraint(
            model_name="filestate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("last__isnull", True)),
                fields=("plan", "file"),
                name="one_current_state_per_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="filestate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first__isnull", True),
                    ("last__isnull", True),
                    ("first__lte", models.F("last")),
                    _connector="OR",
                ),
                name="file_states_run_forward",
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
        migrations.AddIndex(
            model_name="readingrange",
            index=models.Index(fields=["plan", "id"], name="reading_ranges_in_order"),
        ),
        migrations.AddConstraint(
            model_name="rename",
            constraint=models.UniqueConstraint(
                fields=("plan", "old", "position"), name="one_rename_per_file_and_commit"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_planchoiceevent" ("chosen_by_id", "chosen_plan_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "plan_path") VALUES (NEW."chosen_by_id", NEW."chosen_plan_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plan_id", NEW."plan_path"); RETURN NULL;',
                    hash="b9564d6d5069cece823d528cc7e4323a23db4597",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d4a73",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."chosen_by_id" IS DISTINCT FROM (NEW."chosen_by_id") OR OLD."chosen_plan_id" IS DISTINCT FROM (NEW."chosen_plan_id") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."plan_path" IS DISTINCT FROM (NEW."plan_path"))',
                    func='INSERT INTO "compliance_planchoiceevent" ("chosen_by_id", "chosen_plan_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "plan_path") VALUES (NEW."chosen_by_id", NEW."chosen_plan_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plan_id", NEW."plan_path"); RETURN NULL;',
                    hash="ba5a8e4cce2ed61135b053e153b924f93d450390",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_41ea6",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="added_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'added\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="6cdcbdc9f1197eab550cd4bd55357d8ed6c5a621",
                    operation="INSERT",
                    pgid="pgtrigger_added_insert_2b972",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="renamed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."slug" IS DISTINCT FROM (NEW."slug"))',
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'renamed\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="22a6f437f7e8288ec513f3e5e0cd78e6bd1f4ca7",
                    operation="UPDATE",
                    pgid="pgtrigger_renamed_update_45ad1",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="archived_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."archived_at" IS NOT NULL AND OLD."archived_at" IS NULL)',
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'archived\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="d68c57dfd9c3069ff6fcaf58fec00baf66308130",
                    operation="UPDATE",
                    pgid="pgtrigger_archived_update_63152",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="unarchived_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."archived_at" IS NULL AND OLD."archived_at" IS NOT NULL)',
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'unarchived\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="affd6d687b7af6b5de68dec5fcced43195a3f0f3",
                    operation="UPDATE",
                    pgid="pgtrigger_unarchived_update_0a827",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="deleted_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."deleted_at" IS NOT NULL AND OLD."deleted_at" IS NULL)',
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'deleted\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="c6f80003fb3de863611877436c214b4860075dc5",
                    operation="UPDATE",
                    pgid="pgtrigger_deleted_update_54f12",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="restored_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."deleted_at" IS NULL AND OLD."deleted_at" IS NOT NULL)',
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'restored\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="891d38487aab08b518b2dcb70f00be941c280c36",
                    operation="UPDATE",
                    pgid="pgtrigger_restored_update_3058f",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repository",
            trigger=pgtrigger.compiler.Trigger(
                name="removed_for_good_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_repositoryevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (OLD."name", _pgh_attach_context(), NOW(), \'removed for good\', OLD."id", OLD."slug"); RETURN NULL;',
                    hash="b7a5e1ae276e3531fb82792102d00cab45db658f",
                    operation="DELETE",
                    pgid="pgtrigger_removed_for_good_delete_92a2d",
                    table="compliance_repository",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectedwebhook",
            constraint=models.UniqueConstraint(
                fields=("repository", "connection", "reason"), name="one_row_per_reason", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedforecast",
            constraint=models.UniqueConstraint(
                fields=("repository", "phase", "week"), name="one_forecast_per_week_and_phase"
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedforecast",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("earliest_95__isnull", True),
                    models.Q(
                        ("earliest_50__lte", models.F("median")),
                        ("earliest_80__lte", models.F("earliest_50")),
                        ("earliest_95__lte", models.F("earliest_80")),
                        ("latest_50__lte", models.F("latest_80")),
                        ("latest_80__lte", models.F("latest_95")),
                        ("median__lte", models.F("latest_50")),
                    ),
                    _connector="OR",
                ),
                name="recorded_ranges_nest",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedforecast",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("chance__isnull", True),
                    models.Q(("chance__gte", 0), ("chance__lte", 1)),
                    _connector="OR",
                ),
                name="recorded_chances_are_probabilities",
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
        migrations.AddConstraint(
            model_name="pullrequest",
            constraint=models.UniqueConstraint(
                fields=("repository", "number"), name="one_row_per_pull_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="pullrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("updated_at__gte", datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                    ("updated_at__lt", datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                ),
                name="pull_requests_have_a_readable_time",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publiclinkevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7e73d9c3187c1e2ca0d4f4d46342bd97279778e5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_01a65",
                    table="compliance_publiclinkevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="publiclink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key", ""), _negated=True), models.Q(("digest", ""), _negated=True)
                ),
                name="public_links_have_a_key",
            ),
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
        pgtrigger.migrations.AddTrigger(
            model_name="planversionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f65503115500edc5072d0f211a3c85db2a4b0515",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_da920",
                    table="compliance_planversionevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(
                fields=("repository", "digest", "engine"), name="one_version_per_plan_and_engine"
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(
                fields=("repository", "number"), name="plan_versions_are_numbered"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planversion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_planversionevent" ("author_id", "counted", "created_at", "digest", "engine", "id", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "source", "suites", "target_percent", "text") VALUES (NEW."author_id", NEW."counted", NEW."created_at", NEW."digest", NEW."engine", NEW."id", NEW."name", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id", NEW."source", NEW."suites", NEW."target_percent", NEW."text"); RETURN NULL;',
                    hash="3d7f84ea749726ed602699949d9ee9eb95a1de04",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_78a3a",
                    table="compliance_planversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planversion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_planversionevent" ("author_id", "counted", "created_at", "digest", "engine", "id", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "source", "suites", "target_percent", "text") VALUES (NEW."author_id", NEW."counted", NEW."created_at", NEW."digest", NEW."engine", NEW."id", NEW."name", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id", NEW."source", NEW."suites", NEW."target_percent", NEW."text"); RETURN NULL;',
                    hash="f416d96505a1fdee65b65e6a83586b3814d07b3f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b0b52",
                    table="compliance_planversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planchoiceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7e7d452b4e52ea47a232a8b675f45ec679107685",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4d457",
                    table="compliance_planchoiceevent",
                    when="BEFORE",
                ),
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
                condition=models.Q(("kind", "message")), fields=["target", "-id"], name="messages_of_channels"
            ),
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
        pgtrigger.migrations.AddTrigger(
            model_name="markerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="38b07eedd3324fc7dd7880f47c20b8580325d0d1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ddc4d",
                    table="compliance_markerevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="marker",
            index=models.Index(fields=["repository", "at"], name="markers_of_a_line"),
        ),
        migrations.AddConstraint(
            model_name="marker",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("at__gte", datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                    ("at__lt", datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                ),
                name="marks_have_a_readable_time",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="marker",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"kind\" = 'note')",
                    func='INSERT INTO "compliance_markerevent" ("commit_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "text") VALUES (NEW."commit_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id", NEW."text"); RETURN NULL;',
                    hash="e3bffb259911370fcba92f67b67db6b23af114c9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_dd32c",
                    table="compliance_marker",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="marker",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."kind" = \'note\' AND OLD."text" IS DISTINCT FROM (NEW."text"))',
                    func='INSERT INTO "compliance_markerevent" ("commit_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "text") VALUES (NEW."commit_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id", NEW."text"); RETURN NULL;',
                    hash="605a0a7e50c08553405dd597b9c2234f7c534020",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_af67b",
                    table="compliance_marker",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="marker",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"kind\" = 'note')",
                    func='INSERT INTO "compliance_markerevent" ("commit_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "text") VALUES (OLD."commit_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."repository_id", OLD."text"); RETURN NULL;',
                    hash="91cb1e5ad15c5fd1b2649213eb37a33ed8cb795a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ba3e7",
                    table="compliance_marker",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="knownissue",
            index=models.Index(fields=["repository", "-heard_at"], name="known_issues_of_repository"),
        ),
        migrations.AddIndex(
            model_name="knownissue",
            index=models.Index(fields=["connection", "-heard_at"], name="known_issues_of_connection"),
        ),
        migrations.AddConstraint(
            model_name="knownissue",
            constraint=models.UniqueConstraint(
                fields=("repository", "connection", "key"),
                name="one_row_per_known_issue",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="knownissue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("repository__isnull", True), ("connection__isnull", True), _connector="XOR"
                ),
                name="known_issues_have_one_source",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["state", "-priority", "due_at"], name="jobs_to_do"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["repository", "-id"], name="jobs_of_a_repository"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)),
                fields=["repository", "-finished_at"],
                name="jobs_by_end",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state__in", ("done", "replaced"))),
                fields=["finished_at"],
                name="jobs_to_delete",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("repository", "kind", "key"),
                name="equal_waiting_jobs_are_one",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")),
                fields=("repository",),
                name="one_running_job_per_repository",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "running"), _negated=True),
                    ("lease_until__isnull", False),
                    _connector="OR",
                ),
                name="running_jobs_have_a_lease",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="count_ended",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."finished_at" IS NOT NULL AND OLD."finished_at" IS NULL)',
                    func="\n    INSERT INTO compliance_jobtotal AS total (kind, state, stripe, count, seconds, durations)\n    SELECT NEW.kind, NEW.state, pg_backend_pid() % 16, 1, took.seconds, ARRAY(\n        SELECT (place = width_bucket(took.seconds, ARRAY[1,5,15,60,300,900,3600]::float8[]))::int::bigint\n        FROM generate_series(0, 7) AS place ORDER BY place)\n    FROM (SELECT greatest(coalesce(extract(epoch FROM NEW.finished_at - NEW.started_at), 0), 0)::float8\n          AS seconds) AS took\n    ON CONFLICT (kind, state, stripe) DO UPDATE SET\n        count = total.count + 1,\n        seconds = total.seconds + EXCLUDED.seconds,\n        durations = ARRAY(SELECT had + more FROM unnest(total.durations, EXCLUDED.durations)\n                          WITH ORDINALITY AS pair(had, more, place) ORDER BY place);\n    RETURN NULL;\n",
                    hash="13029e2c573e72ccea99a72ffc31c7afe9d873b3",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_count_ended_74a50",
                    table="compliance_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="issuenotepolicyevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8f9d5c550e848c9974f02ae216037bf4abd7fe0d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4dbdb",
                    table="compliance_issuenotepolicyevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="issuenotepolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_issuenotepolicyevent" ("id", "is_enabled", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id") VALUES (NEW."id", NEW."is_enabled", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id"); RETURN NULL;',
                    hash="175fa5a426ba93318cd38adcf71d7e24e842a427",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_51caa",
                    table="compliance_issuenotepolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="issuenotepolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_issuenotepolicyevent" ("id", "is_enabled", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id") VALUES (NEW."id", NEW."is_enabled", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id"); RETURN NULL;',
                    hash="4bb323c82af19aed9ea961093c595d09183714ab",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_88185",
                    table="compliance_issuenotepolicy",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.UniqueConstraint(fields=("repository", "key"), name="one_row_per_issue"),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tracker_updated_at__isnull", True),
                    models.Q(
                        (
                            "tracker_updated_at__gte",
                            datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                        ),
                        (
                            "tracker_updated_at__lt",
                            datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                        ),
                    ),
                    _connector="OR",
                ),
                name="issues_have_a_readable_time",
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
        migrations.AddIndex(
            model_name="file",
            index=django.contrib.postgres.indexes.HashIndex(fields=["path"], name="files_by_path"),
        ),
        migrations.AddIndex(
            model_name="file",
            index=django.contrib.postgres.indexes.GinIndex(
                compliance.models.path_words.PathWords("path"), name="files_by_words"
            ),
        ),
        migrations.AddIndex(
            model_name="file",
            index=models.Index(fields=["repository", "status", "-violations"], name="files_by_status"),
        ),
        migrations.AddIndex(
            model_name="file",
            index=models.Index(
                models.F("repository"),
                django.db.models.expressions.CombinedExpression(models.Value(0), "-", models.F("violations")),
                django.db.models.functions.text.Left("path", 500),
                models.F("id"),
                condition=models.Q(("status", "gone"), _negated=True),
                name="files_by_violations",
            ),
        ),
        migrations.AddConstraint(
            model_name="file",
            constraint=models.UniqueConstraint(
                models.F("repository"), django.db.models.functions.text.MD5("path"), name="one_row_per_path"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["repository", "-received_at"], name="deliveries_by_arrival"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("repository", "source", "delivery_id"), name="one_row_per_delivery"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("connection__isnull", False)),
                fields=("connection", "source", "delivery_id"),
                name="one_row_per_tracker_delivery",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("repository__isnull", True), ("connection__isnull", True), _connector="XOR"
                ),
                name="deliveries_have_one_receiver",
            ),
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
        migrations.AddIndex(
            model_name="commit",
            index=models.Index(
                models.F("repository"),
                django.db.models.functions.comparison.Coalesce("placed_at", "committed_at"),
                name="commits_by_date",
            ),
        ),
        migrations.AddIndex(
            model_name="commit",
            index=models.Index(fields=["sha"], name="commits_by_sha", opclasses=("varchar_pattern_ops",)),
        ),
        migrations.AddIndex(
            model_name="commit",
            index=models.Index(
                condition=models.Q(("placed_at__isnull", False)),
                fields=["repository"],
                name="commits_dated_otherwise",
            ),
        ),
        migrations.AddConstraint(
            model_name="commit",
            constraint=models.UniqueConstraint(fields=("repository", "sha"), name="one_row_per_commit"),
        ),
        migrations.AddConstraint(
            model_name="commit",
            constraint=models.UniqueConstraint(
                fields=("repository", "position"), name="one_commit_per_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="commit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "authored_at__range",
                        (
                            datetime.datetime(1, 1, 3, 0, 0, tzinfo=datetime.timezone.utc),
                            datetime.datetime(9999, 12, 30, 0, 0, tzinfo=datetime.timezone.utc),
                        ),
                    ),
                    (
                        "committed_at__range",
                        (
                            datetime.datetime(1, 1, 3, 0, 0, tzinfo=datetime.timezone.utc),
                            datetime.datetime(9999, 12, 30, 0, 0, tzinfo=datetime.timezone.utc),
                        ),
                    ),
                ),
                name="commits_have_readable_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="commit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("placed_at__isnull", True),
                    models.Q(
                        ("placed_at__gte", datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                        ("placed_at__lt", datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                    ),
                    _connector="OR",
                ),
                name="commits_are_placed_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkresult",
            constraint=models.UniqueConstraint(fields=("repository", "sha", "key"), name="one_row_per_check"),
        ),
        migrations.AddConstraint(
            model_name="checkresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("updated_at__gte", datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                    ("updated_at__lt", datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                ),
                name="check_results_have_a_readable_time",
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
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("fired_at", None)), fields=["topic", "began_at"], name="alerts_to_fire"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["topic", "id"], name="alerts_of_a_topic"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                fields=("repository", "topic", "subject"), name="one_alert_per_subject", nulls_distinct=False
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="repositoryevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0a35d634c0185b639a93352e9b737079ec507f8b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_82c0f",
                    table="compliance_repositoryevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="repositorywatch",
            constraint=models.UniqueConstraint(
                fields=("person", "repository"), name="one_watch_per_repository"
            ),
        ),
        migrations.AddIndex(
            model_name="snapshot",
            index=models.Index(fields=["plan", "id"], name="snapshots_by_arrival"),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                fields=("plan", "commit"), name="one_snapshot_per_commit_and_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("clean__lte", models.F("files"))), name="clean_files_are_files"
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("files_with_violations__lte", models.F("violations"))),
                name="violating_files_have_violations",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("issue", "order"), name="steps_are_in_order"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                fields=("repository", "person"), name="one_subscription_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="suiteresult",
            constraint=models.UniqueConstraint(
                fields=("repository", "digest", "sha"), name="one_result_per_suite_and_commit"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), name="one_team_per_name"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_teamevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="1f68fbeab60f32036c6e24ebdc00a8229dc68326",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_211f7",
                    table="compliance_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "compliance_teamevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="f6dcd8b1ae60c915b1233372e285514d6fecb542",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_70010",
                    table="compliance_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_teamevent" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."id", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="0481df3e2adfb4b7df323331cd9d461312492b95",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d6b0f",
                    table="compliance_team",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("compliance.team_members",),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="61fe42007d811158fd85539a27c1298ab5347467",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f5eeb",
                    table="compliance_handleevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="handle",
            constraint=models.UniqueConstraint(
                models.F("forge"), django.db.models.functions.text.Lower("name"), name="one_owner_per_handle"
            ),
        ),
        migrations.AddConstraint(
            model_name="handle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("team", None)),
                    models.Q(("person", None), ("team__isnull", False)),
                    _connector="OR",
                ),
                name="handles_are_of_a_person_or_a_team",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handle",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_handleevent" ("created_at", "forge", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id") VALUES (NEW."created_at", NEW."forge", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."team_id"); RETURN NULL;',
                    hash="3fabe773d692e0c9156ce1a42451ba4c25ff2cbd",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b75d8",
                    table="compliance_handle",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handle",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_handleevent" ("created_at", "forge", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id") VALUES (OLD."created_at", OLD."forge", OLD."id", OLD."name", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."team_id"); RETURN NULL;',
                    hash="34101b42edf94331b16c6a085330963db0224f13",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_76044",
                    table="compliance_handle",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teamevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="09db7c54ee6b7938b51187c42e07c8ca22decb1d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_952bd",
                    table="compliance_teamevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="token",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_tokenevent" ("created_at", "expires_at", "hint", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "revoked_at", "revoked_by_id", "scope") VALUES (NEW."created_at", NEW."expires_at", NEW."hint", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."repository_id", NEW."revoked_at", NEW."revoked_by_id", NEW."scope"); RETURN NULL;',
                    hash="eb90643b974f4333f89e8d5de50886bf1cbd853e",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d3283",
                    table="compliance_token",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="token",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."hint" IS DISTINCT FROM (NEW."hint") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."repository_id" IS DISTINCT FROM (NEW."repository_id") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."revoked_by_id" IS DISTINCT FROM (NEW."revoked_by_id") OR OLD."scope" IS DISTINCT FROM (NEW."scope"))',
                    func='INSERT INTO "compliance_tokenevent" ("created_at", "expires_at", "hint", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "revoked_at", "revoked_by_id", "scope") VALUES (NEW."created_at", NEW."expires_at", NEW."hint", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."repository_id", NEW."revoked_at", NEW."revoked_by_id", NEW."scope"); RETURN NULL;',
                    hash="3acc994bd8bf93b4fcee2254e1868662f6323e98",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_11383",
                    table="compliance_token",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="token",
            trigger=pgtrigger.compiler.Trigger(
                name="used_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (date_trunc('hour', OLD.used_at) IS DISTINCT FROM date_trunc('hour', NEW.used_at))",
                    func='INSERT INTO "compliance_tokenevent" ("created_at", "expires_at", "hint", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "repository_id", "revoked_at", "revoked_by_id", "scope") VALUES (NEW."created_at", NEW."expires_at", NEW."hint", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'used\', NEW."id", NEW."repository_id", NEW."revoked_at", NEW."revoked_by_id", NEW."scope"); RETURN NULL;',
                    hash="64868fe2a408704f61de696fbbc81f62ae6b3210",
                    operation="UPDATE",
                    pgid="pgtrigger_used_update_51eeb",
                    table="compliance_token",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="testrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("run", ""), _negated=True),
                fields=("repository", "sha", "environment", "run", "digest"),
                name="one_row_per_report_of_a_run",
            ),
        ),
        migrations.AddIndex(
            model_name="measurement",
            index=models.Index(fields=["repository", "name", "-received_at"], name="measurements_by_name"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tokenevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="782317dcf0128e28eea692ca6c9a06d20634a6f1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_cfc78",
                    table="compliance_tokenevent",
                    when="BEFORE",
                ),
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
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["plan", "commit", "kind"], name="changes_of_a_commit"),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("regression", True)),
                fields=["plan", "commit"],
                name="regressions_by_commit",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="waivers_have_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("fingerprint", ""), ("glob", ""), _negated=True),
                name="waivers_name_a_place",
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
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(fields=["plan", "first"], name="violations_by_start"),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(fields=["plan", "last"], name="violations_by_end"),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(("thread__isnull", False)), fields=["thread"], name="violations_by_thread"
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                models.F("plan"),
                models.Case(
                    models.When(risk="critical", then=models.Value(0)),
                    models.When(risk="high", then=models.Value(1)),
                    models.When(risk="medium", then=models.Value(2)),
                    models.When(risk="low", then=models.Value(3)),
                    default=models.Value(4),
                    output_field=models.IntegerField(),
                ),
                models.F("path_key"),
                models.F("line"),
                models.F("id"),
                condition=models.Q(("last__isnull", True), ("suppressed", False)),
                name="open_violations_by_risk",
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(
                    ("last__isnull", True),
                    models.Q(("suppressed", True), ("waiver__isnull", False), _connector="OR"),
                ),
                fields=["plan", "suppressed"],
                name="accepted_violations",
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("last__isnull", True), ("suppressed", False)),
                fields=["phases", "issues"],
                name="open_violations_by_slice",
                opclasses=("jsonb_path_ops", "jsonb_path_ops"),
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("last__isnull", True)),
                fields=("plan", "file", "fingerprint"),
                name="one_current_violation_per_fingerprint",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first__isnull", True),
                    ("last__isnull", True),
                    ("first__lte", models.F("last")),
                    _connector="OR",
                ),
                name="violations_run_forward",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="violation",
            trigger=pgtrigger.compiler.Trigger(
                name="set_path_key",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."last" IS NULL)',
                    func="\n                    NEW.path_key := (\n                        SELECT left(path, 500) FROM compliance_file WHERE id = NEW.file_id\n                    );\n                    RETURN NEW;\n                ",
                    hash="129906a71b6cd0fa771640bf084a8e2deffd89e1",
                    operation='INSERT OR UPDATE OF "file_id", "last"',
                    pgid="pgtrigger_set_path_key_b2115",
                    table="compliance_violation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="checkfinding",
            index=models.Index(fields=["pull_request_check", "kind", "id"], name="findings_of_a_check"),
        ),
        migrations.AddIndex(
            model_name="checkfinding",
            index=models.Index(
                condition=models.Q(("in_other", True)), fields=["other"], name="findings_in_others"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waiverevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e5741fcbaca8efd04ec495c5a3b32fb4ac015108",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1d2ac",
                    table="compliance_waiverevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="walkpart",
            index=models.Index(fields=["plan", "id"], name="walk_parts_in_order"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membershipevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8f8a690695991a55bc6287502460cb5a7d4b9a28",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1940b",
                    table="compliance_membershipevent",
                    when="BEFORE",
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
        pgtrigger.migrations.AddTrigger(
            model_name="accountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0e1609c909b88ad85f7675d0e8cc2643adcd441e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_61693",
                    table="compliance_accountevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="teammemberevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="compliance.teammember",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teammember",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_teammemberevent" ("id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id") VALUES (NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."team_id"); RETURN NULL;',
                    hash="ea431eba810549fc74c535d8b16816312e6c2a8f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ad488",
                    table="compliance_team_members",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teammember",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_teammemberevent" ("id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id") VALUES (OLD."id", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."team_id"); RETURN NULL;',
                    hash="26f21106c2243d72cb601ea3508af8f400a3b1e1",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6c63c",
                    table="compliance_team_members",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teammemberevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e14ad8c07b4b9e15900f2088d9043c7942031d3d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0bd61",
                    table="compliance_teammemberevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
    operations = [CreateAtOnce(operations)]
