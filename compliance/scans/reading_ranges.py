"""The ranges of files that machines read for each other, as rows: who may read which one, and until when."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from compliance import jobs
from compliance.jobs import Priority
from compliance.jobs.machine import running_machines
from compliance.models import Job, PlanVersion, ReadingRange, Repository
from scanner import engine_version

REPORTS = 1000
"""Number of reports in a range, if no single commit has more. Reading them takes about a second."""

LEAST = 3000
"""Number of reports to read below which no other machine is asked, because that takes longer than it
saves.
"""

HELD_FOR = timedelta(seconds=10)
"""Time for which a range is left to a machine that began to read it, since it last said so. It says so after
each `REPORTS` reports.
"""

WAKE_UPS = 6
"""Number of messages for a job that only one machine may claim, because every worker may receive them."""

KIND = "read"

_FREE = Q(taken_until__isnull=True) | Q(taken_until__lt=Now())


def ranges_of(version: PlanVersion) -> QuerySet[ReadingRange]:
    """Return the ranges under a plan version, in the order in which they are needed."""
    return ReadingRange.objects.filter(plan=version, engine=engine_version()).order_by("-is_tree", "pk")


def other_machines(repository: Repository) -> list[str]:
    """Return the machines that may read for this one: those with a worker and, of a folder, with the
    folder.
    """
    return sorted(running_machines() - {settings.MACHINE_NAME, *repository.missing_on})


def unread_from(version: PlanVersion) -> str:
    """Return a commit that is needed to read ranges, or an empty string if there is nothing to read.

    No range is held yet, because the mirror may have to be cloned first.
    """
    part = ranges_of(version).filter(is_read=False).first()
    return part.sha if part is not None else ""


def begin_next(version: PlanVersion) -> ReadingRange | None:
    """Hold the next range that nobody reads, and return it, or None if there is none."""
    with transaction.atomic():
        free = ranges_of(version).filter(_FREE, is_read=False)
        found = free.select_for_update(skip_locked=True).first()
        if found is not None:
            hold(found)
    return found


def hold(part: ReadingRange) -> bool:
    """Hold a range for another while. Return False if the recording job needs it no more."""
    return bool(ReadingRange.objects.filter(pk=part.pk).update(taken_until=Now() + HELD_FOR))


def release(part: ReadingRange, *, is_read: bool) -> None:
    """Give a range back, with all of its reports shared or to be continued by somebody else."""
    ReadingRange.objects.filter(pk=part.pk).update(taken_until=None, is_read=is_read)


def take(pk: int, *, at_once: bool = False) -> bool:
    """Delete a range whose files the recording job needs now: it finds their reports, or reads the files.

    Return False if another machine is reading it and, without `at_once`, should be waited for.
    """
    part = ReadingRange.objects.filter(pk=pk)
    chosen = part if at_once else part.filter(_FREE | Q(is_read=True))
    return bool(chosen.delete()[0]) or not part.exists()


def take_last(version: PlanVersion) -> ReadingRange | None:
    """Delete the range of commits that is needed last among those that nobody has begun, and return it, or
    None if there is none.
    """
    with transaction.atomic():
        free = ranges_of(version).filter(_FREE, is_read=False, is_tree=False).order_by("-pk")
        found = free.select_for_update(skip_locked=True).first()
        if found is not None:
            ReadingRange.objects.filter(pk=found.pk).delete()
    return found


def ask(version: PlanVersion, machines: Iterable[str]) -> None:
    """Enqueue a job for each of the machines, unless it has one that is waiting, running or has failed for
    good.
    """
    _ask(machines, str(version.pk), {"version": version.pk}, "reading")


def ask_to_clone(repository: Repository) -> None:
    """Let the other machines clone a repository that takes this one long, if it is cloned to be recorded.

    They will be asked to read its history, and would only then begin to clone.
    """
    run = jobs.current_run()
    if run is None or run.job.kind not in ("update", "backfill"):
        return
    _ask(other_machines(repository), f"clone {repository.pk}", {"repository": repository.pk}, "cloning")


def _ask(machines: Iterable[str], what: str, detail: dict[str, int], doing: str) -> None:
    names = {f"{what}:{machine}"[:200]: machine for machine in machines}
    states = (Job.State.WAITING, Job.State.RUNNING, Job.State.BURIED)
    asked = Job.objects.filter(kind=KIND, key__in=names, state__in=states).values_list("key", flat=True)
    for key in names.keys() - set(asked):
        jobs.enqueue(
            KIND,
            key=key,
            detail={**detail, "machine": names[key]},
            priority=Priority.IDLE,
            cause=f"{doing} for {settings.MACHINE_NAME}",
            messages=WAKE_UPS,
        )


def forget(repository: Repository, kept: PlanVersion | None = None) -> None:
    """Delete the ranges under all versions but one, and the jobs for them that nobody has begun."""
    others = PlanVersion.objects.filter(repository=repository).exclude(pk=kept.pk if kept else 0)
    versions = list(others.values_list("pk", flat=True))
    if not versions:
        return
    ReadingRange.objects.filter(plan__in=versions).delete()
    Job.objects.filter(kind=KIND, state=Job.State.WAITING, detail__version__in=versions).delete()
