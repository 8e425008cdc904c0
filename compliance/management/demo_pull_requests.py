"""Reports the demonstration's pull requests as a forge does, once its history has been recorded."""

import subprocess
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from compliance.integrations.pull_requests import PullNews, hear
from compliance.management.demo.evidence import AFTER
from compliance.management.demo.history import WEEK, commits
from compliance.management.demo.pull_requests import DemoPullRequest, pull_requests
from compliance.models import CheckResult, PullRequest, Repository

FORGE = "https://github.com/example/netra/pull"


def furnish(repository: Repository) -> bool:
    """Record the pull requests and request their verdicts. Return false if this was already done, or if the
    repository was generated without them.
    """
    heads = _heads(repository)
    if not heads or PullRequest.objects.filter(repository=repository).exists():
        return False
    newest = commits(0)[-1]
    tip = repository.commits.get(subject=newest.subject, position__isnull=False)
    with transaction.atomic():
        for pull in pull_requests((tip.committed_at - newest.at) // WEEK):
            if pull.ref in heads:
                _record(repository, pull, heads[pull.ref])
    return True


def _record(repository: Repository, pull: DemoPullRequest, head: str) -> None:
    news = PullNews(
        number=pull.number,
        title=pull.title,
        url=f"{FORGE}/{pull.number}",
        author=pull.handle,
        state=pull.state,
        head=head,
        base=repository.branch,
        updated_at=pull.updated_at,
        source=pull.source,
        head_ref=pull.ref,
        draft=pull.is_draft,
    )
    hear(repository, news)
    for name, state in pull.ci.items():
        values = {"name": name, "state": state, "updated_at": _when(pull)}
        CheckResult.objects.create(repository=repository, sha=head, key=name, **values)


def _when(pull: DemoPullRequest) -> datetime:
    """Return the time at which the CI run of a head ended, which is never in the future."""
    return min(pull.updated_at + AFTER, timezone.now())


def _heads(repository: Repository) -> dict[str, str]:
    """Return the commits of the references that a forge offers for pull requests."""
    command = ["git", "for-each-ref", "--format=%(refname) %(objectname)", "refs/pull"]

    listed = subprocess.run(command, cwd=repository.url, capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in listed.splitlines())
