"""Runs jobs in a worker. The lease of a running job is renewed, and its writes are fenced by the attempt
number.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, connection
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now

from compliance.jobs import failures
from compliance.jobs.endings import fail, finish, give_back
from compliance.jobs.maintenance import recover
from compliance.jobs.queue import (
    LEASE,
    PATIENCE,
    UnknownJobError,
    claim,
    claimable_queues,
    should_make_room,
    wake,
    wake_for,
)
from compliance.lib.database_limits import job_session, session_named, timeout_explained
from compliance.lib.field_types import cut, storable
from compliance.lib.logs import log_context
from compliance.lib.queues import EARLIER, EVERY
from compliance.models import Job, Repository

log = logging.getLogger(__name__)


class Stopping:
    """A process-wide flag."""

    value = False


stopping = Stopping()
"""Set once this worker process is stopping, so that its current job run ends."""

SILENCE = 1800.0
"""Seconds without progress after which the lease of a job run is no longer renewed."""

RUN_LIMIT = 60.0
"""Seconds after which a worker looks for other messages, well below the task's time limit."""

SLICE = 5.0
"""Seconds after which a long job yields to equally urgent jobs of other repositories. A worker that also
reads messages about polls or maintenance looks for those at least as often.
"""

CHECK_EVERY = 0.3
"""Seconds between two checks for a more urgent job."""


LONGEST_DOING = 200
"""Number of characters of what a job is doing that are stored."""


class LostJobError(Exception):
    """Raised if the lease has expired and another worker holds the job. This run must not write anything for
    the job any more.
    """


class StoppedError(Exception):
    """Raised by a job that can't save what it has done because its worker is stopping. It is requeued."""


class JobRun:
    """A running job's access to the queue: locks, progress, and when to yield."""

    def __init__(self, job: Job, queues: Collection[str] = EVERY, limit: float = RUN_LIMIT) -> None:
        self.job, self.queues, self.limit = job, queues, limit
        self.began = self.heard = time.monotonic()
        self.checked_at = 0.0

    @property
    def repository(self) -> Repository:
        """Return the job's repository."""
        if self.job.repository is None:
            raise ValueError(f"Job {self.job.pk} ({self.job.kind}) has no repository.")
        return self.job.repository

    def lock(self) -> None:
        """Lock the job's row until the end of the transaction, so that the transaction's writes are fenced.

        The lease is renewed, because the thread that usually does this has to wait for the lock. Raises
        `LostJobError` if another attempt holds the job.
        """
        if not self._mine().update(lease_until=Now() + LEASE):
            raise LostJobError(f"Job {self.job.pk} was claimed by another worker")

    def _mine(self) -> QuerySet[Job]:
        """Return the job's row, or nothing if this attempt no longer holds it."""
        return Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, attempts=self.job.attempts)

    def progress(self, done: int, total: int) -> None:
        """Record the number of completed steps. If the job has made progress, its count of failed attempts is
        reset.
        """
        self.heard = time.monotonic()
        if not self._mine().update(
            done_steps=done,
            total_steps=total,
            doing="",
            lease_until=Now() + LEASE,
            max_attempts=Greatest(F("max_attempts"), F("attempts") + PATIENCE - 1),
        ):
            raise LostJobError(f"Job {self.job.pk} was claimed by another worker")

    def tell(self, doing: str) -> None:
        """Record what the job is doing, which pages show. This doesn't count as progress that resets its
        failed attempts.

        Raises `LostJobError` if another attempt holds the job.
        """
        self.heard = time.monotonic()
        words = cut(storable(doing), LONGEST_DOING)
        if not self._mine().update(doing=words, lease_until=Now() + LEASE):
            raise LostJobError(f"Job {self.job.pk} was claimed by another worker")

    def should_yield(self) -> bool:
        """Return true if the job should yield because the worker is stopping, the run has reached its time
        limit, or a more urgent job is waiting, for this repository or for this worker.

        After `SLICE` seconds, it also yields to equally urgent jobs of other repositories.
        """
        now = time.monotonic()
        if stopping.value or now - self.began > self.limit:
            return True
        if now - self.checked_at < CHECK_EVERY:
            return False
        self.checked_at = now
        return should_make_room(self.job, self.queues, for_equals=now - self.began > SLICE)


