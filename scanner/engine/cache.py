"""A cache of file reports in one SQLite file that any number of processes can share."""

import os
import sqlite3
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from scanner.model import RepoPath

Key = tuple[RepoPath, str]

_APPLICATION = 0x53534F32  # "SSO2": identifies our files, in this format, among SQLite files
_SCHEMA = """
CREATE TABLE plans (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, used_at REAL NOT NULL);
CREATE TABLE reports (
    plan INTEGER NOT NULL, file BLOB NOT NULL, report BLOB NOT NULL, stored_on INTEGER NOT NULL,
    PRIMARY KEY (plan, file)
) WITHOUT ROWID;
CREATE INDEX reports_by_age ON reports (stored_on) WHERE report <> x'';
"""
_KEYS_PER_QUERY = 500
_BOUND = 512 * 1024 * 1024
_UNUSED = 86400.0
"""Seconds after which a plan counts as unused."""


def default_store_path() -> Path:
    """Return the path of the current user's store, in the cache folder of the XDG Base Directory spec."""
    cache_home = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(cache_home) if cache_home.startswith("/") else Path.home() / ".cache"
    return folder / "ssot-compliance" / "reports.sqlite3"


@cache
def engine_version() -> str:
    """Return a digest of this package's code and the parsers; reports depend on them and on the plan."""
    parsers = ("tree-sitter", "tree-sitter-python", "ast_serialize", "ast-grep-py")
    digest = blake2b("".join(map(version, parsers)).encode(), digest_size=8)
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


class Store(Protocol):
    """Where a walker looks for packed reports before it reads files, and where it puts those it has read."""

    def get_many(self, digest: str, keys: Sequence[Key]) -> dict[Key, bytes]:
        """Return the stored reports on these files under the plan with this digest."""

    def put_many(self, digest: str, reports: Mapping[Key, bytes]) -> None:
        """Store packed reports."""

    def close(self) -> None:
        """Release what the store uses."""


