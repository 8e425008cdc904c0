"""List and remove the databases under /var/lib that starts by root created: `manage.py data_folders`."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from compliance.embedded.data_folders import (
    DataFolder,
    InUseError,
    ProgramCopy,
    data_folders,
    program_copies,
    remove_remains,
)
from compliance.embedded.paths import SYSTEM_FOLDER

UNUSED_COPY = timedelta(days=1)
"""Time after which a copy of Postgres's programs from which no server was started is deleted."""


class Command(BaseCommand):
    """Lists and removes databases, which aren't removed together with their checkouts."""

    help = (
        "List the data folders under /var/lib/ssot-compliance; --remove deletes those of removed checkouts."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("--remove", nargs="+", default=[], metavar="FOLDER", help="folders to delete")
        parser.add_argument("--remove-unused", action="store_true", help="delete all whose checkout is gone")
        parser.add_argument(
            "--force", action="store_true", help="also delete a named folder whose checkout is not recorded"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """List or delete folders. Raises CommandError if a folder is in use or is not a data folder."""
        found = data_folders(SYSTEM_FOLDER)
        if options["remove"] or options["remove_unused"]:
            try:
                self._remove(found, options)
            except OSError as error:
                raise CommandError(
                    f"{error.filename} cannot be removed: {error.strerror}. Run this command as root."
                ) from None
            return
        for folder in found:
            self._describe(folder, folder.state())
        for copy in program_copies(SYSTEM_FOLDER):
            used = "a server is running from it" if copy.is_running else "copied again if a start needs it"
            self._describe(copy, f"programs of Postgres; {used}")
        if not found:
            self.stdout.write(f"There are no data folders under {SYSTEM_FOLDER}.")

    def _describe(self, folder: DataFolder | ProgramCopy, state: str) -> None:
        size, day = folder.size() / 1_000_000, folder.changed_at()
        self.stdout.write(f"{folder.path}  {size:.0f} MB, last used {day:%Y-%m-%d}, {state}")

    def _remove(self, found: list[DataFolder], options: dict[str, Any]) -> None:
        by_path = {folder.path: folder for folder in found}
        named = [Path(name).resolve() for name in options["remove"]]
        if unknown := [path for path in named if path not in by_path]:
            raise CommandError(f"{unknown[0]} is none of the data folders under {SYSTEM_FOLDER}.")
        if options["remove_unused"]:
            remove_remains(SYSTEM_FOLDER)
            named += [folder.path for folder in found if _is_unused(folder)]
        for path in dict.fromkeys(named):
            try:
                by_path[path].remove(force=options["force"])
            except InUseError as error:
                hint = "" if options["force"] or by_path[path].link else " Use --force to delete it anyway."
                raise CommandError(f"{error}{hint}") from None
            self.stdout.write(f"Removed {path}.")
        if options["remove_unused"]:
            self._remove_copies()

    def _remove_copies(self) -> None:
        for copy in program_copies(SYSTEM_FOLDER):
            if not copy.is_running and timezone.now() - copy.changed_at() > UNUSED_COPY:
                copy.remove()
                self.stdout.write(f"Removed {copy.path}.")


def _is_unused(folder: DataFolder) -> bool:
    return folder.link is not None and not folder.is_linked and not folder.is_running
