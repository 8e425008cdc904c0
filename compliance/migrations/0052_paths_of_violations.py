"""The beginning of a violation's path beside it, by which an index can sort the current ones.

A trigger sets it from now on. Without it, each page of the list would sort all violations of the repository.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

_FILL = """
UPDATE compliance_violation AS violation SET path_key = left(file.path, 500)
FROM compliance_file AS file WHERE file.id = violation.file_id AND violation.last IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0051_queues_of_jobs")]

    operations = [
        migrations.AddField("violation", "path_key", models.TextField(blank=True, db_default="", default="")),
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
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