_current: ContextVar[JobRun | None] = ContextVar("job run", default=None)

Work = Callable[[JobRun], bool]
"""Handles a job run; returns False if there is more to do later."""


def work(
    kinds: Mapping[str, Work], worker: str, queues: Collection[str] = EVERY, limit: float = RUN_LIMIT
) -> int:
    """Run the due jobs of some queues, most urgent first. Return the number of job runs.

    If jobs are left after `limit` seconds, a message for them is sent, so that other messages are read
    first.
    """
    runs = 0
    until = time.monotonic() + limit
    while not stopping.value and time.monotonic() < until:
        recover()  # done here too, in case every worker is too busy to run the maintenance task
        job = claim(worker, queues)
        if job is None:
            return runs
        take(job, kinds, queues, limit)
        _wake_others(job, queues)
        runs += 1
    if not stopping.value and (left := claimable_queues(queues)):
        wake(left[0])
    return runs


def _wake_others(ended: Job, queues: Collection[str]) -> None:
    """Wake the workers of other queues, whose jobs may have waited for the repository of one that has
    ended.
    """
    others = set(EVERY) - {*queues, EARLIER}
    for queue in claimable_queues(others) if others else ():
        wake_for(ended.kind, queue)


def take(
    job: Job, kinds: Mapping[str, Work], queues: Collection[str] = EVERY, limit: float = RUN_LIMIT
) -> None:
    """Run a job once, and record on its row how the run ended."""
    run = JobRun(job, queues, limit)
    token = _current.set(run)
    with log_context(job=job.pk, kind=job.kind, attempt=job.attempts):
        try:
            _run(run, kinds)
        finally:
            _current.reset(token)


def _run(run: JobRun, kinds: Mapping[str, Work]) -> None:
    """Run a job once, and record how the run ended."""
    job = run.job
    try:
        if job.kind not in kinds:
            raise UnknownJobError(f"There is no handler for jobs of the kind {job.kind!r}.")
        with session_named(job_session(job.pk, job.attempts)), _beating(run):
            done = kinds[job.kind](run)
    except LostJobError as lost:
        log.warning("%s", lost)
    except failures.ElsewhereError as elsewhere:
        log.info("%s", elsewhere)
        give_back(job)
    except StoppedError:
        give_back(job)
    except Exception as error:  # any error must be shown on the job's row
        log.exception("Job %s (%s) failed", job.pk, job.kind)
        cause = (error.__cause__ or error) if isinstance(error, failures.ReportedError) else error
        words = timeout_explained(cause) or f"{type(cause).__name__}: {cause}"
        words = storable(words)[:10_000]
        if fail(job, words) and cause is error:
            failures.report(job, error)
    else:
        if not done:  # this worker goes on with it after what is more urgent
            give_back(job, for_others=stopping.value)
        elif finish(job):
            failures.clear(job)


def current_run() -> JobRun | None:
    """Return the job run in which this code runs, or None outside of jobs."""
    return _current.get()


@contextmanager
def _beating(run: JobRun) -> Iterator[None]:
    """Renew the lease from a thread for as long as the run makes progress."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(run, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(run: JobRun, ended: threading.Event) -> None:
    mine = Job.objects.filter(pk=run.job.pk, state=Job.State.RUNNING, attempts=run.job.attempts)
    try:
        while not ended.wait(LEASE.total_seconds() / 4):
            if time.monotonic() - run.heard > SILENCE:
                return
            try:
                if not mine.update(lease_until=Now() + LEASE):
                    return
            except DatabaseError as error:
                log.warning("The lease of job %s couldn't be renewed: %s", run.job.pk, error)
                connection.close()
    finally:
        connection.close()
