"""Stores the groups that a forge's merge queue makes of pull requests, which need a verdict before they are
merged.
"""

from compliance import jobs
from compliance.events import check_requested
from compliance.integrations.provider import MergeGroup
from compliance.lib.field_types import one_line
from compliance.models import Job, PullRequestCheck, Repository

_SHOWN = 255
"""Maximum number of characters of a branch's name in the outcome of a webhook."""


def hear(repository: Repository, group: MergeGroup) -> tuple[Job | None, str]:
    """Request the judgement of a group's head, or forget a group that has left the queue before it was
    judged. Return the job, and the outcome as text.
    """
    branch = one_line(group.base, _SHOWN)
    if group.base != repository.branch:
        tracked = one_line(repository.branch, _SHOWN)
        return None, f"The merge queue is that of {branch}, but the tracked branch is {tracked}."
    known = PullRequestCheck.objects.filter(
        repository=repository, pull_request=None, merge_group=group.ref, head_sha=group.head
    )
    if group.is_gone:
        known.filter(state=PullRequestCheck.State.PENDING).delete()
        return None, "The merge group has left the merge queue."
    cause = f"merge queue of {branch}"
    check = known.first() or PullRequestCheck.objects.create(
        repository=repository,
        merge_group=group.ref,
        head_sha=group.head,
        target_sha=group.base_sha,
        cause=cause,
    )
    check_requested.send(repository, check=check)
    job = request(check, cause)
    return job, f"Checks are requested for {group.head[:10]}, which the merge queue of {branch} has made."


def request(check: PullRequestCheck, cause: str) -> Job:
    """Queue the judgement of a group's head, for which the merge queue waits."""
    urgent = jobs.Priority.HIGH
    return jobs.enqueue("group", check.repository, key=check.head_sha, cause=cause, priority=urgent)
