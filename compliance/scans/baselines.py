"""Lets a manager set the baseline, and recomputes what is measured from it."""

from django.contrib.auth.models import User
from django.db import transaction

from compliance import jobs
from compliance.events import history_evaluated
from compliance.jobs import JobRun, Priority
from compliance.lib.locks import lock_records
from compliance.models import Commit, Repository
from compliance.progress import baseline
from compliance.progress.file_status import refresh
from compliance.scans.history import recorded

SHORTEST = 7
"""Minimum number of digits of a SHA that names a commit."""


class BaselineError(Exception):
    """Raised if a commit can't be the baseline. The message says why, and how to name another."""


def set_baseline(repository: Repository, sha: str, person: User) -> Commit:
    """Measure progress and regressions from the commit whose SHA begins with `sha`, and return that commit.

    A job recomputes what depends on it. Raises `BaselineError` if no recorded commit matches, or several do.
    """
    version, sha = repository.plan, sha.strip().lower()
    if version is None:
        raise BaselineError("No plan is active yet, so there is nothing to measure.")
    if len(sha) < SHORTEST:
        raise BaselineError(f"Give at least {SHORTEST} digits of the commit's SHA.")
    found = list(recorded(version).filter(sha__startswith=sha)[:2])
    if not found:
        waits = "" if repository.history_done else " Older commits are still being evaluated."
        raise BaselineError(f"No commit of the tracked branch begins with {sha[:64]}.{waits}")
    if len(found) > 1:
        raise BaselineError(f"Several commits begin with {sha}. Give more digits.")
    if baseline.stored(version) != found[0]:
        cause = f"baseline: {found[0].sha[:10]}"
        with transaction.atomic():
            baseline.move(version, found[0], person)
            jobs.enqueue("baseline", repository, priority=Priority.HIGH, cause=cause, person=person)
    return found[0]


def measure_again(run: JobRun) -> bool:
    """Recompute everything that is measured from the baseline of the active plan."""
    repository = run.repository
    if repository.plan is not None:
        with transaction.atomic():
            lock_records(repository.pk)
            refresh(repository, repository.plan)
            history_evaluated.send(repository)
            run.lock()
    return True
