"""Restores a backup into an empty installation, either completely or not at all.

The whole dump is one transaction, which is committed only after pg_restore has read the dump to its end.
Therefore, nothing is left of a restore that fails or is killed.
"""

import re
import shutil
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import CommandError
from django.db import connection

from compliance.accounts.installation_key import fingerprint
from compliance.embedded.piping import Child, pipe
from compliance.lib.data_folder import stored_key
from compliance.lib.database_encoding import require_utf8
from compliance.lib.product_files import command
from compliance.management.backup_files import DUMP, KEY, Description, read_description, require_intact
from compliance.management.database_programs import client_programs, served, server_major

_HEAD_LINES = 40
_SETTING = re.compile(rb"SET (\w+) = .*;\s*")
_TABLES = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema')
AND nspname !~ '^pg_(toast|temp)'
"""

Held = Callable[[], AbstractContextManager[None]]


def load(source: Path, held: Held = nullcontext) -> None:
    """Restore a backup into an empty installation, either completely or not at all.

    Args:
        held: defers signals while the restored data are committed.

    Raises:
        CommandError: if it is not a backup or is damaged, if its secrets could not be read afterwards, or if
            the database is not empty or cannot store it. Nothing has been written then.
    """
    dump = source / DUMP
    if not dump.is_file():
        raise CommandError(
            f"{source} is not a backup: it has no {DUMP}. Give a folder that `{command('backup')}` wrote."
        )
    described = read_description(source)
    if described is not None:
        require_intact(source, described)
    key = _key_to_take(source / KEY, described)
    with served():
        _require_empty()
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_settings")
            known = {name.encode() for (name,) in cursor.fetchall()}
        restoring = _Restoring(dump, known, described)
        connection.close()
        restoring.run(lambda: _take_key(key), held)


def _require_empty() -> None:
    require_utf8(connection)
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        (tables,) = cursor.fetchone()
    if tables:
        raise CommandError(
            "The database already has tables, and nothing is overwritten. Restore into an empty one: "
            "set another DATA_DIR, or a DATABASE_URL that names a new database."
        )


class _Restoring:
    """Passes a dump through pg_restore to psql."""

    def __init__(self, dump: Path, known: Collection[bytes], described: Description | None) -> None:
        """Find the programs.

        Args:
            known: the settings that the server, which may be older than the dump, has.
        """
        programs, self._environment = client_programs()
        self._read: list[str | Path] = [
            programs.bin / "pg_restore",
            "--no-owner",
            "--no-acl",
            "--file=-",
            dump,
        ]
        self._write: list[str | Path] = [
            programs.bin / "psql",
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
        ]
        self._known = known
        self._hint = _hint(described, server_major())

    def run(self, before_commit: Callable[[], None], held: Held) -> None:
        """Restore everything. `before_commit` is called once all of the dump has been read."""

        def pass_all_on(reader: Child, source: IO[bytes], writer: Child, target: IO[bytes]) -> bool:
            target.write(b"BEGIN;\n")
            pass_on(source, target, self._known)
            target.flush()
            if reader.wait():  # the transaction is not committed
                writer.kill()
                return True
            with held():
                before_commit()
                target.write(b"COMMIT;\n")
                target.close()
                return writer.wait() != 0

        words = pipe(self._read, self._write, self._environment, pass_all_on)
        if words is not None:
            raise CommandError(
                f"The backup could not be restored and nothing was saved:\n{words}{self._hint}"
            )


def pass_on(source: IO[bytes], target: IO[bytes], known: Collection[bytes]) -> None:
    """Copy a dump as SQL. Of the settings in its first lines, copy only those that the server knows."""
    for line in islice(source, _HEAD_LINES):
        setting = _SETTING.fullmatch(line)
        if setting is None or setting[1].lower() in known:
            target.write(line)
    shutil.copyfileobj(source, target)


def _hint(described: Description | None, server: int) -> str:
    if described is None or described.major <= server:
        return ""
    return (
        f"\nThe backup was made on Postgres {described.major}, and this server is Postgres {server}. "
        f"Restore it on Postgres {described.major} or newer."
    )


def _key_to_take(path: Path, described: Description | None) -> str | None:
    """Return the key that this installation must store to read the backup's secrets, or None if it has it.

    Raises:
        CommandError: if the key is missing, or if the environment sets another one.
    """
    ours = () if settings.SECRET_KEY_IS_NEW else (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    try:
        key = path.read_text()
    except FileNotFoundError:
        if described is not None and described.key in {fingerprint(one) for one in ours}:
            return None
        raise CommandError(
            f"{path} is missing. It is the secret key, without which the webhook secrets, tokens and public "
            "links of the backup can't be read. Put it back, or set SECRET_KEY to that key. Nothing was "
            "restored."
        ) from None
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}. Nothing was restored.") from None
    if described is not None and fingerprint(key) != described.key:
        raise CommandError(f"{path} is not the secret key of this backup. Nothing was restored.")
    if key in ours:
        return None
    kept = settings.DATA_DIR / KEY
    if settings.SECRET_KEY_IS_NEW or (kept.is_file() and kept.read_text() == settings.SECRET_KEY):
        return key
    raise CommandError(
        f"SECRET_KEY differs from the key of the backup, so its webhook secrets, tokens and public links "
        f"couldn't be read. Set it to the content of {path}, or remove it. Nothing was restored."
    )


def _take_key(key: str | None) -> None:
    """Store the backup's key as the one of this installation."""
    kept = settings.DATA_DIR / KEY
    if key is None:
        return
    if settings.SECRET_KEY_IS_NEW:
        stored_key(kept, key)
        return
    fresh = kept.with_name(f".{KEY}.restored")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(key)
    fresh.replace(kept)
