"""Lists the open pull requests at forges, so that heads are known without webhooks, and after an outage.

A repository's list is read when its forge is attached, every five minutes after that, and every hour while
webhooks report its pushes.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol, cast

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance.integrations import pull_requests
from compliance.integrations.api import ApiError
from compliance.integrations.apis import APIS
from compliance.integrations.forges import PROVIDERS
from compliance.integrations.provider import PayloadError
from compliance.lib.field_types import storable
from compliance.models import Attachment, Connection, PullRequest, Repository

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
EVERY_WITH_HOOK = timedelta(hours=1)
HOOKED = timedelta(days=1)
"""Time within which a webhook must have reported a push for webhooks to count as working."""

SLICE = 20.0
"""Seconds after which a run leaves the remaining lists to the next one."""

MOST = 1000
"""Maximum number of open pull requests that are read. The rest is known through webhooks only."""

_LONGEST_PROBLEM = 1000


class ListsPullRequests(Protocol):
    """What a module in `apis` offers for lists, if its provider is a forge."""

    def list_pull_requests(self, found: Connection, project: str, branch: str) -> Iterable[Mapping[str, Any]]:
        """Return the open pull requests to a branch, or to any, as JSON objects. Raises `ApiError`."""
        ...


class ReadsLists(Protocol):
    """What a module in `forges` offers for lists."""

    def read_listed(self, entry: Mapping[str, Any], project: str) -> pull_requests.PullNews | None:
        """Return an entry of a list, or None if it has no head. Raises `PayloadError`."""
        ...


def refresh_due() -> None:
    """Read the lists that are due. Several processes may do this at once; each list is read by one."""
    until = time.monotonic() + SLICE
    while time.monotonic() < until and (row := _claim()) is not None:
        refresh(row)


def request(repository: Repository) -> None:
    """Let a repository's list be read soon."""
    Repository.objects.filter(pk=repository.pk).update(pulls_listed_at=None)


def refresh(row: Attachment) -> bool:
    """Read the open pull requests to a repository's tracked branch, and store what is new. Those that were
    open before and aren't any more are closed. Return False if the forge can't be asked.
    """
    repository, found = row.repository, row.connection
    opened = PullRequest.objects.filter(repository=repository, state="open")
    before = set(opened.values_list("pk", flat=True))
    listed: set[int] = set()
    try:
        for news in _news(row):
            pull_requests.hear(repository, news, is_listed=True)
            listed.add(news.number)
    except (ApiError, PayloadError) as error:
        log.warning("The pull requests of %s can't be listed: %s", repository.slug, error)
        words = storable(str(error))[:_LONGEST_PROBLEM]
        Connection.objects.filter(pk=found.pk).update(last_failure_at=Now(), last_failure=words)
        return False
    Connection.objects.filter(pk=found.pk).update(last_success_at=Now())
    rows = PullRequest.objects.filter(repository=repository)
    rows.filter(number__in=listed).update(listed_at=Now())
    if len(listed) < MOST:
        # Webhooks say later if they were closed or merged: the forge's own state stays as it was reported.
        rows.filter(pk__in=before, state="open").exclude(number__in=listed).update(state="closed")
    else:
        log.warning("%s has more than %d open pull requests; the rest isn't listed", repository.slug, MOST)
    return True


def _news(row: Attachment) -> Iterator[pull_requests.PullNews]:
    """Yield the open pull requests to the tracked branch."""
    provider = row.connection.provider
    api, forge = cast("ListsPullRequests", APIS[provider]), cast("ReadsLists", PROVIDERS[provider])
    entries = api.list_pull_requests(row.connection, row.project, row.repository.branch)
    number = 0
    for entry in entries:
        news = forge.read_listed(entry, row.project)
        if news is None or news.base != row.repository.branch:
            continue
        yield news
        number += 1
        if number == MOST:
            return


def _claim() -> Attachment | None:
    """Claim the list that has been due the longest."""
    now = timezone.now()
    is_hooked = Q(hooked_at__gt=now - HOOKED, pulls_listed_at__gt=now - EVERY_WITH_HOOK)
    is_due = Q(pulls_listed_at=None) | (Q(pulls_listed_at__lt=now - EVERY) & ~is_hooked)
    forges = Attachment.objects.filter(kind=Attachment.Kind.FORGE)
    with transaction.atomic():
        chosen = Repository.objects.tracked().filter(is_due, attachments__in=forges).exclude(branch="")
        chosen = chosen.select_for_update(skip_locked=True, no_key=True, of=("self",))
        found = chosen.order_by(F("pulls_listed_at").asc(nulls_first=True)).first()
        if found is None:
            return None
        Repository.objects.filter(pk=found.pk).update(pulls_listed_at=Now())
    rows = forges.filter(repository=found).select_related("repository", "connection")
    return rows.first()
