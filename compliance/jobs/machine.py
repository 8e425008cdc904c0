"""Which jobs this process may claim, given its machine and its release of the scanner.

A repository that is archived or deleted is not read. One that a newer release has evaluated is left to
workers of that release, and a tracked folder to machines that have it. A job that reads for another machine
names the machine that may claim it.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now

from compliance.models import EngineRelease, Heartbeat

NEWEST = 2**31 - 1
"""The number of a process that has not said which release it runs, such as a command."""

REFRESH = 30.0
"""Seconds for which a release's number is trusted."""

PRESENT_FOR = timedelta(seconds=60)
"""Time since the last heartbeat of a worker for which its machine counts as running."""

GONE_AFTER = timedelta(minutes=5)
"""Time without a heartbeat after which the workers of a release count as removed."""

ANYWHERE = ("digest", "deliver", "letters", "baseline")
"""The kinds of jobs that read neither a repository nor a folder."""

MAY_CLAIM = """ AND (due.kind = ANY(%(anywhere)s) OR NOT EXISTS (
        SELECT 1 FROM compliance_repository AS of WHERE of.id = due.repository_id
            AND (of.archived_at IS NOT NULL OR of.deleted_at IS NOT NULL
                OR %(machine)s = ANY(of.missing_on) OR of.engine_release > %(release)s)))
    AND (due.kind <> 'read' OR due.detail->>'machine' = %(machine)s)
"""
"""The condition for claiming a job, for the values in `values`."""


@dataclass
class Release:
    """The release of the scanner that this process runs, the number of the rules by which it matches
    violations, and its own number.
    """

    engine: str = ""
    matching: int = 1
    number: int = NEWEST
    read_at: float = field(default=0.0)


release = Release()
"""This process's release. Workers set it when they start."""


def values() -> dict[str, Any]:
    """Return the values for `MAY_CLAIM`."""
    return {"anywhere": list(ANYWHERE), "machine": settings.MACHINE_NAME, "release": release_number()}


def release_number() -> int:
    """Return the number of this process's release, which is stored in Postgres when it is first seen."""
    if release.engine and time.monotonic() - release.read_at > REFRESH:
        release.number, release.read_at = _register(release.engine), time.monotonic()
    return release.number


def number_of(engine: str) -> int:
    """Return the number of a release, or 0 if it has never run here."""
    found = EngineRelease.objects.filter(engine=engine).values_list("number", flat=True).first()
    return found or 0


def matching_of(engine: str) -> int:
    """Return the number of the rules by which a release matches violations."""
    found = EngineRelease.objects.filter(engine=engine).values_list("matching", flat=True).first()
    return found or 1


def _register(engine: str) -> int:
    """Return the number of a release. One that is new here is the newest.

    So is an earlier one if no worker of a newer release has run for `GONE_AFTER`: somebody has gone back to
    it.
    """
    number = number_of(engine)
    newer = EngineRelease.objects.filter(number__gt=number).values("engine")
    running = Heartbeat.objects.filter(engine__in=newer, at__gt=Now() - GONE_AFTER)
    if number and (not newer.exists() or running.exists()):
        return number
    highest = EngineRelease.objects.aggregate(highest=Max("number"))["highest"] or 0
    try:
        with transaction.atomic():
            EngineRelease.objects.update_or_create(
                engine=engine, defaults={"number": highest + 1, "matching": release.matching}
            )
    except IntegrityError:
        pass  # another process was faster, whose number is read the next time
    return number_of(engine)


def running_machines() -> set[str]:
    """Return the names of the machines on which a worker runs."""
    rows = Heartbeat.objects.filter(name__startswith="worker ", at__gt=Now() - PRESENT_FOR)
    names = rows.values_list("name", flat=True)
    return {name.removeprefix("worker ").rpartition(":")[0] for name in names}
