"""The reports that machines share in Postgres, keyed by path, blob, rules and release of the scanner."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from uuid import UUID

from django.db import connection

from compliance.lib.batches import batches, index_plans
from scanner import ReportKey, ReportStore, engine_version

_FIND = "SELECT key, {} FROM compliance_sharedreport WHERE key = ANY(%(keys)s)"

_PUBLISH = """
INSERT INTO compliance_sharedreport (key, body)
SELECT * FROM unnest(%(keys)s::uuid[], %(bodies)s::bytea[]) ON CONFLICT DO NOTHING
"""


class SharedReports:
    """This machine's store of reports and, once `asks` is set, the reports of other machines.

    The latter are copied to this machine's store, so that a later evaluation under the same rules finds them.
    """

    def __init__(self, store: ReportStore, digest: str) -> None:
        self._store, self._digest = store, digest
        self.asks = False

    def get_many(self, digest: str, keys: Sequence[ReportKey]) -> dict[ReportKey, bytes]:
        """Return the reports on these files that are stored here or, if `asks` is set, in Postgres."""
        found = self._store.get_many(digest, keys)
        if self.asks and digest == self._digest and len(found) < len(keys):
            shared = fetch(digest, [key for key in keys if key not in found])
            self._store.put_many(digest, shared)
            found |= shared
        return found

    def put_many(self, digest: str, reports: Mapping[ReportKey, bytes]) -> None:
        """Store reports on this machine."""
        self._store.put_many(digest, reports)

    def missing(self, keys: Sequence[ReportKey]) -> list[ReportKey]:
        """Return those of the files on which this machine has no report."""
        return self._store.missing(self._digest, keys)

    def close(self) -> None:
        """Close this machine's store."""
        self._store.close()


def fetch(digest: str, keys: Iterable[ReportKey]) -> dict[ReportKey, bytes]:
    """Return the shared reports on these files under the rules with this digest, packed."""
    found: dict[ReportKey, bytes] = {}
    for wanted in batches(_identified(digest, keys).items()):
        names = dict(wanted)
        for name, body in _select("body", names):
            packed = bytes(body)
            found[names[name]] = zlib.decompress(packed) if packed else packed
    return found


def lacking(digest: str, keys: Iterable[ReportKey]) -> list[ReportKey]:
    """Return those of the files on which no report is shared under the rules with this digest."""
    left: list[ReportKey] = []
    for wanted in batches(_identified(digest, keys).items()):
        known = {name for name, _ in _select("NULL", dict(wanted))}
        left += [key for name, key in wanted if name not in known]
    return left


def publish(digest: str, reports: Mapping[ReportKey, bytes]) -> None:
    """Share packed reports. One that is already shared is left unchanged."""
    # All processes insert in the same order, so that no two wait for each other.
    for rows in batches(sorted(_identified(digest, reports).items())):
        bodies = [zlib.compress(reports[key], 1) if reports[key] else b"" for _, key in rows]
        with connection.cursor() as cursor:
            cursor.execute(_PUBLISH, {"keys": [name for name, _ in rows], "bodies": bodies})


def _select(column: str, names: Mapping[UUID, ReportKey]) -> list[tuple[UUID, bytes]]:
    with index_plans(), connection.cursor() as cursor:
        cursor.execute(_FIND.format(column), {"keys": list(names)})
        found: list[tuple[UUID, bytes]] = cursor.fetchall()
        return found


def _identified(digest: str, keys: Iterable[ReportKey]) -> dict[UUID, ReportKey]:
    """Return files by the keys of their reports."""
    start = blake2b(f"{digest}\0{engine_version()}\0".encode(), digest_size=16)
    found: dict[UUID, ReportKey] = {}
    for path, blob in keys:
        name = start.copy()
        name.update(f"{path}\0{blob}".encode())
        found[UUID(bytes=name.digest())] = path, blob
    return found
