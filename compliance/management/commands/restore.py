"""Restore a backup: `manage.py restore FOLDER`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance.management.restore import load
from compliance.management.stop_signals import stoppable


class Command(BaseCommand):
    """Restores a backup into an empty database."""

    help = "Restore a backup folder into an empty installation; then start it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("folder", type=Path, help="folder that `backup` wrote")

    def handle(self, *_: Any, **options: Any) -> None:
        """Restore the backup."""
        with stoppable("Interrupted; nothing was restored.") as signals:
            load(options["folder"].absolute(), signals.held)
        self.stdout.write(
            "The backup was restored. Start the product. It fetches the repositories again and continues."
        )
