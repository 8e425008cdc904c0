from urllib.parse import urlsplit, urlunsplit

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import compliance.models.secret


def split(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Passwords that stand in addresses move to the encrypted column."""
    for row in apps.get_model("compliance", "Repository").objects.filter(url__startswith="https://"):
        parts = urlsplit(row.url)
        row.access, _, host = parts.netloc.rpartition("@")
        row.url = urlunsplit(parts._replace(netloc=host))
        row.save(update_fields=("url", "access"))


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0022_snapshots_by_arrival"),
    ]

    operations = [
        migrations.AddField(
            model_name="repository",
            name="access",
            field=compliance.models.secret.SecretField(blank=True, default=""),
        ),
        migrations.RunPython(split, migrations.RunPython.noop),
    ]
