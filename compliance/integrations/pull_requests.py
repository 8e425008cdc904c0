"""Pull requests: their state in the forge, never overwritten by older data."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance import jobs
from compliance.integrations.origin import not_ahead
from compliance.models import Job, PullRequest, Repository

_ORDER = ("open", "closed", "merged")
"""The states in the order in which a pull request has them: a forge's times have whole seconds."""


@dataclass(frozen=True, slots=True)
class PullNews:
    """The forge's state of one pull request at `updated_at`; `state` is open, closed or merged.

    `head` is the SHA of its newest commit, `base` its target branch; `reopened` says that it was closed
    before.
    """

    number: int
    title: str
    url: str
    author: str
    state: str
    head: str
    base: str
    updated_at: datetime
    reopened: bool = False


def hear(repository: Repository, news: PullNews) -> tuple[Job | None, str]:
    """Store the state unless something newer is known; return the job that reads its files, and the
    outcome in words.

    A pull request that turns to another branch is closed here: it will change nothing of the tracked one.
    """
    elsewhere = bool(repository.branch) and news.base != repository.branch
    state = "closed" if elsewhere else news.state
    about = f"Pull request #{news.number} targets {news.base}; {repository.branch} is tracked."
    known = PullRequest.objects.filter(repository=repository, number=news.number)
    if elsewhere and not known.exists():
        return None, about
    with transaction.atomic():
        read = _store(repository, news, state)
    if read is None:
        return None, f"Newer information is recorded for pull request #{news.number}."
    if elsewhere:
        return None, about
    if state != "open" or read:
        return None, f"Pull request #{news.number} is {state}."
    cause = f"pull request #{news.number}"
    return jobs.enqueue(
        "pull", repository, key=str(news.number), cause=cause
    ), f"Job reads what {cause} changes."


def _store(repository: Repository, news: PullNews, state: str) -> bool | None:
    """Store the state; return whether the files of this head are known, or None for news that is older."""
    at = not_ahead(news.updated_at)
    values = {
        "title": news.title,
        "url": news.url,
        "author": news.author,
        "state": state,
        "head_sha": news.head,
        "updated_at": at,
    }
    # Of two deliveries that arrive together, the row's lock makes one wait and judge what the other wrote.
    row, new = PullRequest.objects.select_for_update().get_or_create(
        repository=repository, number=news.number, defaults=values
    )
    if new:
        return False
    if not _is_newer(row, state, at, reopened=news.reopened):
        return None
    read = row.head_sha == news.head and row.files.exists()
    PullRequest.objects.filter(pk=row.pk).update(**values)
    return read


def _is_newer(known: PullRequest, state: str, at: datetime, *, reopened: bool) -> bool:
    """Return whether news may replace what is known; within one second, the state that comes later counts."""
    if known.updated_at != at:
        return known.updated_at < at
    return reopened or _ORDER.index(state) >= _ORDER.index(known.state)
