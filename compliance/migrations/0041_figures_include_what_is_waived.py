"""Waivers changed recorded figures: the counts of snapshots and files left out what was waived.

What was subtracted is added back from `waived`, which says since then how much of the counts is waived. It is
done in batches, each in a transaction of its own, so no table is locked for long; one that is interrupted
continues where it stopped. Files that nobody has claimed are no longer “in progress”.
"""

from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 500
PLACES = ("violations", "files")
FILES = """
UPDATE compliance_file AS file SET
    violations = coalesce((
        SELECT said.violations FROM compliance_filestate AS said
        WHERE said.file_id = file.id AND said.plan_id = repository.plan_id AND said.last IS NULL
    ), 0),
    worst_risk = coalesce((
        SELECT risk FROM compliance_violation AS violation
        WHERE violation.file_id = file.id AND violation.plan_id = repository.plan_id
            AND violation.last IS NULL AND NOT violation.suppressed
        ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], risk::text) LIMIT 1
    ), ''),
    status = CASE
        WHEN file.status = 'in progress' AND NOT EXISTS (
            SELECT FROM compliance_claim AS claim WHERE claim.file_id = file.id AND claim.state = 'active'
        ) THEN 'open'
        ELSE file.status
    END
FROM compliance_repository AS repository
WHERE repository.id = file.repository_id AND file.id > %(after)s AND file.id <= %(last)s
    AND (file.waived > 0 OR file.status = 'in progress')
"""


def add_back(snapshot: Any) -> None:
    """Add to the figures what a former release subtracted. The amount for `clean` is negative."""
    for name, number in snapshot.waived.items():
        total, _, place = name.partition(":")
        if not place:
            setattr(snapshot, total, getattr(snapshot, total) + number)
            continue
        key, _, column = place.rpartition(":")
        snapshot.by[total].setdefault(key, [0, 0])[PLACES.index(column)] += number
    snapshot.in_full = True


def convert_figures(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model: Any = apps.get_model("compliance", "Snapshot")
    after = 0
    while True:
        with transaction.atomic(schema_editor.connection.alias):
            rows = model.objects.filter(pk__gt=after, in_full=False).exclude(waived={})
            found = list(rows.order_by("pk").select_for_update()[:BATCH])
            for snapshot in found:
                add_back(snapshot)
            columns = ("violations", "files_with_violations", "clean", "by", "in_full")
            model.objects.bulk_update(found, columns)
        if not found:
            return
        after = found[-1].pk


def convert_files(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model: Any = apps.get_model("compliance", "File")
    after = 0
    while True:
        some = model.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
        ids = list(some[: 10 * BATCH])
        if not ids:
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FILES, {"after": after, "last": ids[-1]})
        after = ids[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("compliance", "0040_figures_to_convert"),
    ]

    operations = [
        migrations.RunPython(convert_figures, migrations.RunPython.noop),
        migrations.RunPython(convert_files, migrations.RunPython.noop),
    ]
