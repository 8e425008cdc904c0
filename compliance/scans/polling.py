"""Polling: compares the branch's tip and tags with the records periodically, in case webhooks are lost or not
set up.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from compliance import jobs
from compliance.jobs import Priority
from compliance.lib.queues import Queue
from compliance.models import Repository
from compliance.scans import engine_upgrade, folders, mirror, remote_branches, tags
from compliance.scans.credentials import Credentials, credentials_of
from compliance.scans.problems import Kind, TroubleError, record
from compliance.scans.scan import unplanned_mark
from scanner import GitError, Listing, list_tips

EVERY = timedelta(seconds=50)
EVERY_WITH_HOOK = timedelta(minutes=15)
REPORTED_WITHIN = timedelta(minutes=5)
"""Time within which a webhook has reported a push that a poll finds."""

LEFT_TO_OTHERS = timedelta(minutes=5)
"""Time after which a machine that lacks a folder looks for it again, unless another machine has polled it."""

LONGEST = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=1)

SLICE = 5.0
"""Seconds after which a poll ends, so that its worker can do other work."""

CHECK_EVERY = 0.3
"""Seconds between two checks for something urgent."""

log = logging.getLogger(__name__)


_CLAIM = """
UPDATE compliance_repository SET polled_at = statement_timestamp()
WHERE id = ANY(ARRAY(
    SELECT id FROM compliance_repository
    WHERE poll AND archived_at IS NULL AND deleted_at IS NULL AND NOT url LIKE ANY(%(busy)s)
        AND (NOT %(machine)s = ANY(missing_on)
            OR coalesce(polled_at, '-infinity') < statement_timestamp() - %(elsewhere)s)
        AND (
        polled_at IS NULL
        OR polled_at < statement_timestamp() - greatest(
            make_interval(secs => CASE
                WHEN hooked_at > statement_timestamp() - interval '1 day'
                    AND hooked_at < statement_timestamp() + make_interval(secs => %(skew)s)
                THEN %(with_hook)s ELSE %(usual)s END),
            make_interval(secs => least(%(usual)s * 2 ^ least(poll_failures, 10), %(longest)s)))
        OR polled_at > statement_timestamp() + make_interval(secs => %(skew)s))
    ORDER BY polled_at NULLS FIRST, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED))
RETURNING id
"""
"""Claim the repositories whose last poll was longest ago: less often if webhooks report pushes, and after
each failure. Times in the future were written before the clock was set back. A folder that this machine
lacks is left to the others, and looked for again if none of them polls it.
"""


class Requests:
    """The requests of this process to other servers. They run in threads, which don't use the database."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._running: dict[Future[Listing], Repository] = {}

    @property
    def running(self) -> int:
        """Return the number of requests that have not been answered, or whose answer was not handled."""
        return len(self._running)

    def begin(self) -> None:
        """Claim repositories that are due, and begin to ask for their refs, as far as threads are free."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(settings.POLL_CONCURRENCY, "poll")
        step = max(settings.POLL_CONCURRENCY // 4, 1)
        while free := settings.POLL_CONCURRENCY - len(self._running):
            claimed = _claim(min(step, free), self._busy_servers())
            for repository in claimed:
                if folders.is_elsewhere(repository):
                    # Due for the others now, and here again in a minute, should none of them be left.
                    ago = LEFT_TO_OTHERS - timedelta(minutes=1)
                    same = Repository.objects.filter(pk=repository.pk)
                    same.update(polled_at=timezone.now() - ago)
                    continue
                request = self._threads.submit(_list_tips, credentials_of(repository))
                self._running[request] = repository
            if len(claimed) < min(step, free):
                return

    def handle(self, seconds: float) -> None:
        """Handle the answers that have arrived. If there is none, wait for one for so many seconds."""
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        for request in done:
            _handle(self._running.pop(request), request)

    def _busy_servers(self) -> list[str]:
        """Return patterns for the addresses of servers with so many requests that others need the rest."""
        servers = Counter(_server(repository.url) for repository in self._running.values())
        most = max(settings.POLL_CONCURRENCY * 3 // 4, 1)
        return [f"{server}%" for server, number in servers.items() if server and number >= most]


_requests = Requests()


def poll(is_urgent: Callable[[], bool] = lambda: False) -> None:
    """Poll the repositories that are due, for at most `SLICE` seconds or until something urgent is waiting.

    Any number of processes may do this concurrently. What has not been answered by then is handled by the
    next poll of this process, so a server that doesn't answer delays nobody.
    """
    until = time.monotonic() + SLICE
    while True:
        _requests.handle(0)
        _requests.begin()
        if not _requests.running:
            return
        if time.monotonic() > until or is_urgent():
            return
        _requests.handle(CHECK_EVERY)


def _claim(limit: int, busy: Collection[str] = ()) -> list[Repository]:
    """Claim repositories that are due, in one statement. `busy` are patterns of addresses to leave out."""
    values: dict[str, Any] = {
        "busy": list(busy),
        "skew": CLOCK_SKEW.total_seconds(),
        "usual": EVERY.total_seconds(),
        "with_hook": EVERY_WITH_HOOK.total_seconds(),
        "longest": LONGEST.total_seconds(),
        "limit": limit,
        "machine": settings.MACHINE_NAME,
        "elsewhere": LEFT_TO_OTHERS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        claimed = [pk for (pk,) in cursor.fetchall()]
    if not claimed:
        return []
    rows = Repository.objects.filter(pk__in=claimed).select_related("head", "plan")
    return list(rows.defer("plan__text", "plan__counted", "plan__suites"))


def _server(url: str) -> str:
    """Return the part of an address that names its server, or an empty string for a folder."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else url.partition(":")[0].partition("/")[0]


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


def _list_tips(credentials: Credentials) -> Listing:
    folders.require_permitted(credentials.repository)
    with credentials.used() as access:
        return list_tips(credentials.repository.url, access)


def _is_awaited(repository: Repository, sha: str) -> bool:
    """Return true if an update would find nothing to do: it is on its way to the first commit, or has found
    no valid plan at this tip. A plan that is activated requests an update itself.
    """
    if repository.poll_failures and repository.trouble:
        return False
    if repository.trouble_kind in {Kind.NO_PLAN, Kind.PLAN} and repository.unplanned == unplanned_mark(sha):
        return True
    return repository.head is None and jobs.pending_of(repository).filter(kind="update").exists()


def _handle(repository: Repository, request: "Future[Listing]") -> None:
    """Compare the answer of a repository's server with the records."""
    same = Repository.objects.filter(pk=repository.pk)
    try:
        listing = request.result()
        branch = mirror.find_successor(repository, listing) or repository.branch
        _, sha = remote_branches.choose(repository.url, listing, branch)
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
    if _is_awaited(repository, sha):
        return
    is_dated = repository.plan is not None and engine_upgrade.is_dated(repository.plan)
    if is_dated:
        engine_upgrade.reserve(repository)
    if (
        is_dated
        or repository.head is None
        or repository.head.sha != sha
        or repository.branch != branch
        or repository.tags_digest != tags.digest(tags.named(listing.refs))
        or (repository.poll_failures and repository.trouble)
    ):
        queue = Queue.SCANS if is_dated else None  # it reads the whole tree again
        cause = f"poll: {sha[:10]}"
        jobs.enqueue("update", repository, priority=Priority.NORMAL, cause=cause, queue=queue)
