"""The commit at which a baseline's version was activated, and the baseline that a force push removed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A force push since then may have lowered the position. The rule is then the same as before the upgrade.
_ACTIVATED = """
UPDATE compliance_baseline AS b SET activated_id = c.id
FROM compliance_planversion AS p, compliance_commit AS c
WHERE p.id = b.plan_id AND c.repository_id = p.repository_id AND c.position = b.tip
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0087_tips_without_a_plan"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="baseline",
            name="activated",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="compliance.commit",
            ),
        ),
        migrations.AddField(
            model_name="baseline",
            name="removed",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="compliance.commit",
            ),
        ),
        migrations.AddField(
            model_name="baseline",
            name="removed_person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(_ACTIVATED, migrations.RunSQL.noop),
    ]
