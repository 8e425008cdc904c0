"""The transaction in which a job records its results. It is atomic, fails if the job has lost its lease, and
doesn't block other writers.

Webhooks, the poller and queue maintenance update the rows of the repository, its issues and its jobs.
Therefore, the transaction updates these rows only in its last statements, after all other work and all
checks. Meanwhile, no git command is run and nothing is sent.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from compliance.lib.batches import index_plans
from compliance.lib.locks import lock_records
from compliance.models import Repository
from compliance.scans.scan import Scan


class Recording:
    """A recording transaction, and the changes to the repository's row that are written at its end."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._fields: dict[str, Any] = {}
        self._last: list[Callable[[], object]] = []

    def change(self, **fields: Any) -> None:
        """Set fields of the repository, in memory immediately and in the database at the end of the block."""
        for name, value in fields.items():
            setattr(self._repository, name, value)
        self._fields |= fields

    def at_end(self, write: Callable[[], object]) -> None:
        """Run a function at the end of the block. It updates rows that webhooks update, too."""
        self._last.append(write)

    def finish(self) -> None:
        """Check the deferred constraints, then update the rows that others may wait for."""
        with index_plans(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for write in self._last:
            write()
        if self._fields:
            Repository.objects.filter(pk=self._repository.pk).update(**self._fields)


@contextmanager
def recording(scan: Scan, done: int | None = None) -> Iterator[Recording]:
    """Run the block as one transaction that changes the records of a scan's repository.

    `done` is the job's progress after this block. If another worker holds the job by the end, everything is
    rolled back and `LostJobError` is raised.
    """
    with transaction.atomic():
        lock_records(scan.repository.pk)
        pending = Recording(scan.repository)
        yield pending
        pending.finish()
        if done is None:
            scan.run.lock()
        else:
            scan.run.progress(done, scan.length - scan.repository.unread_commits)
