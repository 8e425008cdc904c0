"""Records a job's unexpected failure as its repository's problem until a job of the same kind succeeds."""

import logging

from django.db import DatabaseError

from compliance.lib.database_limits import is_unavailable
from compliance.lib.field_types import one_line
from compliance.models import Job, Repository

log = logging.getLogger(__name__)


class TemporaryError(Exception):
    """Raised if an external service, such as the mail server, fails. A later attempt may succeed."""


class ElsewhereError(Exception):
    """Raised if another machine must run the job, because this one lacks a tracked folder. No attempt is
    counted.
    """


_TASKS = {
    "update": "New commits could not be recorded",
    "backfill": "Older commits could not be recorded",
    "preview": "The preview of a plan could not be generated",
    "propose": "No plan could be proposed",
    "source": "The text of a file could not be read",
    "patch": "The patch for a file could not be generated",
    "pull": "A pull request could not be judged",
    "group": "A group in a merge queue could not be judged",
    "pull-patch": "The patches for a pull request could not be generated",
    "recheck": "The open pull requests could not be judged again",
    "baseline": "Progress could not be measured from the new baseline",
    "digest": "The weekly digest could not be sent",
    "upkeep": "The mirror could not be maintained",
    "letters": "E-mails about claims could not be sent",
    "connection": "A connection could not be tested",
    "hook": "A webhook could not be installed",
    "unhook": "A webhook could not be removed",
    "disconnect": "A connection could not be removed",
    "read": "Files could not be read for another machine",
    "issues": "The issues could not be compared with the records",
}


class ReportedError(Exception):
    """Raised for a failure that the job itself has recorded as the repository's problem. The original error
    is its cause.
    """


def report(job: Job, error: Exception | None) -> None:
    """Record an unexpected failure as the current problem of the job's repository. `error` is None if the
    worker died.

    Call this after the attempt has been recorded. `job` must still have the values from the start of the
    attempt.
    """
    current = Job.objects.filter(pk=job.pk).values_list("state", "error").first()
    if current is None:
        return
    state, words = current
    final = state == Job.State.BURIED
    # Such errors are usually temporary, so they are reported only if no attempt succeeds.
    if not final and (error is None or isinstance(error, TemporaryError) or is_unavailable(error)):
        return
    try:
        Repository.objects.filter(pk=job.repository_id or 0).update(
            trouble=_sentence(job, words, final=final),
            trouble_kind=Repository.Trouble.FAILED,
            trouble_job=job.kind,
        )
    except DatabaseError:
        log.exception("The failure of job %s could not be recorded on its repository", job.pk)


def clear(job: Job) -> None:
    """Remove the repository's problem if an earlier job of the same kind caused it."""
    Repository.objects.filter(pk=job.repository_id or 0, trouble_job=job.kind).update(
        trouble="", trouble_kind="", trouble_job=""
    )


def _sentence(job: Job, error: str, *, final: bool) -> str:
    task = _TASKS.get(job.kind, f"A job of the kind “{job.kind}” failed")
    if final:
        outcome = (
            f"an unexpected error stopped each of {job.attempts} attempts, so the job will not be tried "
            "again. Choose "
            f"Retry on the Scans page once the cause is removed; the worker's log of job {job.pk} has details"
        )
    else:
        outcome = f"an unexpected error stopped attempt {job.attempts}. It is tried again automatically"
    return f"{task}: {outcome}. What was recorded before stays as it was. The error: {one_line(error, 300)}"
