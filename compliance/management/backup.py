"""Backs up an installation to a folder: the database as a pg_dump file, and the secret key.

Mirrors and the engine's store are not included, because both are recreated from the repositories.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import CommandError
from django.db import OperationalError, connection
from psycopg.pq import Conninfo

from compliance.embedded.lock import Lock, RunningError
from compliance.embedded.paths import Account, PathsError, binaries, find_paths
from compliance.embedded.postgres import Postgres, PostgresError
from compliance.lib.data_folder import stored_key

DUMP = "database.dump"
KEY = "secret_key"
_HEAD_LINES = 40
_SETTING = re.compile(rb"SET (\w+) = .*;\s*")


def save(target: Path) -> None:
    """Write a backup into a new folder, either completely or not at all.

    Raises:
        CommandError: if the folder exists or cannot be created, or if the database cannot be read.
    """
    if target.exists():
        raise CommandError(
            f"{target} already exists. Give the path of a new folder; a backup is never overwritten."
        )
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(mode=0o700)
        with _served():
            _run(
                "pg_dump",
                "--lock-wait-timeout=60s",
                "--format=custom",
                "--no-owner",
                "--no-acl",
                f"--file={partial / DUMP}",
            )
        _keep_key(partial / KEY)
        partial.rename(target)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def load(source: Path) -> None:
    """Restore a backup into an empty installation, either completely or not at all.

    Raises:
        CommandError: if it is not a backup, the database is not empty, or the installation cannot be written.
    """
    dump = source / DUMP
    if not dump.is_file():
        raise CommandError(
            f"{source} is not a backup: it has no {DUMP}. Give a folder that `manage.py backup` wrote."
        )
    with _served():
        if connection.introspection.table_names():
            raise CommandError(
                "The database already has tables, and nothing is overwritten. Restore into an empty one: "
                "set another DATA_DIR, or a DATABASE_URL that names a new database."
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_settings")
            known = {name.encode() for (name,) in cursor.fetchall()}
        connection.close()
        _restore(dump, known)
    _take_key(source / KEY)


@contextmanager
def _served() -> Iterator[None]:
    """Make the database available: if an embedded server isn't running, start it, and stop it afterwards."""
    server = lock = None
    try:
        if settings.EMBEDDED_POSTGRES:
            try:
                lock = Lock(settings.DATA_DIR / "up.lock")
            except RunningError:
                pass  # `manage.py up` is running here and has started its server
            else:
                server = Postgres(find_paths(settings.DATA_DIR), settings.DATA_DIR / "postgres.log")
                server.start()
        connection.ensure_connection()
        yield
    except (OperationalError, PathsError, PostgresError) as error:
        raise CommandError(f"The database cannot be reached: {str(error).strip()}") from None
    finally:
        connection.close()
        if server is not None:
            server.stop()
        if lock is not None:
            lock.release()


def _run(program: str, *arguments: str) -> None:
    """Run a Postgres program on the database. Raises CommandError."""
    folder, environment = _programs()
    told = subprocess.run(
        [folder / program, *arguments], env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    if told.returncode:
        raise CommandError(f"{program} failed and nothing was saved:\n{told.stderr.strip()}")


def _restore(dump: Path, known: Collection[bytes]) -> None:
    """Restore a dump in one transaction, without the settings that the server, which may be older, lacks."""
    folder, environment = _programs()
    read = [str(folder / "pg_restore"), "--no-owner", "--no-acl", "--file=-", str(dump)]
    write = [str(folder / "psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(read, env=environment, stdout=subprocess.PIPE, stderr=complaints) as reader,
        subprocess.Popen(
            write, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints
        ) as writer,
    ):
        if reader.stdout is None or writer.stdin is None:
            raise CommandError("The programs of Postgres cannot be started.")
        with suppress(BrokenPipeError):
            pass_on(reader.stdout, writer.stdin, known)
            if reader.wait():
                writer.kill()  # before it commits half a dump
        with suppress(BrokenPipeError):
            writer.stdin.close()
        reader.stdout.close()
        if reader.wait() or writer.wait():
            complaints.seek(0)
            words = complaints.read().decode(errors="replace").strip()
            raise CommandError(f"The backup could not be restored and nothing was saved:\n{words}")


def pass_on(source: IO[bytes], target: IO[bytes], known: Collection[bytes]) -> None:
    """Copy a dump as SQL. Of the settings in its first lines, copy only those that the server knows."""
    for line in islice(source, _HEAD_LINES):
        setting = _SETTING.fullmatch(line)
        if setting is None or setting[1].lower() in known:
            target.write(line)
    shutil.copyfileobj(source, target)


def _programs() -> tuple[Path, dict[str, str]]:
    """Return the folder of Postgres programs, and an environment that names the database.

    The password is passed in the environment, hidden from `ps`.
    """
    variables = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = connection.get_connection_params()
    names = {key: variables[key] for key in given if variables.get(key)}
    environment = {name.decode(): str(given[key]) for key, name in names.items() if name}
    return binaries(Account(os.geteuid(), os.getegid())), {**os.environ, **environment}


def _keep_key(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(settings.SECRET_KEY)


def _take_key(path: Path) -> None:
    """Use the backup's key for this installation. A key from the environment must be identical."""
    key = path.read_text()
    if key == settings.SECRET_KEY:
        return
    kept = settings.DATA_DIR / KEY
    if settings.SECRET_KEY_IS_NEW:
        stored_key(kept, key)
        return
    if not kept.is_file() or kept.read_text() != settings.SECRET_KEY:
        raise CommandError(
            "The database has been restored, but SECRET_KEY differs from the key in the backup. Set it "
            "to the "
            f"content of {path}; otherwise, webhook secrets and public links can't be decrypted."
        )
    fresh = kept.with_name(f".{KEY}.restored")
    fresh.touch(mode=0o600)
    fresh.write_text(key)
    fresh.replace(kept)
