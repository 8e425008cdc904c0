"""Stores the forge's state of pull requests. Older data never overwrites newer data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from compliance import jobs
from compliance.events import check_requested, pull_request_left
from compliance.integrations.origin import not_ahead
from compliance.lib.field_types import SHORTEST_SHA, one_line
from compliance.models import CheckFinding, Job, PullRequest, PullRequestCheck, Repository

_SHOWN = 255
"""Maximum number of characters of a branch's name in the outcome of a webhook."""

LISTED = "listed"
"""The key of the job that judges the heads without a verdict, which are known from a list."""

AFTER_ERROR = timedelta(hours=1)
"""Time after which a head that could not be judged is judged again if the forge reports it again."""

_ORDER = ("open", "closed", "merged")
"""The states in the order in which a pull request reaches them. The order decides between updates with the
same time, because forges' times have a resolution of one second.
"""


@dataclass(frozen=True, slots=True)
class PullNews:
    """A pull request's state in the forge at `updated_at`. `state` is open, closed or merged.

    `head` is the SHA of its newest commit, and `base` its target branch. `reopened` is true if it had been
    closed before, `retargeted` if its target branch has just changed, and `to_default` if it targets the
    forge's default branch. `author` is empty if the delivery doesn't say who that is.

    `source` is the branch that it merges, and `source_url` the address for clones of the fork that has it, or
    empty. `head_ref` is the full name of the ref under which the head can be fetched: from the repository, or
    from the fork if it is a branch.
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
    retargeted: bool = False
    to_default: bool = False
    source: str = ""
    source_url: str = ""
    head_ref: str = ""
    draft: bool = False


def hear(repository: Repository, news: PullNews, *, is_listed: bool = False) -> tuple[Job | None, str]:
    """Store the state unless newer data is already stored. Return the job that judges its head, and the
    outcome as text. One job judges all heads that are known from a list.

    If the pull request now targets another branch, it is recorded as closed, because it no longer changes the
    tracked one. If that branch is the forge's default branch, it is recorded even if it wasn't known before:
    the tracked branch may have been renamed, which this repository follows later.
    """
    elsewhere = bool(repository.branch) and news.base != repository.branch
    state = "closed" if elsewhere else news.state
    bases = one_line(news.base, _SHOWN), one_line(repository.branch, _SHOWN)
    about = "Pull request #{} targets {}, but the tracked branch is {}.".format(news.number, *bases)
    known = PullRequest.objects.filter(repository=repository, number=news.number)
    if elsewhere and not news.to_default and not known.exists():
        return None, about
    with transaction.atomic():
        is_judged = _store(repository, news, state)
        if is_judged is None:
            return None, f"Newer information has already been recorded for pull request #{news.number}."
        if state != "open":
            _withdraw(repository, news.number)
        if elsewhere:
            if news.state == "open":
                _announce_left(repository, news.number)
            return None, about
        if state != "open" or is_judged:
            return None, f"Pull request #{news.number} is {state}."
        cause = f"pull request #{news.number}"
        row = PullRequest.objects.get(repository=repository, number=news.number)
        is_new = not row.checks.filter(has_verdict(), head_sha=row.head_sha).exists()
        if is_listed and is_new:
            job = jobs.enqueue("recheck", repository, key=LISTED, cause="pull requests listed")
        else:
            urgent = jobs.Priority.HIGH
            job = jobs.enqueue("pull", repository, key=str(news.number), cause=cause, priority=urgent)
        _expect(row, cause)
    return job, f"Job reads what {cause} changes."


def _withdraw(repository: Repository, number: int) -> None:
    """Let a job delete what other pull requests report about one that was closed or merged."""
    reported = CheckFinding.objects.filter(in_other=True, other__repository=repository)
    if reported.filter(other__number=number).exists():
        jobs.enqueue("pull", repository, key=str(number), cause=f"pull request #{number} has ended")


def _announce_left(repository: Repository, number: int) -> None:
    pull = PullRequest.objects.get(repository=repository, number=number)
    pull_request_left.send(repository, pull=pull)


def _expect(row: PullRequest, cause: str) -> None:
    """Announce the check of a head. Bitbucket Cloud reports only the first digits of the head's SHA, so its
    check is created by the job.
    """
    if len(row.head_sha) < SHORTEST_SHA:
        return
    values = {"repository": row.repository, "cause": cause}
    check, _ = PullRequestCheck.objects.get_or_create(
        pull_request=row, head_sha=row.head_sha, defaults=values
    )
    check_requested.send(row.repository, check=check)


def _store(repository: Repository, news: PullNews, state: str) -> bool | None:
    """Store the state. Return true if this head has already been judged for this target, or None if the data
    is outdated.
    """
    at = not_ahead(news.updated_at)
    values = {
        "title": news.title,
        "url": news.url,
        "author": news.author,
        "state": state,
        "base": news.base,
        "forge_state": news.state,
        "head_sha": news.head,
        "source": news.source,
        "source_url": news.source_url,
        "head_ref": news.head_ref,
        "draft": news.draft,
        "updated_at": at,
    }
    # If two deliveries arrive at the same time, the row lock makes the second one wait, and then compare its
    # data with what the first one stored.
    row, new = PullRequest.objects.select_for_update().get_or_create(
        repository=repository, number=news.number, defaults=values
    )
    if new:
        return False
    if not _is_newer(row, news, at):
        if news.author and not row.author:
            PullRequest.objects.filter(pk=row.pk).update(author=news.author)
        return None
    if row.head_sha.startswith(news.head):  # Bitbucket Cloud reports the first digits
        values["head_sha"] = row.head_sha
    values["author"] = news.author or row.author
    PullRequest.objects.filter(pk=row.pk).update(**values)
    is_same = row.state == state and row.base in {"", news.base} and row.head_sha == values["head_sha"]
    return is_same and row.checks.filter(has_verdict(), head_sha=row.head_sha).exists()


def has_verdict() -> Q:
    """Return the condition for checks that needn't be judged again. One with an error is tried again later:
    the fork could be readable by then.
    """
    state = PullRequestCheck.State
    failed = Q(state=state.ERROR, judged_at__gt=Now() - AFTER_ERROR)
    return failed | Q(state__in=(state.PASSED, state.FAILED))


def _is_newer(known: PullRequest, news: PullNews, at: datetime) -> bool:
    """Return true if the data may replace what is stored. Within the same second, the later state takes
    precedence, and a target branch changes only if the forge says that it has.
    """
    if known.updated_at != at:
        return known.updated_at < at
    if news.reopened:
        return True
    before, after = _ORDER.index(known.forge_state or known.state), _ORDER.index(news.state)
    is_moved = known.base not in {"", news.base}
    return after > before or (after == before and (news.retargeted or not is_moved))
