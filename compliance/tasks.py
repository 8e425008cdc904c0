"""Celery's tasks: each fetches nothing, decides nothing, calls one verb. The rows of Job are the truth."""

import os
import socket
from collections.abc import Mapping

from celery import shared_task
from celery.signals import worker_shutting_down
from django.db.models.functions import Now

from compliance import jobs, notifications, scans
from compliance.models import Heartbeat
from compliance.work import claims, waivers

KINDS: Mapping[str, jobs.Work] = {
    "update": scans.update,
    "backfill": scans.backfill,
    "preview": scans.preview,
    "digest": notifications.digest,
    "letters": notifications.letters,
    "patch": scans.patch,
    "pull": scans.pull,
}


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    jobs.stopping.value = True


def _beat(name: str) -> str:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": Now()})
    return name


@shared_task
def work() -> None:
    """Do whatever is due."""
    jobs.work(KINDS, _beat(f"worker {socket.gethostname()}:{os.getpid()}"))


@shared_task
def sweep() -> None:
    """Put the queue in order."""
    _beat("sweep")
    jobs.sweep()


@shared_task
def poll() -> None:
    """Ask for news of the repositories that no webhook speaks for."""
    _beat("poll")
    scans.poll()


@shared_task
def look_at_dates() -> None:
    """End claims and waivers whose time is over, and remind of the claims that end soon."""
    _beat("dates")
    claims.expire()
    claims.remind()
    waivers.end_overdue()


@shared_task
def digests() -> None:
    """Ask for the weekly digests that are due."""
    _beat("digests")
    notifications.due()
