"""Reports of many files: from the store where it has them, else from their contents."""

from collections.abc import Iterable

from scanner.plan import Plan
from scanner.report import MAX_BYTES, FileReport, Reader
from scanner.repository import Repository
from scanner.store import ReportStore
from scanner.stored import pack, unpack
from scanner.values import Path

Key = tuple[Path, str]


class Reports:
    """Reads the reports that a walk asks for, and keeps them in a store if there is one."""

    def __init__(self, repository: Repository, plan: Plan, store: ReportStore | None, processes: int) -> None:
        self._repository = repository
        self._plan = plan
        self._store = store
        self._processes = processes
        self._reader = Reader(plan)

    def read(self, wanted: Iterable[Key]) -> dict[Key, FileReport]:
        """The report of each path with each blob."""
        keys = list(wanted)
        kept = self._store.get_many(self._plan.digest, keys) if self._store else {}
        found = {key: unpack(raw) for key, raw in kept.items()}
        missing = [key for key in keys if key not in found]
        contents = self._repository.blobs((blob for _, blob in missing), MAX_BYTES)
        fresh = {
            key: self._reader.read(key[0], content)
            for key, (_, content) in zip(missing, contents, strict=True)
        }
        if self._store and fresh:
            # What is missing today may be fetched tomorrow, so only what was read is kept.
            self._store.put_many(
                self._plan.digest, {key: pack(report) for key, report in fresh.items() if not report.skipped}
            )
        return found | fresh

    def close(self) -> None:
        """End what reading started."""
