"""All figures include waived violations now, so none is marked any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0041_figures_include_what_is_waived"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="snapshot",
            name="in_full",
        ),
    ]
