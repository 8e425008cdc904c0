"""Keeps the recorded pull requests in step with the tracked branch when that branch is replaced."""

from django.db.models import Case, F, Value, When

from compliance import jobs
from compliance.models import PullRequest, Repository


def retarget(repository: Repository, former: str, branch: str) -> None:
    """Let the pull requests to a renamed branch be those to its new name, as the forge does."""
    PullRequest.objects.filter(repository=repository, base=former).update(base=branch)
    follow(repository, branch)


def follow(repository: Repository, branch: str) -> None:
    """Open the pull requests to the branch that is tracked from now on, and close those to other branches.

    The forge's own state is stored with each, and a job reads the files of those that are now open.
    """
    rows = PullRequest.objects.filter(repository=repository).exclude(base="")
    rows.update(state=Case(When(base=branch, then=F("forge_state")), default=Value("closed")))
    for number in rows.filter(state="open", files=None).values_list("number", flat=True):
        cause = f"pull request #{number}: {branch} is tracked"
        jobs.enqueue("pull", repository, key=str(number), cause=cause)
