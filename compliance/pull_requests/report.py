"""Publishes checks at the forge: a status for each head, and one comment on each pull request.

Both are items of the outbox. What they say is built from the current records when they are sent, so a status
always has the newest verdict on its commit, and the comment that on the newest head.
"""

from dataclasses import replace
from functools import partial, reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.urls import reverse

from compliance.integrations import publishing
from compliance.integrations.delivery import NotNeededError
from compliance.integrations.outbound import STATUS_PREFIX, Comment, Content, Status, StatusState
from compliance.lib.addresses import public_address
from compliance.lib.field_types import SHORTEST_SHA
from compliance.lib.markdown import plain
from compliance.models import OF_NEWEST_HEAD, OutboxItem, PullRequest, PullRequestCheck, Repository
from compliance.pull_requests.comment import (
    Links,
    is_reportable,
    write_comment,
    write_departure,
    write_silence,
    write_summary,
)
from compliance.pull_requests.policy import policy_of
from compliance.pull_requests.status_line import ELSEWHERE, STATES, annotations, describe
from compliance.pull_requests.verdict import Policy

State = PullRequestCheck.State

_WORST_FIRST = (State.ERROR, State.FAILED, State.PENDING, State.PASSED)
_COUNTS = ("new", "suppressed", "moved_out", "restored", "together", "blocking")
_REPORTED = reduce(or_, (Q((f"{name}__gt", 0)) for name in _COUNTS))
_OFF = "This repository's policy for pull requests is off"


def status_name(repository: Repository) -> str:
    """Return the name of a repository's status. It differs between two repositories with the same address."""
    return f"{STATUS_PREFIX}{repository.slug}"


def publish_pending(check: PullRequestCheck) -> None:
    """Publish that a head is going to be judged."""
    if not policy_of(check.repository).is_off:
        _request_status(check)


def publish(check: PullRequestCheck) -> None:
    """Publish a verdict. Call this in the transaction that stores it.

    While the policy is off, nothing new is published, but what was published before is updated: the status
    changes to success, because the forge may require it, and the comment says that it is out of date.
    """
    policy = policy_of(check.repository)
    if not policy.is_off or _items(check.repository, publishing.STATUS, check.head_sha).exists():
        _request_status(check)
    _publish_comment(check, policy)


def publish_patches(check: PullRequestCheck, *, are_all: bool) -> None:
    """Publish a comment, which shows patches. If these are all patches, publish a check run with them, too:
    GitHub can't change its annotations, so that is a new one.
    """
    policy = policy_of(check.repository)
    _publish_comment(check, policy)
    if are_all and not policy.is_off and publishing.shows_lines(check.repository):
        _request_status(check)


def _publish_comment(check: PullRequestCheck, policy: Policy) -> None:
    pull = check.pull_request
    if pull and _is_commented(check, pull, policy):
        publishing.publish_comment(check.repository, pull.number, Comment(""))


def publish_left(pull: PullRequest) -> None:
    """Let the comment on a pull request, if there is one, say that it targets another branch now."""
    if _items(pull.repository, publishing.COMMENT, str(pull.number)).exists():
        publishing.publish_comment(pull.repository, pull.number, Comment(""))


def _request_status(check: PullRequestCheck) -> None:
    """Request the status of a head, unless only the first digits of its SHA are known."""
    if len(check.head_sha) < SHORTEST_SHA:
        return
    publishing.publish_status(check.repository, _status(check))


def _status(check: PullRequestCheck) -> Status:
    """Return the status of a check's head, without a verdict."""
    status = Status(check.head_sha, status_name(check.repository), StatusState.PENDING, "", _page_of(check))
    pull = check.pull_request
    return replace(status, ref=pull.source, pull=str(pull.number)) if pull else status


def _is_commented(check: PullRequestCheck, pull: PullRequest, policy: Policy) -> bool:
    """Return true if there is something to report, or may be a comment that reports something."""
    if _items(check.repository, publishing.COMMENT, str(pull.number)).exists():
        return True
    if not _wants_comments(policy):
        return False
    if is_reportable(check, policy):
        return True
    others = pull.checks.exclude(pk=check.pk)
    return others.filter(_REPORTED).exists()


