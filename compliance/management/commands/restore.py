"""Restore a backup: `manage.py restore FOLDER`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.management.backup import load


class Command(BaseCommand):
    """Needs an empty database."""

    help = "Read what `manage.py backup` wrote into an empty installation; `make up` then goes on from there."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("folder", type=Path, help="folder that `manage.py backup` wrote")

    def handle(self, *_: Any, **options: Any) -> None:
        """Restore the backup."""
        load(options["folder"].absolute())
        self.stdout.write("Restored. Start it as before: it fetches the repositories and goes on.")
