"""Move the embedded Postgres's data to a newer version, or back: `manage.py upgrade_database`."""

import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from compliance.embedded.cluster import PostgresError, kept_clusters, undo_exchange, written_by
from compliance.embedded.data_folders import size_of
from compliance.embedded.lock import Lock, RunningError
from compliance.embedded.paths import PathsError, PostgresPaths, account_for, find_paths
from compliance.embedded.programs import Programs, find_programs, newest_programs
from compliance.embedded.server_processes import processes
from compliance.embedded.upgrade import roll_back, upgrade
from compliance.lib.product_files import command, start_command
from compliance.management.database_programs import log_folder
from compliance.management.stop_signals import StopSignals, stoppable


class Command(BaseCommand):
    """Copies the data into a new cluster of another version, compares all rows, and keeps the old one."""

    help = "Move the data of the embedded Postgres to its newest version; the earlier data are kept."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("--to", type=int, metavar="VERSION", help="major version; the newest found here")
        parser.add_argument("--list", action="store_true", help="show versions and kept data, change nothing")
        parser.add_argument("--roll-back", action="store_true", help="return to the data that were kept last")
        parser.add_argument("--remove-kept", action="store_true", help="delete the data that were kept")

    def handle(self, *_: Any, **options: Any) -> None:
        """Upgrade. Raises CommandError, whose message says what failed and how to fix it."""
        if not settings.EMBEDDED_POSTGRES:
            raise CommandError(
                "DATABASE_URL is set, so the embedded Postgres is not used. Upgrade that server with its own "
                f"tools, or move the data to another one with `{command('backup')}` and "
                f"`{command('restore')}`."
            )
        try:
            paths = find_paths(settings.DATA_DIR)
            if options["list"]:
                self._list(paths)
                return
            with _alone() as signals:
                undo_exchange(paths)
                if options["roll_back"]:
                    self._roll_back(paths, signals)
                elif options["remove_kept"]:
                    self._remove_kept(paths)
                else:
                    self._upgrade(paths, options["to"], signals)
        except (PathsError, PostgresError) as error:
            raise CommandError(str(error)) from None

    def _list(self, paths: PostgresPaths) -> None:
        if paths.data.exists():
            version = written_by(paths.data, account_for(paths))
            self.stdout.write(f"Used: {paths.data}, Postgres {version}, {_megabytes(paths.data)}")
        for path in kept_clusters(paths.home):
            self.stdout.write(f"Kept: {path}, {_megabytes(path)}")
        for programs in find_programs():
            self.stdout.write(f"Found: {programs}")

    def _upgrade(self, paths: PostgresPaths, major: int | None, signals: StopSignals) -> None:
        target = _target(major)
        if not paths.data.exists():
            raise CommandError(
                f"There are no data in {paths.data}. `{start_command()}` creates them with {target}."
            )
        version = written_by(paths.data, account_for(paths))
        if version == target.major:
            self.stdout.write(f"The data are those of Postgres {version} already; nothing was changed.")
            return
        if version > target.major:
            raise CommandError(
                f"The data are those of Postgres {version}, which Postgres {target.major} cannot replace. "
                "To return to the data before an upgrade, use --roll-back; to use an older version, restore "
                f"a backup (`{command('restore')}`) with another DATA_DIR."
            )
        done = upgrade(paths, target, log_folder() / "postgres.log", self.stdout.write, signals.held)
        self.stdout.write(
            f"The data are now those of {target}: {len(done.contents.rows)} tables and sequences with "
            f"{done.contents.number_of_rows:,} rows are equal to those of Postgres {version}. "
            f"It took {done.seconds:.0f} s."
        )
        for name, value in done.settings:
            self.stdout.write(f"The setting {name} = {value} was changed by hand and not taken over.")
        self.stdout.write(
            f"The earlier data are kept in {done.kept} ({_megabytes(done.kept)}). To return to them, use "
            "--roll-back; to delete them, use --remove-kept."
        )

    def _roll_back(self, paths: PostgresPaths, signals: StopSignals) -> None:
        with signals.held():
            version, aside = roll_back(paths, log_folder() / "postgres.log")
        self.stdout.write(
            f"The data are those of Postgres {version} again, as they were when they were put aside. What "
            f"was recorded since then is kept in {aside}, and --roll-back returns to it."
        )

    def _remove_kept(self, paths: PostgresPaths) -> None:
        kept = kept_clusters(paths.home)
        for path in kept:
            if processes(path):
                raise CommandError(f"{path} was not removed: a server is running in it.")
            size = _megabytes(path)
            try:
                shutil.rmtree(path)
            except OSError as error:
                raise CommandError(f"{path} cannot be removed: {error.strerror}.") from None
            self.stdout.write(f"Removed {path} ({size}).")
        if not kept:
            self.stdout.write(f"No earlier data are kept in {paths.home}.")


def _target(major: int | None) -> Programs:
    if major is None:
        return newest_programs()
    for programs in find_programs():
        if programs.major == major:
            return programs
    found = ", ".join(map(str, find_programs()))
    raise CommandError(f"The programs of Postgres {major} were not found; found: {found}.")


def _megabytes(path: Path) -> str:
    return f"{size_of(path) / 1e6:,.0f} MB"


@contextmanager
def _alone() -> Iterator[StopSignals]:
    """Hold the installation's lock, and end orderly when a signal asks for it."""
    try:
        lock = Lock(settings.DATA_DIR / "up.lock")
    except RunningError as error:
        raise CommandError(f"{error} Stop it first.") from None
    lock.note("upgrading the database")
    try:
        with stoppable("Interrupted; the data are unchanged.") as signals:
            yield signals
    finally:
        lock.release()
