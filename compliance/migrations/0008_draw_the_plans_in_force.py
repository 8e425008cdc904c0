"""Repositories from before: the plan in force is drawn; where a person gave it, the newest one was chosen."""

from django.db import migrations

DRAW = "UPDATE compliance_repository SET line_plan_id = plan_id"
CHOOSE = """
UPDATE compliance_repository AS repository SET chosen_plan_id = (
    SELECT plan.id FROM compliance_planversion AS plan
    WHERE plan.repository_id = repository.id ORDER BY plan.number DESC LIMIT 1)
WHERE plan_path = ''
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0007_plan_in_force_and_line_drawn")]

    operations = [
        migrations.RunSQL(DRAW, migrations.RunSQL.noop),
        migrations.RunSQL(CHOOSE, migrations.RunSQL.noop),
    ]
