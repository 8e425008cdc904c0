"""Pull requests: what their forge says of them, never going back behind something newer."""

from dataclasses import dataclass
from datetime import datetime

from compliance import jobs
from compliance.models import Job, PullRequest, Repository


@dataclass(frozen=True, slots=True)
class PullNews:
    """What a forge says of one pull request at `updated_at`; `state` is open, closed or merged.

    `head` is the SHA of its newest commit, `base` the branch that it wants to go to.
    """

    number: int
    title: str
    url: str
    author: str
    state: str
    head: str
    base: str
    updated_at: datetime


def hear(repository: Repository, news: PullNews) -> tuple[Job | None, str]:
    """Keep what is said, unless something newer is known; the job that reads its files, and words."""
    if repository.branch and news.base != repository.branch:
        return None, f"Pull request #{news.number} goes to {news.base}; {repository.branch} is tracked."
    known = PullRequest.objects.filter(repository=repository, number=news.number).first()
    if known and known.updated_at > news.updated_at:
        return None, f"Something newer is known of pull request #{news.number}."
    PullRequest.objects.update_or_create(
        repository=repository,
        number=news.number,
        defaults={
            "title": news.title,
            "url": news.url[:1000],
            "author": news.author[:200],
            "state": news.state,
            "head_sha": news.head,
            "updated_at": news.updated_at,
        },
    )
    if news.state != "open" or (known and known.head_sha == news.head and known.files.exists()):
        return None, f"Pull request #{news.number} is {news.state}."
    cause = f"pull request #{news.number}"
    return jobs.enqueue(
        "pull", repository, key=str(news.number), cause=cause
    ), f"Job reads what {cause} changes."
