"""Marks the figures that include waived violations, until 0041 has converted the others. 0042 drops it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0039_waiver_states"),
    ]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="in_full",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
