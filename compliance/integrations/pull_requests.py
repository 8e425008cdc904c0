"""Pull requests: their state in the forge, never overwritten by older data."""

from dataclasses import dataclass
from datetime import datetime

from compliance import jobs
from compliance.models import Job, PullRequest, Repository


@dataclass(frozen=True, slots=True)
class PullNews:
    """The forge's state of one pull request at `updated_at`; `state` is open, closed or merged.

    `head` is the SHA of its newest commit, `base` its target branch.
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
    """Store the state unless newer data is stored; return the job that reads its files, and the outcome as
    text.
    """
    if repository.branch and news.base != repository.branch:
        return None, f"Pull request #{news.number} targets {news.base}; {repository.branch} is tracked."
    known = PullRequest.objects.filter(repository=repository, number=news.number).first()
    if known and known.updated_at > news.updated_at:
        return None, f"Newer information is recorded for pull request #{news.number}."
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
