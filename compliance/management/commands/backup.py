"""Save an installation: `manage.py backup FOLDER`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.management.backup import save


class Command(BaseCommand):
    """Saves an installation, whether or not the product is running."""

    help = "Write the database and the secret key to a new folder that `manage.py restore` can read."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "folder", type=Path, help="folder to create; it will contain secrets, so protect it"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Write the backup to a new folder."""
        save(options["folder"].absolute())
        self.stdout.write(
            f"Saved in {options['folder']}. It contains secrets; store it where others cannot read it."
        )
