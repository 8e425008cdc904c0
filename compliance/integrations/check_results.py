"""Stores the results of CI systems. Older data never overwrites newer data."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance.integrations.origin import not_ahead
from compliance.integrations.outbound import STATUS_PREFIX
from compliance.lib.field_types import one_line
from compliance.models import Attachment, CheckResult, Repository

State = CheckResult.State
MOST_CHECKS = 50
"""Maximum number of checks that are stored for a commit."""


@dataclass(frozen=True, slots=True)
class CheckNews:
    """The state of one check of a commit at `updated_at`. `key` stays the same if this check runs again.
    `app` is the id of the GitHub App that made it, if there is one.
    """

    sha: str
    key: str
    name: str
    state: State
    url: str
    updated_at: datetime
    app: str = ""


def hear(repository: Repository, news: CheckNews) -> str:
    """Store a check's state unless newer data is already stored, and return the outcome as text. What the
    product itself has published isn't stored.

    Within the same second, a result takes precedence over the message that the check is running.
    """
    at = not_ahead(news.updated_at)
    name = one_line(news.name, 200)
    if _is_own(repository, news):
        return f"{name} is set by this product, and not a result of a CI system."
    what = f"{name} {news.state.label} for {news.sha[:10]}"
    rows = CheckResult.objects.filter(repository=repository, sha=news.sha)
    values = {"name": name, "state": news.state, "url": news.url, "updated_at": at}
    with transaction.atomic(savepoint=False):
        known = rows.select_for_update().filter(key=news.key[:200]).first()
        if known is None:
            if rows.count() >= MOST_CHECKS:
                return f"The commit {news.sha[:10]} already has {MOST_CHECKS} checks. {name} is not stored."
            CheckResult.objects.update_or_create(
                repository=repository, sha=news.sha, key=news.key[:200], defaults=values
            )
        elif (known.updated_at, known.state != State.PENDING) > (at, news.state != State.PENDING):
            return f"Newer information has already been recorded for {name}."
        else:
            rows.filter(pk=known.pk).update(**values)
    return f"CI: {what}."


def _is_own(repository: Repository, news: CheckNews) -> bool:
    """Return true if the product has set a status, also for another tracked entry of the same address."""
    if news.name.startswith(STATUS_PREFIX):
        return True
    apps = Attachment.objects.filter(repository=repository, kind=Attachment.Kind.FORGE)
    return bool(news.app) and apps.filter(connection__app_id=news.app).exists()
