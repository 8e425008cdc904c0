"""Polling: compares the branch's tip and tags with the records periodically, in case webhooks are lost or not
set up.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance import jobs
from compliance.jobs import Priority
from compliance.models import Repository
from compliance.scans import engine_upgrade, folders, mirror, tags
from compliance.scans.problems import TroubleError, record
from scanner import GitError, list_remote

EVERY = timedelta(seconds=50)
EVERY_WITH_HOOK = timedelta(minutes=15)
REPORTED_WITHIN = timedelta(minutes=5)
"""Time within which a webhook has reported a push that a poll finds."""

LONGEST = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=1)
_MOST_DOUBLED = 7
"""Number of failures after which the interval, doubled after each, has reached the longest."""

log = logging.getLogger(__name__)


def poll() -> None:
    """Poll each repository that is due. Several pollers may run concurrently.

    A round in which nothing is due takes one query, however many repositories there are.
    """
    for repository in _due(timezone.now()).select_related("head", "plan"):
        if not folders.is_elsewhere(repository) and _claim(repository):
            _poll(repository)


def _due(now: datetime) -> QuerySet[Repository]:
    """Return the repositories whose last poll is long enough ago."""
    never = Q(polled_at__isnull=True) | Q(
        polled_at__gt=now + CLOCK_SKEW
    )  # written before the clock was set back
    hooked = Q(hooked_at__gt=now - timedelta(days=1), hooked_at__lt=now + CLOCK_SKEW)
    over = Q(polled_at__lt=now - EVERY_WITH_HOOK) | (~hooked & Q(polled_at__lt=now - EVERY))
    failing = Q(poll_failures__gte=_MOST_DOUBLED, polled_at__lt=now - LONGEST)
    for failures in range(_MOST_DOUBLED):
        failing |= Q(poll_failures=failures, polled_at__lt=now - EVERY * 2**failures)
    return Repository.objects.filter(never | (over & failing), poll=True)


def _claim(repository: Repository) -> bool:
    """Return true if this poller may poll the repository now, as decided by one conditional update."""
    now = timezone.now()
    before = Q(polled_at__isnull=True) | Q(polled_at__lt=now - _pause(repository, now))
    before |= Q(polled_at__gt=now + CLOCK_SKEW)  # written before the clock was set back
    same = Repository.objects.filter(before, pk=repository.pk, poll=True)
    return bool(same.update(polled_at=Now()))


def _pause(repository: Repository, now: datetime) -> timedelta:
    """Return the interval between polls: longer if webhooks report pushes, longer after each failure."""
    pause = EVERY_WITH_HOOK if _is_hooked(repository, now) else EVERY
    longer: timedelta = EVERY * 2 ** min(repository.poll_failures, _MOST_DOUBLED)
    return max(pause, min(longer, LONGEST))


def _is_hooked(repository: Repository, now: datetime) -> bool:
    """Return true if webhooks reported the branch's last pushes: one came within the last day, and none for
    the newest commit is missing.
    """
    at = repository.hooked_at
    return at is not None and now - timedelta(days=1) < at < now + CLOCK_SKEW


def describe(repository: Repository) -> str:
    """Say how the product learns of pushes to the branch."""
    now = timezone.now()
    if not repository.poll:
        return "Pushes are reported by webhooks only, because polling is switched off."
    if _is_hooked(repository, now):
        return "Webhooks report the pushes to this branch; it is also polled every 15 minutes."
    if repository.poll_failures:
        return "Polling for pushes failed, so the interval between attempts grows to at most an hour."
    return "No webhook reported the last push to this branch within a day, so it is polled every minute."


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
    if repository.head and repository.head.sha != sha and repository.branch == branch:
        # A push that no webhook reported: don't rely on webhooks until one reports a push again.
        same.filter(hooked_at__lt=timezone.now() - REPORTED_WITHIN).update(hooked_at=None)
    dated = repository.plan is not None and engine_upgrade.is_dated(repository.plan)
    if dated:
        engine_upgrade.reserve(repository)
    if (
        dated
        or repository.head is None
        or repository.head.sha != sha
        or repository.branch != branch
        or repository.tags_digest != tags.digest(tags.named(listing.refs))
        or (repository.poll_failures and repository.trouble)
    ):
        jobs.enqueue("update", repository, priority=Priority.NORMAL, cause=f"poll: {sha[:10]}")
