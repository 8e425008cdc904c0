"""Dates that every reader can hold: Postgres keeps years that Python cannot read, and one such row broke every list.

Commits with a date that cannot be right get the one by which charts go. What was written before is repaired:
times out of range, texts over their limit, and what accounts left open when they were closed.
"""

import datetime

import django.db.models.functions.comparison
from django.apps.registry import Apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TIMES = """
UPDATE compliance_issue SET tracker_updated_at = NULL
WHERE tracker_updated_at < '1970-01-01Z' OR tracker_updated_at >= '2200-01-01Z';
UPDATE compliance_pullrequest SET updated_at = least(greatest(updated_at, '1970-01-01Z'), now())
WHERE updated_at < '1970-01-01Z' OR updated_at >= '2200-01-01Z';
UPDATE compliance_commit SET
    authored_at = least(greatest(authored_at, '0001-01-03Z'), '9999-12-30Z'),
    committed_at = least(greatest(committed_at, '0001-01-03Z'), '9999-12-30Z')
WHERE least(authored_at, committed_at) < '0001-01-03Z' OR greatest(authored_at, committed_at) > '9999-12-30Z';
UPDATE compliance_commit SET subject = left(subject, 499) || '…' WHERE length(subject) > 500;
UPDATE compliance_commit SET author_name = left(author_name, 199) || '…' WHERE length(author_name) > 200;
UPDATE compliance_commit SET author_email = left(author_email, 319) || '…' WHERE length(author_email) > 320;
"""
_PLACES = """
UPDATE compliance_commit AS odd SET placed_at = coalesce(
    (SELECT authored_at WHERE authored_at BETWEEN '1971-01-01Z' AND now() + interval '366 days'),
    (SELECT committed_at FROM compliance_commit AS older
     WHERE older.repository_id = odd.repository_id AND older.position < odd.position
        AND older.committed_at BETWEEN '1971-01-01Z' AND now() + interval '366 days'
     ORDER BY older.position DESC LIMIT 1),
    (SELECT committed_at FROM compliance_commit AS younger
     WHERE younger.repository_id = odd.repository_id AND younger.position > odd.position
        AND younger.committed_at BETWEEN '1971-01-01Z' AND now() + interval '366 days'
     ORDER BY younger.position LIMIT 1),
    '1971-01-01Z')
WHERE committed_at NOT BETWEEN '1971-01-01Z' AND now() + interval '366 days';
UPDATE compliance_marker AS mark SET at = made.placed_at FROM compliance_commit AS made
WHERE made.id = mark.commit_id AND made.placed_at IS NOT NULL;
UPDATE compliance_marker SET at = least(greatest(at, '1970-01-01Z'), now())
WHERE at < '1970-01-01Z' OR at >= '2200-01-01Z';
UPDATE compliance_file SET changed_at = NULL
WHERE changed_at NOT BETWEEN '1971-01-01Z' AND now() + interval '366 days';
UPDATE compliance_phase SET closed_at = least(greatest(closed_at, '1971-01-01Z'), now())
WHERE closed_at NOT BETWEEN '1971-01-01Z' AND now() + interval '366 days';
"""


def end_access(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """End the tokens and sessions that outlived the closing of their account."""
    now = datetime.datetime.now(datetime.UTC)
    closed = set(apps.get_model("auth", "User").objects.filter(is_active=False).values_list("pk", flat=True))
    tokens = apps.get_model("compliance", "Token").objects
    tokens.filter(person__in=closed, revoked_at=None).update(revoked_at=now)
    names = {str(pk) for pk in closed}
    sessions = apps.get_model("sessions", "Session").objects
    ended = [
        session.pk
        for session in sessions.iterator(chunk_size=500)
        if names and SessionStore().decode(session.session_data).get(SESSION_KEY) in names
    ]
    sessions.filter(pk__in=ended).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0030_schedule_and_states_of_processes"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(end_access, migrations.RunPython.noop),
        migrations.RunSQL(_TIMES, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="commit",
            name="placed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(_PLACES, migrations.RunSQL.noop),
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
    ]
