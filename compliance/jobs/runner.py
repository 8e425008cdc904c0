"""Runs jobs in a worker. The lease of a running job is renewed, and its writes are fenced by the attempt
number.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Greatest, Now

from compliance.jobs import failures
from compliance.jobs.maintenance import recover
from compliance.jobs.queue import LEASE, PATIENCE, UnknownJobError, claim, fail, finish, give_back, wake
from compliance.lib.database_limits import job_session, session_named, timeout_explained
from compliance.lib.field_types import storable
from compliance.models import Job, Repository

log = logging.getLogger(__name__)


class Stopping:
    """A process-wide flag."""

    value = False


stopping = Stopping()
"""Set once this worker process is stopping, so that its current job run ends."""

SILENCE = 1800.0
"""Seconds without progress after which the lease of a job run is no longer renewed."""

RUN_LIMIT = 420.0
"""Seconds after which a long job yields, well below the task's time limit."""


CHECK_EVERY = 0.3
"""Seconds between two checks for a more urgent job."""


class LostJobError(Exception):
    """Raised if the lease has expired and another worker holds the job. This run must not write anything for
    the job any more.
    """


class JobRun:
    """A running job's access to the queue: locks, progress, and when to yield."""

    def __init__(self, job: Job) -> None:
        self.job = job
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

        Raises `LostJobError` if another attempt holds the job.
        """
        mine = Job.objects.select_for_update().filter(
            pk=self.job.pk, state=Job.State.RUNNING, attempts=self.job.attempts
        )
        if not mine.values_list("pk", flat=True).first():
            raise LostJobError(f"Job {self.job.pk} was claimed by another worker")

    def progress(self, done: int, total: int) -> None:
        """Record the number of completed steps. If the job has made progress, its count of failed attempts is
        reset.
        """
        self.heard = time.monotonic()
        mine = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, attempts=self.job.attempts)
        if not mine.update(
            done_steps=done,
            total_steps=total,
            lease_until=Now() + LEASE,
            max_attempts=Greatest(F("max_attempts"), F("attempts") + PATIENCE - 1),
        ):
            raise LostJobError(f"Job {self.job.pk} was claimed by another worker")

    def should_yield(self) -> bool:
        """Return true if the job should yield because the worker is stopping, the run has reached its time
        limit, or a more urgent job is waiting.
        """
        if stopping.value or time.monotonic() - self.began > RUN_LIMIT:
            return True
        if time.monotonic() - self.checked_at < CHECK_EVERY:
            return False
        self.checked_at = time.monotonic()
        return Job.objects.filter(
            repository=self.job.repository_id,
            state=Job.State.WAITING,
            due_at__lte=Now(),
            priority__gt=self.job.priority,
        ).exists()


Work = Callable[[JobRun], bool]
"""Handles a job run; returns False if there is more to do later."""


def work(kinds: Mapping[str, Work], worker: str) -> int:
    """Run the due jobs, most urgent first. Return the number of job runs."""
    runs = 0
    until = time.monotonic() + RUN_LIMIT
    while not stopping.value and time.monotonic() < until:
        recover()  # done here too, in case every worker is too busy to run the maintenance task
        job = claim(worker)
        if job is None:
            return runs
        take(job, kinds)
        runs += 1
    if not stopping.value:
        wake()
    return runs


def take(job: Job, kinds: Mapping[str, Work]) -> None:
    """Run a job once, and record on its row how the run ended."""
    run = JobRun(job)
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
    except Exception as error:  # any error must be shown on the job's row
        log.exception("Job %s (%s) failed", job.pk, job.kind)
        cause = (error.__cause__ or error) if isinstance(error, failures.ReportedError) else error
        words = timeout_explained(cause) or f"{type(cause).__name__}: {cause}"
        words = storable(words)[:10_000]
        if fail(job, words) and cause is error:
            failures.report(job, error)
    else:
        if not done:
            give_back(job)
        elif finish(job):
            failures.clear(job)


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
