"""A violation that counts again because a comment ran out is nobody's work; earlier rows cannot be told apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0042_figures_are_converted"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="ran_out",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="violation",
            name="ran_out",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
