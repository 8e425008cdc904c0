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

    The forge's own state is stored with each. Jobs judge those that are open from now on: their comments say
    that they target another branch, and a newer head has not been judged.
    """
    rows = PullRequest.objects.filter(repository=repository).exclude(base="")
    opened = rows.filter(base=branch, forge_state="open").exclude(state="open")
    numbers = set(opened.values_list("number", flat=True))
    rows.update(state=Case(When(base=branch, then=F("forge_state")), default=Value("closed")))
    numbers |= set(rows.filter(state="open", files=None).values_list("number", flat=True))
    for number in sorted(numbers):
        cause = f"pull request #{number}: {branch} is tracked"
        jobs.enqueue("pull", repository, key=str(number), cause=cause)