class ReportStore:
    """Stores packed reports by path, blob and plan.

    It is only an optimisation: no failure of the store stops a scan. A file that is corrupt or is not a
    report store is replaced. If the file cannot be written, an in-memory store is used. When the store
    exceeds `bound` bytes, plans that are no longer used are deleted, then the reports stored first.
    """

    def __init__(self, path: str | Path | None = None, bound: int = _BOUND) -> None:
        self._path = Path(path) if path is not None else default_store_path()
        self._bound = bound
        self._plans: dict[str, int] = {}
        self._empty: set[int] = set()  # plans that were added here and have no reports yet
        self._connection = self._open()

    def get_many(self, digest: str, keys: Sequence[Key]) -> dict[Key, bytes]:
        """Return the stored reports on these files under the plan with this digest."""
        found: dict[Key, bytes] = {}
        try:
            plan = self._plan(digest)
            if plan in self._empty:
                return {}
            irrelevant = self._select(plan, {_path_independent(key) for key in keys})
            found = {key: b"" for key in keys if _path_independent(key) in irrelevant}
            relevant = {_file(key): key for key in keys if key not in found}
            packed = self._select(plan, relevant)
            found |= {relevant[file]: zlib.decompress(report) for file, report in packed.items()}
        except (sqlite3.DatabaseError, zlib.error) as error:
            self._recover(error)
        return found

    def missing(self, digest: str, keys: Sequence[Key]) -> list[Key]:
        """Return those of the files on which no report is stored under the plan with this digest."""
        try:
            plan = self._plan(digest)
            if plan in self._empty:
                return list(keys)
            files = {*map(_file, keys), *map(_path_independent, keys)}
            known = self._select(plan, files, "file, NULL")
        except sqlite3.DatabaseError as error:
            self._recover(error)
            return list(keys)
        return [key for key in keys if _file(key) not in known and _path_independent(key) not in known]

    def _select(
        self, plan: int, files: Collection[bytes], columns: str = "file, report"
    ) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        wanted = list(files)
        for start in range(0, len(wanted), _KEYS_PER_QUERY):
            chunk = wanted[start : start + _KEYS_PER_QUERY]
            placeholders = ",".join("?" * len(chunk))
            query = f"SELECT {columns} FROM reports WHERE plan = ? AND file IN ({placeholders})"  # noqa: S608
            found.update(self._connection.execute(query, (plan, *chunk)))
        return found

    def put_many(self, digest: str, reports: Mapping[Key, bytes]) -> None:
        """Store packed reports; a report that another process has already stored is left unchanged."""
        rows = (
            (_file(key), zlib.compress(report, 1)) if report else (_path_independent(key), b"")
            for key, report in reports.items()
        )
        try:
            plan = self._plan(digest)
            self._empty.discard(plan)
            with self._connection:
                self._connection.executemany(
                    "INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?)",
                    ((plan, *row, int(time.time() // 86400)) for row in rows),
                )
        except sqlite3.DatabaseError as error:
            self._recover(error)

    def close(self) -> None:
        """Prune the store to its size limit and close the file."""
        with suppress(sqlite3.DatabaseError):
            self._prune()
        self._connection.close()

    def _plan(self, digest: str) -> int:
        """Return the row id of a plan for this engine version, and mark it as used now."""
        key = f"{digest}:{engine_version()}"
        if key not in self._plans:
            is_known = self._id_of(key) is not None
            with self._connection:
                self._connection.execute(
                    "INSERT INTO plans (key, used_at) VALUES (?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at",
                    (key, time.time()),
                )
            self._plans[key] = self._id_of(key)[0]
            if not is_known:
                self._empty.add(self._plans[key])
        return self._plans[key]

    def _id_of(self, key: str) -> Any:
        return self._connection.execute("SELECT id FROM plans WHERE key = ?", (key,)).fetchone()

    def _open(self) -> sqlite3.Connection:
        for _ in range(2):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                return self._connect(str(self._path))
            except sqlite3.OperationalError:
                break  # locked for too long, or not writable: use an in-memory store
            except sqlite3.DatabaseError:
                self._remove()
            except OSError:
                break
        return self._connect(":memory:")

    def _connect(self, path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=20, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
                    for statement in _SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        except sqlite3.OperationalError as error:
            connection.close()
            if "already exists" in str(error):
                raise sqlite3.DatabaseError(str(error)) from error
            raise
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _recover(self, error: Exception) -> None:
        """Recover from an SQLite error: leave a busy file alone, and replace a corrupt one."""
        self._plans.clear()
        self._empty.clear()
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            return
        self._connection.close()
        with suppress(OSError):
            self._remove()
        self._connection = self._open()

    def _prune(self) -> None:
        if self._bytes() <= self._bound:
            return
        goal = self._bound * 4 // 5
        while self._bytes() > goal:
            with self._connection:
                if not (self._delete_unused_plan() or self._delete_oldest()):
                    break

    def _delete_unused_plan(self) -> bool:
        """Delete the reports under the plan that was used least recently, if that is long ago."""
        find = "SELECT id FROM plans WHERE used_at < ? ORDER BY used_at LIMIT 1"
        oldest = self._connection.execute(find, (time.time() - _UNUSED,)).fetchone()
        if oldest is None:
            return False
        self._connection.execute("DELETE FROM reports WHERE plan = ?", oldest)
        self._connection.execute("DELETE FROM plans WHERE id = ?", oldest)
        return True

    def _delete_oldest(self) -> bool:
        """Delete the tenth of the reports that was stored first. The day of empty ones, which hardly take
        space, isn't indexed.
        """
        (count,) = self._connection.execute("SELECT count(*) FROM reports WHERE report <> x''").fetchone()
        if not count:
            return self._connection.execute("DELETE FROM reports").rowcount > 0
        self._connection.execute(
            "DELETE FROM reports WHERE (plan, file) IN "
            "(SELECT plan, file FROM reports WHERE report <> x'' ORDER BY stored_on LIMIT ?)",
            (count // 10 + 1,),
        )
        return True

    def _bytes(self) -> int:
        """Return the number of bytes in use.

        SQLite reuses the space of deleted rows before the file grows.
        """
        with closing(self._connection.cursor()) as cursor:
            pages, free, size = (
                cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        return int((pages - free) * size)


def _file(key: Key) -> bytes:
    path, blob = key
    return blake2b(f"{path}\0{blob}".encode(), digest_size=16).digest()


def _path_independent(key: Key) -> bytes:
    """Return the key for a text that is irrelevant to the plan; it is valid for every path."""
    return bytes.fromhex(key[1])
