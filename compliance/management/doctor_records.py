"""Checks of an installation's records: what works, which jobs fail, and what can't be reached (`manage.py
doctor`).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import Error
from django.db.models import Count, Max
from django.db.models.functions import Now

from compliance.jobs import clock, health
from compliance.lib.wording import count_of
from compliance.management.diagnosis import Diagnosis, Level
from compliance.models import Connection, Job, OutboxItem, Repository
from compliance.queries.problems import FIX_OF_CLOCK

_LISTED = 10
"""Number of repositories, connections and kinds of jobs that are named one by one."""


def examine_records() -> Iterator[Diagnosis]:
    """Yield what the records say. A query that fails is reported, and the other checks go on."""
    for check in (_clock, _work, _failed_jobs, _repositories, _connections, _outbox):
        yield from _guarded(check)


def _guarded(check: Callable[[], Iterator[Diagnosis]]) -> Iterator[Diagnosis]:
    try:
        yield from check()
    except Error as error:
        yield Diagnosis(Level.ERROR, "Database", f"A query failed: {str(error).strip()}")


def _clock() -> Iterator[Diagnosis]:
    if words := clock.read_clocks().problem:
        yield Diagnosis(Level.WARNING, "Clock", f"{words[0].upper()}{words[1:]}.", FIX_OF_CLOCK)


def _work() -> Iterator[Diagnosis]:
    for name, state in health.check_work().items():
        if state == "ok":
            yield Diagnosis(Level.OK, name.capitalize(), "It works.")
        else:
            yield Diagnosis(Level.ERROR, name.capitalize(), f"{state}.", health.FIXES[name])


def _failed_jobs() -> Iterator[Diagnosis]:
    failed = Job.objects.filter(state=Job.State.BURIED, finished_at__gt=Now() - timedelta(days=1))
    kinds = failed.order_by().values("kind").annotate(count=Count("pk"), newest=Max("pk")).order_by("kind")
    for row in kinds[:_LISTED]:
        error = Job.objects.get(pk=row["newest"]).error.strip().splitlines()
        words = f"{count_of(row['count'], 'job')} of the kind {row['kind']} failed within a day."
        last = f" The newest says: {error[-1][:300]}" if error else ""
        yield Diagnosis(
            Level.WARNING, "Jobs", words + last, "The scans page lists them, and can run them again."
        )


def _repositories() -> Iterator[Diagnosis]:
    troubled = Repository.objects.exclude(trouble="").order_by("slug")
    for row in troubled[:_LISTED]:
        words = f"{row.slug}: {row.trouble_title}. {row.trouble.strip().splitlines()[0][:300]}"
        yield Diagnosis(Level.WARNING, "Repository", words, "Its page says what to do.")
    if (more := troubled.count() - _LISTED) > 0:
        words = f"{count_of(more, 'more repository', 'more repositories')} in trouble."
        yield Diagnosis(Level.WARNING, "Repository", words, "The home page lists them.")


def _connections() -> Iterator[Diagnosis]:
    for row in Connection.objects.order_by("slug"):
        if row.is_failing:
            words = f"{row.slug}: the last call failed: {row.last_failure.strip()[:300]}"
            yield Diagnosis(Level.WARNING, "Connection", words, "Test it on its page, and renew its token.")


def _outbox() -> Iterator[Diagnosis]:
    failed = OutboxItem.objects.filter(state=OutboxItem.State.FAILED)
    rows = failed.order_by().values("channel").annotate(count=Count("pk"), newest=Max("pk"))
    for row in rows.order_by("channel")[:_LISTED]:
        outcome = OutboxItem.objects.get(pk=row["newest"]).outcome.strip()[:300]
        words = f"{count_of(row['count'], 'item')} could not be sent by {row['channel']}: {outcome}"
        yield Diagnosis(Level.WARNING, "Outbox", words, "The outbox page sends them again.")
