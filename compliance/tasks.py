"""The Celery tasks, each of which calls one function. The rows of `Job` are authoritative."""

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
    """Run the jobs that are due."""
    jobs.work(KINDS, _beat(f"worker {socket.gethostname()}:{os.getpid()}"))


@shared_task
def sweep() -> None:
    """Run the queue's maintenance."""
    _beat("sweep")
    jobs.sweep()


@shared_task
def poll() -> None:
    """Poll the repositories for new commits."""
    _beat("poll")
    scans.poll()


@shared_task
def look_at_dates() -> None:
    """Expire overdue claims and waivers, and send reminders about claims that will expire soon."""
    _beat("dates")
    claims.expire()
    claims.remind()
    waivers.end_overdue()


@shared_task
def digests() -> None:
    """Queue the weekly digests that are due."""
    _beat("digests")
    notifications.due()
