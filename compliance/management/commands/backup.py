"""Save an installation: `manage.py backup FOLDER`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.management.backup import save
from compliance.management.stop_signals import stoppable


class Command(BaseCommand):
    """Saves an installation, whether or not the product is running."""

    help = "Write the database and the secret key to a new folder that `restore` can read."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "folder", type=Path, help="folder to create; it will contain secrets, so protect it"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Write the backup to a new folder."""
        folder = options["folder"].absolute()
        with stoppable(f"Interrupted; {folder} was not written."):
            size = save(folder)
        self.stdout.write(
            f"Saved in {folder} ({size / 1e6:,.1f} MB). It contains the secret key, with which its webhook "
            "secrets and tokens can be read; store it where others cannot read it."
        )
