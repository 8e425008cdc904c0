"""Backs up an installation to a folder: the database as a pg_dump file, the secret key, and a description.

Mirrors and the engine's store are not included, because both are recreated from the repositories.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from compliance.accounts.installation_key import fingerprint
from compliance.embedded.child_process import end, spawn
from compliance.embedded.piping import written
from compliance.lib.disk_sync import sync
from compliance.management.backup_files import DUMP, KEY, Description, digest_of
from compliance.management.database_programs import client_programs, served


def save(target: Path) -> int:
    """Write a backup into a new folder, either completely or not at all, and return its size in bytes.

    Raises:
        CommandError: if the folder exists or cannot be created, or if the database cannot be read.
    """
    if target.exists():
        raise CommandError(
            f"{target} already exists. Give the path of a new folder; a backup is never overwritten."
        )
    _remove_remains(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(mode=0o700)
        with served():
            server, programs = _dump(partial / DUMP)
        _keep_key(partial / KEY)
        size, digest = digest_of(partial / DUMP)
        described = Description(
            postgres=server,
            programs=programs,
            created_at=timezone.now().isoformat(timespec="seconds"),
            size=size,
            sha256=digest,
            key=fingerprint(settings.SECRET_KEY),
        )
        described.write(partial)
        for path in (*partial.iterdir(), partial):
            sync(path)
        partial.rename(target)
        sync(target.parent)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return size


def _remove_remains(target: Path) -> None:
    """Remove what backups to the same folder have left that were killed."""
    for path in target.parent.glob(f".{target.name}.*.partial"):
        writer = path.name.split(".")[-2]
        if writer.isdigit() and not Path(f"/proc/{writer}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _dump(path: Path) -> tuple[str, str]:
    """Write the database to a file, and return the versions of the server and of pg_dump."""
    programs, environment = client_programs()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (server,) = cursor.fetchone()
    path.touch(mode=0o600)
    command: list[str | Path] = [programs.bin / "pg_dump", "--lock-wait-timeout=60s", "--format=custom"]
    command += ["--no-owner", "--no-acl", f"--file={path}"]
    with tempfile.TemporaryFile() as complaints:
        child = spawn(
            command, subprocess.DEVNULL, errors=complaints, farewell=signal.SIGTERM, environment=environment
        )
        try:
            failed = child.wait()
        finally:
            end(child)
        if failed:
            raise CommandError(f"pg_dump failed and nothing was saved:\n{written(complaints)}")
    return str(server), programs.name


def _keep_key(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(settings.SECRET_KEY)