def _wants_comments(policy: Policy) -> bool:
    return policy.comments and not policy.is_off


def _items(repository: Repository, kind: str, target: str) -> QuerySet[OutboxItem]:
    return OutboxItem.objects.filter(repository=repository, kind=kind, target=target)


def write_status(item: OutboxItem) -> Content:
    """Return the status of a commit from the newest verdict on it.

    If several pull requests have the same head, the worst verdict counts.

    Raises:
        NotNeededError: if no open pull request has this head any more.
    """
    repository = item.repository
    if repository is None or item.key != f"{publishing.STATUS} {status_name(repository)}":
        return publishing.stored_content(item)
    found = PullRequestCheck.objects.filter(repository=repository, head_sha=item.target)
    found = found.filter(Q(pull_request=None) | Q(pull_request__state="open"))
    checks = list(found.select_related("pull_request", "repository", "overridden_by"))
    if not checks:
        raise NotNeededError("No open pull request to the tracked branch has this commit.")
    check = min(checks, key=lambda one: (not _is_current(one), _WORST_FIRST.index(State(one.state))))
    policy, status = policy_of(repository), _status(check)
    if policy.is_off:
        return replace(status, state=StatusState.SUCCESS, description=_OFF)
    status = replace(status, state=STATES[State(check.state)], description=plain(describe(check, policy)))
    if check.state == State.PENDING:
        return status
    summary = write_summary(check, policy, _links(check))
    return replace(status, summary=summary, annotations=annotations(check, policy))


def _is_current(check: PullRequestCheck) -> bool:
    """Return true if a check is of the newest head of its pull request."""
    return check.pull_request is None or check.pull_request.head_sha == check.head_sha


def write_pull_comment(item: OutboxItem) -> Content:
    """Return the comment on a pull request from the verdict on its newest head. It is created only if there
    is something to report.

    Raises:
        NotNeededError: if no head has been judged.
    """
    if item.key != f"{publishing.COMMENT} pull request":
        return publishing.stored_content(item)
    found = PullRequestCheck.objects.filter(repository=item.repository, pull_request__number=item.target)
    found = found.exclude(state=State.PENDING).select_related("pull_request", "repository", "overridden_by")
    # If a branch was reset to an earlier commit, its newest head isn't the last row.
    check = found.filter(OF_NEWEST_HEAD).first() or found.first()
    if check is None or check.pull_request is None:
        raise NotNeededError("No head of this pull request has been judged.")
    policy = policy_of(check.repository)
    if not _wants_comments(policy):
        return Comment(write_silence(check, policy, _links(check)), create=False)
    if check.pull_request.state == "closed" and check.pull_request.forge_state == "open":
        return Comment(write_departure(check), create=False)
    # After its merge, a pull request's author must still learn what it causes in others.
    is_wanted = check.pull_request.state == "open" or check.findings.filter(ELSEWHERE).exists()
    return Comment(
        write_comment(check, policy, _links(check)), create=is_wanted and is_reportable(check, policy)
    )


def _links(check: PullRequestCheck) -> Links:
    pull = check.pull_request
    line = publishing.line_urls(check.repository, check.head_sha)
    if pull and pull.source_url and publishing.provider_of(check.repository) == "bitbucket":
        line = None  # Bitbucket Cloud shows a fork's commits in the fork alone
    slug = check.repository.slug
    return Links(_page_of(check), partial(_address, slug), line)


def _page_of(check: PullRequestCheck) -> str:
    pull = check.pull_request
    return _address(check.repository.slug, pull.number if pull else None)


def _address(slug: str, number: int | None) -> str:
    """Return the address of the page of a pull request, or of the list."""
    path = f"{reverse('overview', args=[slug])}pull-requests/"
    return public_address(f"{path}{number}/" if number else path)
