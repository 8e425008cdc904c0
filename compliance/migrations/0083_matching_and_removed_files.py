from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0082_history_depth_and_access")]

    operations = [
        migrations.AddField(
            model_name="enginerelease",
            name="matching",
            field=models.PositiveSmallIntegerField(default=1, db_default=1),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="fixed_gone",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="change",
            name="file_gone",
            field=models.BooleanField(default=False, db_default=False),
        ),
    ]
