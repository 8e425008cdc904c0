"""Polling: compares the branch's tip and tags with the records periodically, in case webhooks are lost or not
set up.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance import jobs
from compliance.jobs import Priority
from compliance.models import Repository
from compliance.scans import engine_upgrade, mirror, tags
from compliance.scans.problems import TroubleError, record
from scanner import GitError, list_remote

EVERY = timedelta(seconds=50)
EVERY_WITH_HOOK = timedelta(minutes=15)
LONGEST = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=1)

log = logging.getLogger(__name__)


def poll() -> None:
    """Poll each repository that is due. Several pollers may run concurrently."""
    for repository in Repository.objects.filter(poll=True).select_related("head", "plan"):
        if _claim(repository):
            _poll(repository)


def _claim(repository: Repository) -> bool:
    """Return true if this poller may poll the repository now, as decided by one conditional update."""
    now = timezone.now()
    before = Q(polled_at__isnull=True) | Q(polled_at__lt=now - _pause(repository, now))
    before |= Q(polled_at__gt=now + CLOCK_SKEW)  # written before the clock was set back
    same = Repository.objects.filter(before, pk=repository.pk, poll=True)
    return bool(same.update(polled_at=Now()))


def _pause(repository: Repository, now: datetime) -> timedelta:
    """Return the interval between polls: longer if webhooks arrive, longer after each failure."""
    hooked = (
        repository.hooked_at is not None and now - timedelta(days=1) < repository.hooked_at < now + CLOCK_SKEW
    )
    pause = EVERY_WITH_HOOK if hooked else EVERY
    longer: timedelta = EVERY * 2 ** min(repository.poll_failures, 10)
    return max(pause, min(longer, LONGEST))


def _poll(repository: Repository) -> None:
    same = Repository.objects.filter(pk=repository.pk)
    try:
        listing = list_remote(repository.url, repository.access)
        branch = mirror.find_successor(repository, listing) or repository.branch
        _, sha = mirror.choose(repository.url, listing, branch)
    except (GitError, TroubleError) as error:
        log.warning("Polling %s: %s", repository.slug, error)
        record(repository, error)
        same.update(poll_failures=F("poll_failures") + 1)
        return
    if repository.poll_failures:
        same.update(poll_failures=0)
    if (
        repository.head is None
        or repository.head.sha != sha
        or repository.branch != branch
        or repository.tags_digest != tags.digest(tags.named(listing.refs))
        or (repository.plan and engine_upgrade.is_dated(repository.plan))
        or (repository.poll_failures and repository.trouble)
    ):
        jobs.enqueue("update", repository, priority=Priority.NORMAL, cause=f"poll: {sha[:10]}")
