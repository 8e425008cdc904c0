"""The installation's database for commands that run Postgres's programs on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from django.db import OperationalError, connection
from psycopg.pq import Conninfo

from compliance.embedded.cluster import PostgresError
from compliance.embedded.lock import Lock, RunningError
from compliance.embedded.paths import PathsError, find_paths
from compliance.embedded.postgres import Postgres
from compliance.embedded.programs import Programs, newest_programs


@contextmanager
def served() -> Iterator[None]:
    """Make the database available: if an embedded server isn't running, start it, and stop it afterwards.

    Raises:
        CommandError: if the database can't be reached.
    """
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


def client_programs() -> tuple[Programs, dict[str, str]]:
    """Return the newest programs of Postgres, and an environment that names the database for them.

    The password is passed in the environment, hidden from `ps`. The encoding is always UTF-8, because another
    one in the environment could not represent every text.

    Raises:
        CommandError: if there are none, or if the server is newer than they are.
    """
    try:
        programs = newest_programs()
    except PathsError as error:
        raise CommandError(str(error)) from None
    server = server_major()
    if server > programs.major:
        raise CommandError(
            f"The server is Postgres {server}, and the newest programs found here are those of {programs}, "
            f"which can't read it. Install the programs of Postgres {server} on this machine."
        )
    variables = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = connection.get_connection_params()
    names = {key: variables[key] for key in given if variables.get(key)}
    environment = {name.decode(): str(given[key]) for key, name in names.items() if name}
    return programs, {**os.environ, **environment, "PGCLIENTENCODING": "UTF8"}


def server_major() -> int:
    """Return the major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (major,) = cursor.fetchone()
    return int(major)


def log_folder() -> Path:
    """Return the folder of logs in the data folder, creating it if it doesn't exist."""
    folder: Path = settings.DATA_DIR / "log"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
