"""The editor in which a person opens files."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0084_parts_of_paths"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EditorChoice",
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
                            ("vscode", "Visual Studio Code"),
                            ("jetbrains", "PyCharm or another JetBrains IDE"),
                            ("other", "another editor"),
                        ],
                        max_length=9,
                    ),
                ),
                ("folder", models.CharField(blank=True, default="", max_length=1000)),
                ("pattern", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="editor_choice",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
