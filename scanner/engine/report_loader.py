"""Loads the reports on many files, from the store or through child processes that read the contents."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from scanner.engine.analyzer import EMPTY, MAX_BYTES, Analyzer, FileReport, Word
from scanner.engine.cache import ReportStore, Store
from scanner.engine.codec import is_temporary, pack, unpack
from scanner.engine.worker import ForkedWorker, LostWorkerError
from scanner.git.batch import Blobs
from scanner.git.command import GitError
from scanner.git.repository import Repository
from scanner.model import RepoPath
from scanner.plan import Plan

Key = tuple[RepoPath, str]

# git's caches of unpacked objects in all children, and in one of them, in MB.
_CACHE, _MOST_CACHE = 512, 256

# Below this number of files, one child is faster than several.
_MIN_SHARED = 50


@dataclass(slots=True)
class Order:
    """Requested reports: those already available, those being read, and those that an earlier order reads."""

    ready: dict[Key, bytes]
    shares: list["Future[dict[Key, bytes]]"] = field(default_factory=list)
    elsewhere: list[Key] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that a child reads in order: for the whole plan or, if there are words, for these alone."""

    keys: Sequence[Key]
    words: tuple[Word, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)


class Reports:
    """Reads and stores the reports that a walk requests.

    Orders are delivered in the order in which they were placed; reading continues in the background.
    """

    def __init__(self, repository: Repository, plan: Plan, store: Store | None, processes: int) -> None:
        self._git_dir = repository.git_dir
        self._plan = plan
        self._store: Store = store or ReportStore(":memory:")
        self._own_store = self._store if store is None else None
        self._processes = max(1, processes)
        self._analyzer = Analyzer(plan)
        self._children: list[ForkedWorker[Batch]] = []
        self._threads: list[ThreadPoolExecutor] = []
        self._in_progress: set[Key] = set()
        self._undelivered: list[Future[dict[Key, bytes]]] = []
        self._unstored: dict[Key, bytes] = {}
        self._blobs: Blobs | None = None
        self._closing = False
        self._requested = 0
        self._read_by = [0] * self._processes  # one counter per thread, so that no lock is needed

    @property
    def progress(self) -> tuple[int, int]:
        """Return how many files have been read so far, and how many were requested in total."""
        return sum(self._read_by), self._requested

    def order(self, wanted: Iterable[Key]) -> Order:
        """Request the reports on the given paths and blobs."""
        keys = list(dict.fromkeys(wanted))
        order = Order(self._store.get_many(self._plan.reading_digest, keys))
        missing = []
        for key in keys:
            if key in self._unstored:
                order.ready[key] = self._unstored[key]
            elif key in self._in_progress:
                order.elsewhere.append(key)
            elif key not in order.ready:
                missing.append(key)
        self._in_progress.update(missing)
        self._distribute(Batch(missing), order)
        return order

    def deliver(self, order: Order) -> dict[Key, FileReport]:
        """Return an order's reports once all are available; the oldest order must be delivered first."""
        self._await(order)
        order.ready |= self._store.get_many(self._plan.reading_digest, order.elsewhere)
        order.ready |= {key: self._unstored[key] for key in order.elsewhere if key in self._unstored}
        lost = [key for key in order.elsewhere if key not in order.ready]
        if lost:  # another process replaced the store in the meantime
            again = Order({})
            self._distribute(Batch(lost), again)
            return _unpacked(order) | self.deliver(again)
        return _unpacked(order)

    def read(self, wanted: Iterable[Key]) -> dict[Key, bytes]:
        """Return the packed reports on files, except for those of which a later attempt may differ.

        No order may be waiting to be delivered.
        """
        order = self.order(wanted)
        self._await(order)
        return {key: packed for key, packed in order.ready.items() if key not in self._unstored}

    def supplement(self, words: Collection[Word], keys: Collection[Key]) -> dict[Key, FileReport]:
        """Return the reports on words that only other files show to matter, without those that are empty."""
        batch = Batch(tuple(keys), tuple(sorted(words)))
        digest = f"{self._plan.reading_digest}{json.dumps(batch.words)}"
        packed = self._store.get_many(digest, batch.keys)
        order = Order({})
        self._distribute(replace(batch, keys=[key for key in batch.keys if key not in packed]), order)
        fresh: dict[Key, bytes] = {}
        for future in order.shares:
            fresh |= future.result()
        self._store.put_many(digest, {key: found for key, found in fresh.items() if not is_temporary(found)})
        reports = {key: unpack(found) for key, found in (packed | fresh).items() if found}
        return {key: report for key, report in reports.items() if not report.skipped}

    def _distribute(self, batch: Batch, order: Order) -> None:
        """Distribute files among the children by path.

        git reads versions of the same file faster in one process.
        """
        if not batch.keys:
            return
        self._requested += len(batch)
        if not self._threads:
            for _ in range(self._processes):
                self._children.append(ForkedWorker(self._read, is_grouped=True))
            self._threads = [ThreadPoolExecutor(1) for _ in range(self._processes)]
        count = len(self._threads) if len(batch) > _MIN_SHARED else 1
        shares: list[list[Key]] = [[] for _ in range(count)]
        for key in batch.keys:
            shares[hash(key[0]) % count].append(key)
        for number, share in enumerate(shares):
            future = self._threads[number].submit(self._read_in_child, number, replace(batch, keys=share))
            order.shares.append(future)
            if not batch.words:
                self._undelivered.append(future)

    def _await(self, order: Order) -> None:
        """Store the reports that the children read for an order, and add them to it."""
        for future in order.shares:
            self._store_permanent(future.result())
            order.ready |= future.result()
            self._undelivered.remove(future)

    def _read_in_child(self, number: int, batch: Batch) -> dict[Key, bytes]:
        """Have one child read files.

        If a file crashes the child, the file gets a fault and a new child takes over.
        """
        done: dict[Key, bytes] = {}
        rest = list(batch.keys)
        while rest:
            child = self._children[number]
            try:
                for key, packed in zip(rest, child.request(replace(batch, keys=rest)), strict=False):
                    done[key] = packed
                    self._read_by[number] += 1
            except LostWorkerError as error:
                if self._closing:
                    break
                broken = rest[min(child.finished, len(rest) - 1)]
                child.close()
                self._children[number] = ForkedWorker(self._read, is_grouped=True)
                done[broken] = pack(FileReport(fault=(0, str(error)), tainted=True))
                if not batch.words:
                    self._unstored[broken] = done[broken]
            rest = [key for key in rest if key not in done]
        return done

    def _read(self, batch: Batch) -> Iterator[bytes]:
        """Yield the packed reports on files, in order; runs in a child process."""
        if self._blobs is None:
            self._blobs = Blobs(self._git_dir, cache=min(_CACHE // self._processes, _MOST_CACHE))
        contents = self._blobs.read((blob for _, blob in batch.keys), MAX_BYTES)
        for path, _ in batch.keys:
            try:
                content = next(contents)[1]
                yield pack(
                    self._analyzer.supplement(path, content, batch.words)
                    if batch.words
                    else self._analyzer.analyze(path, content)
                )
            except GitError as error:
                yield pack(FileReport(skipped=f"could not be read: {error}"))
            except Exception as error:  # noqa: BLE001  (a file that makes a rule fail must not end the scan)
                reason = f"a rule failed on this file: {type(error).__name__}: {error}"
                yield pack(FileReport(fault=(0, reason), tainted=True))

    def _store_permanent(self, fresh: dict[Key, bytes]) -> None:
        """Store only the permanent reports: a file that could not be read may be readable next time."""
        permanent = {
            key: packed
            for key, packed in fresh.items()
            if key not in self._unstored and not is_temporary(packed)
        }
        self._store.put_many(self._plan.reading_digest, permanent)
        self._unstored |= {key: packed for key, packed in fresh.items() if key not in permanent}
        self._in_progress.difference_update(fresh)

    def close(self) -> None:
        """Stop the children, even while they are reading, and close the store if it is private. What they
        have read ahead is stored, so that a walk that ended early loses only the files that are being read.
        """
        self._closing = True
        for child in self._children:
            child.stop()
        for thread in self._threads:
            thread.shutdown(cancel_futures=True)
        for child in self._children:
            child.close()
        for future in self._undelivered:
            if not future.cancelled() and future.exception() is None:
                self._store_permanent(future.result())
        self._children, self._threads, self._undelivered = [], [], []
        if self._own_store:
            self._own_store.close()


def _unpacked(order: Order) -> dict[Key, FileReport]:
    return {key: unpack(packed) if packed else EMPTY for key, packed in order.ready.items()}
